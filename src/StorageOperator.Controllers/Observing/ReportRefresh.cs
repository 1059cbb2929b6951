using StorageOperator.Model;
using StorageOperator.Planning.Cluster;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Controllers.Observing;

/// <summary>
/// Keeps what waiting claims say about volumes up to date: a while after volumes have changed, some waiting claims are looked at again,
/// and those whose report reads differently tell so. Bounded, so that ten thousand waiting claims do not write ten thousand events for
/// every volume that comes and goes; a claim that a volume fits is woken at once by the volume itself, not by this.
/// </summary>
internal sealed class ReportRefresh(EntityQueue<ClaimEntry> claims)
{
    private const int MostClaims = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public void After(ClusterState state)
    {
        foreach (var claim in state.Claims.Waiting.Take(MostClaims))
        {
            claims(claim.Key, QueuePriority.Resync, Pause);
        }
    }
}
