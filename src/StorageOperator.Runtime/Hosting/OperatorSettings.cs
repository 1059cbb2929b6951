namespace StorageOperator.Runtime.Hosting;

/// <summary>Whether several replicas agree on one that works.</summary>
public enum LeaderElectionType
{
    /// <summary>Every process works. Only for a single replica.</summary>
    None = 0,

    /// <summary>One process works, elected by a Lease.</summary>
    Single = 1,
}

/// <summary>Settings of an operator; made by <see cref="OperatorSettingsBuilder"/>.</summary>
public sealed record OperatorSettings
{
    /// <summary>
    /// The operator's name: of the lease, the reporting controller of events, the field manager of writes, the user agent.
    /// </summary>
    public string Name { get; init; } = "operator";

    /// <summary>
    /// The reporting controller of events, a qualified name such as <c>example.org/controller</c>; null for <see cref="Name"/>.
    /// </summary>
    public string? ReportingController { get; init; }

    /// <summary>The namespace the informers are limited to; null for the whole cluster.</summary>
    public string? Namespace { get; init; }

    /// <summary>Leader election.</summary>
    public LeaderElectionType LeaderElection { get; init; }

    /// <summary>The namespace of the lease; null for the pod's own (or <c>default</c> outside of a cluster).</summary>
    public string? LeaseNamespace { get; init; }

    /// <summary>The name of the lease; null for <see cref="Name"/>.</summary>
    public string? LeaseName { get; init; }

    /// <summary>How long a lease lasts that nobody renews.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After how long without a successful renewal the leader gives up.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between tries to acquire or renew.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Reconciles in flight per controller.</summary>
    public int MaxParallelReconciliations { get; init; } = 64;

    /// <summary>How long a stop waits for reconciles in flight. The whole stop stays within 10 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A kubeconfig file; null for <c>KUBECONFIG</c>, in-cluster credentials, or <c>~/.kube/config</c>, in this order.</summary>
    public string? KubeConfigPath { get; init; }

    /// <summary>The context of the kubeconfig; null for its current one.</summary>
    public string? KubeContext { get; init; }
}

/// <summary>Makes <see cref="OperatorSettings"/>.</summary>
public sealed class OperatorSettingsBuilder
{
    private OperatorSettings _settings = new();

    /// <summary>Sets <see cref="OperatorSettings.Name"/>.</summary>
    public OperatorSettingsBuilder WithName(string name) => With(_settings with { Name = name });

    /// <summary>Sets <see cref="OperatorSettings.ReportingController"/>.</summary>
    public OperatorSettingsBuilder WithReportingController(string name) => With(_settings with { ReportingController = name });

    /// <summary>Sets <see cref="OperatorSettings.Namespace"/>.</summary>
    public OperatorSettingsBuilder WithNamespace(string? @namespace) => With(_settings with { Namespace = @namespace });

    /// <summary>Sets <see cref="OperatorSettings.LeaderElection"/>.</summary>
    public OperatorSettingsBuilder WithLeaderElection(LeaderElectionType type) => With(_settings with { LeaderElection = type });

    /// <summary>Sets where the lease is.</summary>
    public OperatorSettingsBuilder WithLeaderElectionLease(string? @namespace, string? name) =>
        With(_settings with { LeaseNamespace = @namespace, LeaseName = name });

    /// <summary>Sets the timings of leader election.</summary>
    /// <exception cref="ArgumentException">Not lease &gt; renew &gt; 1.2 × retry &gt; 0.</exception>
    public OperatorSettingsBuilder WithLeaderElectionTimings(TimeSpan leaseDuration, TimeSpan renewDeadline, TimeSpan retryPeriod)
    {
        if (retryPeriod <= TimeSpan.Zero || renewDeadline <= retryPeriod * 1.2 || leaseDuration <= renewDeadline)
        {
            throw new ArgumentException(
                $"leader election timings must keep lease duration ({leaseDuration.TotalSeconds:0.###} s) > renew deadline ({renewDeadline.TotalSeconds:0.###} s)"
                + $" > 1.2 x retry period ({retryPeriod.TotalSeconds:0.###} s) > 0");
        }

        return With(_settings with { LeaseDuration = leaseDuration, RenewDeadline = renewDeadline, RetryPeriod = retryPeriod });
    }

    /// <summary>Sets <see cref="OperatorSettings.MaxParallelReconciliations"/>.</summary>
    public OperatorSettingsBuilder WithParallelReconciliation(int maxParallelReconciliations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxParallelReconciliations, 1);
        return With(_settings with { MaxParallelReconciliations = maxParallelReconciliations });
    }

    /// <summary>Sets <see cref="OperatorSettings.DrainTimeout"/>.</summary>
    public OperatorSettingsBuilder WithDrainTimeout(TimeSpan drainTimeout) => With(_settings with { DrainTimeout = drainTimeout });

    /// <summary>Sets the kubeconfig and its context.</summary>
    public OperatorSettingsBuilder WithKubeConfig(string? path, string? context = null) =>
        With(_settings with { KubeConfigPath = path, KubeContext = context });

    /// <summary>The settings.</summary>
    public OperatorSettings Build() => _settings;

    private OperatorSettingsBuilder With(OperatorSettings settings)
    {
        _settings = settings;
        return this;
    }
}
