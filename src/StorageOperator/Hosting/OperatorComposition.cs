using StorageOperator.Binding;
using StorageOperator.CommandLine;
using StorageOperator.Controllers;
using StorageOperator.Runtime.Hosting;

namespace StorageOperator.Hosting;

/// <summary>Puts the rooms together.</summary>
internal static class OperatorComposition
{
    /// <summary>The name of the Lease, the reporting controller of events and the manager of fields.</summary>
    public const string OperatorName = "storage-operator";

    /// <summary>The runtime drains, flushes and releases within 10 s; a pod is given a little more.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(10);

    // The last parameter is for tests that need the program to end at a given point: it puts other services in the place of some.
    public static IHost Build(
        OperatorOptions options, BindingDecision binding, ClientServices client, TimeProvider time, Action<IServiceCollection>? replace = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton(client.Logs);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(client.Connection);
        builder.Services.AddSingleton(client.Metrics);
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.Services.AddHostedService<MemoryTrim>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestStop);
        builder.Services
            .AddKubernetesOperator(settings => settings
                .WithName(OperatorName)
                .WithLeaderElection(options.LeaderElect ? LeaderElectionType.Single : LeaderElectionType.None)
                .WithLeaderElectionLease(options.NamespaceOfLease, OperatorName)
                .WithLeaderElectionTimings(options.LeaseDuration, options.RenewDeadline, options.RetryPeriod)
                .WithParallelReconciliation(options.MaxParallelReconciles))
            .AddStorageControllers(new StorageControllersOptions
            {
                Binding = binding.Mode == Binding.BindingMode.Own ? Controllers.BindingMode.Own : Controllers.BindingMode.Defer,
                EnableDynamicProvisioning = options.EnableDynamicProvisioning,

                // Set by the kubelet in every container. There /tmp is the container's own, not a node's.
                DeleteHostPaths = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is null,
            });
        replace?.Invoke(builder.Services);
        return builder.Build();
    }
}
