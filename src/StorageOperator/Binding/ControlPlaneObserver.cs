using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Rbac;

namespace StorageOperator.Binding;

/// <summary>Looks for a kube-controller-manager that is alive.</summary>
[EntityRbac(nameof(ResourceTypes.Pod), Verbs = RbacVerb.List, Why = "which pods run kube-controller-manager, and with which controllers")]
[GenericRbac(
    Groups = ["coordination.k8s.io"], Resources = ["leases"], ResourceNames = ["kube-controller-manager"], Verbs = RbacVerb.Get,
    Why = "whether a kube-controller-manager is alive")]
internal sealed class ControlPlaneObserver(IApiClient api, TimeProvider time)
{
    private static readonly ObjectKey LeaseKey = new("kube-system", "kube-controller-manager");

    /// <summary>
    /// Renewal times come from another machine's clock. One within this distance of ours counts as alive at once; an older one is only
    /// called dead after it was watched for a while.
    /// </summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    /// <summary>Longer than the default renew deadline of 10 s plus a retry: whoever is alive renews within it.</summary>
    private static readonly TimeSpan WatchTime = TimeSpan.FromSeconds(12);

    /// <exception cref="ApiException">The API server did not answer; worth another try.</exception>
    public async Task<ControlPlaneSighting> LookAsync(CancellationToken cancellation)
    {
        try
        {
            var pods = api.ListAsync(ResourceTypes.Pod, LeaseKey.Namespace, null, ControlPlaneDecoders.Pod, cancellation);
            var holder = FindLiveHolderAsync(cancellation);
            return new(await pods, await holder);
        }
        catch (ApiException refused) when (refused.Failure is ApiFailure.Forbidden or ApiFailure.Unauthorized)
        {
            return new([], null, refused.Message);
        }
    }

    private async Task<string?> FindLiveHolderAsync(CancellationToken cancellation)
    {
        var lease = await ReadLeaseAsync(cancellation);
        if (lease is null || lease.Holder.Length == 0)
        {
            return null;
        }

        if (lease.RenewTime is { } renewed && (time.GetUtcNow() - renewed).Duration() <= ClockTolerance)
        {
            return lease.Holder;
        }

        await Task.Delay(WatchTime, time, cancellation);
        var later = await ReadLeaseAsync(cancellation);
        return later is not null && later.Version != lease.Version && later.Holder.Length > 0 ? later.Holder : null;
    }

    private Task<ControllerManagerLease?> ReadLeaseAsync(CancellationToken cancellation) =>
        api.FindAsync(ResourceTypes.Lease, LeaseKey, ControlPlaneDecoders.Lease, cancellation);
}
