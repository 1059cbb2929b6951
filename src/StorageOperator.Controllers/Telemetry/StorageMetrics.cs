using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using StorageOperator.Model;
using StorageOperator.Runtime.Stores;

namespace StorageOperator.Controllers.Telemetry;

/// <summary>
/// What there is of claims and volumes. The <c>pv_collector_*</c> names are kube-controller-manager's, so its dashboards go on working;
/// the phases are counted beside them, since Lost and Failed are what alerts are made of.
/// </summary>
public sealed class StorageMetrics : IStoreObserver<ClaimEntry>, IStoreObserver<VolumeEntry>, IHostedService, IDisposable
{
    /// <summary>The name to subscribe to.</summary>
    public const string MeterName = "StorageOperator.Storage";

    private readonly Meter _meter = new(MeterName);
    private readonly Tally<ClaimSort> _claims = new();
    private readonly Tally<VolumeSort> _volumes = new();
    private readonly IEntityStore<ClaimEntry> _claimStore;
    private readonly IEntityStore<VolumeEntry> _volumeStore;
    private IDisposable[] _subscriptions = [];

    /// <summary>Makes the instruments.</summary>
    public StorageMetrics(IEntityStore<ClaimEntry> claims, IEntityStore<VolumeEntry> volumes)
    {
        (_claimStore, _volumeStore) = (claims, volumes);
        _meter.CreateObservableGauge("pv_collector_bound_pvc_count", () => Claims(sort => sort.IsBound), description: "Bound claims, by namespace, class and attributes class.");
        _meter.CreateObservableGauge("pv_collector_unbound_pvc_count", () => Claims(sort => !sort.IsBound), description: "Claims that are not Bound, by namespace, class and attributes class.");
        _meter.CreateObservableGauge("pv_collector_bound_pv_count", () => Volumes(sort => sort.IsBound), description: "Bound volumes, by class.");
        _meter.CreateObservableGauge("pv_collector_unbound_pv_count", () => Volumes(sort => !sort.IsBound), description: "Volumes that are not Bound, by class.");
        _meter.CreateObservableGauge("pv_collector_total_pv_count", TotalVolumes, description: "Volumes, by plugin and volume mode.");
        _meter.CreateObservableGauge("storage_operator_claims", () => ByPhase(_claims, sort => sort.Phase), description: "Claims, by phase.");
        _meter.CreateObservableGauge("storage_operator_volumes", () => ByPhase(_volumes, sort => sort.Phase), description: "Volumes, by phase.");
    }

    /// <summary>Counts what is there, and every change from then on.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscriptions = [_claimStore.Subscribe(this), _volumeStore.Subscribe(this)];
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void OnChange(in StoreChange<ClaimEntry> change) => _claims.Move(SortOf(change.Before), SortOf(change.After));

    /// <inheritdoc/>
    public void OnChange(in StoreChange<VolumeEntry> change) => _volumes.Move(SortOf(change.Before), SortOf(change.After));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }

        _meter.Dispose();
    }

    private IEnumerable<Measurement<int>> Claims(Func<ClaimSort, bool> which) => _claims.Counts()
        .Where(count => which(count.Key))
        .GroupBy(count => (count.Key.Namespace, count.Key.ClassName, count.Key.AttributesClassName))
        .Select(group => new Measurement<int>(
            group.Sum(count => count.Value),
            Label("namespace", group.Key.Namespace), Label("storage_class", group.Key.ClassName), Label("volume_attributes_class", group.Key.AttributesClassName)));

    private IEnumerable<Measurement<int>> Volumes(Func<VolumeSort, bool> which) => _volumes.Counts()
        .Where(count => which(count.Key))
        .GroupBy(count => count.Key.ClassName)
        .Select(group => new Measurement<int>(group.Sum(count => count.Value), Label("storage_class", group.Key)));

    private IEnumerable<Measurement<int>> TotalVolumes() => _volumes.Counts()
        .GroupBy(count => (count.Key.Plugin, count.Key.Mode))
        .Select(group => new Measurement<int>(group.Sum(count => count.Value), Label("plugin_name", group.Key.Plugin), Label("volume_mode", group.Key.Mode.ToString())));

    private static IEnumerable<Measurement<int>> ByPhase<TSort>(Tally<TSort> tally, Func<TSort, string> phase)
        where TSort : notnull => tally.Counts()
        .GroupBy(count => phase(count.Key))
        .Select(group => new Measurement<int>(group.Sum(count => count.Value), Label("phase", group.Key)));

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private static ClaimSort? SortOf(ClaimEntry? claim) =>
        claim is null ? null : new ClaimSort(claim.Key.Namespace, claim.ClassName, claim.AttributesClassName, claim.Phase);

    private static VolumeSort? SortOf(VolumeEntry? volume) =>
        volume is null ? null : new VolumeSort(volume.ClassName, volume.Source.Plugin, volume.VolumeMode, volume.Phase);

    private sealed record ClaimSort(string Namespace, string ClassName, string AttributesClassName, string Phase)
    {
        public bool IsBound => Phase == Phases.Bound;
    }

    private sealed record VolumeSort(string ClassName, string Plugin, VolumeMode Mode, string Phase)
    {
        public bool IsBound => Phase == Phases.Bound;
    }
}
