
namespace StorageOperator.DevCluster.Faults;

/// <summary>What a fault asks of the code that answers a request.</summary>
internal sealed record FaultFeature(long? StaleRevision);

/// <summary>Reads a request's fault.</summary>
internal static class FaultContext
{
    /// <summary>The revision that reads of this request shall be served from, or null for the present one.</summary>
    public static long? StaleRevision(this HttpContext http) => http.Features.Get<FaultFeature>()?.StaleRevision;
}
