using StorageOperator.Model;
using StorageOperator.Planning.Cluster;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Controllers.Observing;

/// <summary>
/// Keeps what waiting claims say about volumes up to date: a while after volumes have changed, some waiting claims are looked at again,
/// and those whose report reads differently tell so. Bounded, so that ten thousand waiting claims do not write ten thousand events for
/// every volume that comes and goes; a claim that a volume fits is woken at once by the volume itself, not by this.
/// </summary>
internal sealed class ReportRefresh : IDisposable
{
    private const int MostClaims = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate;
    private readonly ClusterState _state;
    private readonly EntityQueue<ClaimEntry> _claims;
    private readonly ITimer _timer;
    private bool _isDue;
    private int _seen;

    /// <summary>Makes a refresh that looks at the state under its gate.</summary>
    public ReportRefresh(Lock gate, ClusterState state, EntityQueue<ClaimEntry> claims, TimeProvider time)
    {
        (_gate, _state, _claims) = (gate, state, claims);
        _timer = time.CreateTimer(_ => Refresh(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Notes that a volume has changed; called under the gate.</summary>
    public void VolumesChanged()
    {
        if (!_isDue)
        {
            _isDue = true;
            _timer.Change(Pause, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Refresh()
    {
        ObjectKey[] waiting;
        lock (_gate)
        {
            _isDue = false;
            waiting = [.. _state.Claims.Waiting.Skip(_seen).Take(MostClaims).Select(claim => claim.Key)];
            if (waiting.Length < MostClaims)
            {
                _seen = 0;
            }
            else
            {
                _seen += MostClaims;
                VolumesChanged();
            }
        }

        foreach (var claim in waiting)
        {
            _claims(claim, QueuePriority.Resync);
        }
    }
}
