using StorageOperator.Binding;
using StorageOperator.Logging;

namespace StorageOperator.CommandLine;

/// <summary>Everything <c>storage-operator run</c> was told, checked: whoever holds one of these need not check again.</summary>
internal sealed record OperatorOptions
{
    /// <summary>Path of a kubeconfig file; null means $KUBECONFIG, else the credentials of the pod, else ~/.kube/config.</summary>
    public required string? Kubeconfig { get; init; }

    /// <summary>The context of the kubeconfig to use; null means its current one.</summary>
    public required string? Context { get; init; }

    public required BindingMode Binding { get; init; }

    public required bool EnableDynamicProvisioning { get; init; }

    /// <summary>How many objects of one kind may be reconciled at the same time, at least 1.</summary>
    public required int MaxParallelReconciles { get; init; }

    public required bool LeaderElect { get; init; }

    /// <summary>Null means that of the pod or of the kubeconfig's context, else <c>default</c>.</summary>
    public required string? NamespaceOfLease { get; init; }

    /// <summary>How long a standby waits after the last renewal before it takes over; more than <see cref="RenewDeadline"/>.</summary>
    public required TimeSpan LeaseDuration { get; init; }

    /// <summary>How long the leader tries to renew before it gives up; more than 1.2 times <see cref="RetryPeriod"/>.</summary>
    public required TimeSpan RenewDeadline { get; init; }

    public required TimeSpan RetryPeriod { get; init; }

    public required BindAddress HealthProbeBindAddress { get; init; }

    public required BindAddress MetricsBindAddress { get; init; }

    /// <summary>Whether metrics are served over TLS to callers that the API server authenticates and authorizes.</summary>
    public required bool MetricsSecure { get; init; }

    /// <summary>A folder with <c>tls.crt</c> and <c>tls.key</c>; null means a certificate made at start.</summary>
    public required string? MetricsCertPath { get; init; }

    public required LogFormat LogFormat { get; init; }

    public required LogLevel LogLevel { get; init; }

    /// <summary>Where metrics and traces are pushed to; null means nowhere, unless the standard OTEL_* variables say otherwise.</summary>
    public required Uri? OtlpEndpoint { get; init; }

    /// <summary>A file that is written once the program is ready; null means none.</summary>
    public required string? ReadyFile { get; init; }
}
