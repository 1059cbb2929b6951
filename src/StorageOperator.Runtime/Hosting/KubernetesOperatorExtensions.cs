using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Connections;
using StorageOperator.Runtime.Events;
using StorageOperator.Runtime.Leadership;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Runtime.Hosting;

/// <summary>Adds an operator to a host.</summary>
public static class KubernetesOperatorExtensions
{
    /// <summary>
    /// Adds the machinery of an operator; the returned builder adds entities and controllers. An <see cref="ApiConnection"/> registered
    /// beforehand is used; otherwise one is loaded from the settings when the host starts.
    /// </summary>
    public static IOperatorBuilder AddKubernetesOperator(this IServiceCollection services, Action<OperatorSettingsBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var settingsBuilder = new OperatorSettingsBuilder();
        configure?.Invoke(settingsBuilder);
        var settings = settingsBuilder.Build();
        var parts = new OperatorParts();

        services.AddSingleton(settings);
        services.AddSingleton(parts);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RuntimeMetrics>();
        services.TryAddSingleton(_ => ApiConnection.Load(settings.KubeConfigPath, settings.KubeContext));
        services.AddSingleton(s => new ApiTransport(
            s.GetRequiredService<ApiConnection>(), settings.Name, s.GetRequiredService<RuntimeMetrics>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s =>
        {
            var limit = new InFlightLimit(s.GetRequiredService<TimeProvider>());
            s.GetRequiredService<RuntimeMetrics>().ShowInFlightLimit(() => limit.Current);
            return limit;
        });
        services.AddSingleton<IApiClient>(s => new ApiClient(s.GetRequiredService<ApiTransport>(), s.GetRequiredService<InFlightLimit>(), settings.Name));
        services.AddSingleton(s => new EventRecorder(
            s.GetRequiredService<IApiClient>(), new EventSource(settings.ReportingController ?? settings.Name, $"{settings.Name}-{Environment.MachineName}"),
            s.GetRequiredService<RuntimeMetrics>(), s.GetRequiredService<TimeProvider>(), s.LoggerFor("StorageOperator.Runtime.Events")));
        services.AddSingleton<IEventRecorder>(s => s.GetRequiredService<EventRecorder>());
        services.AddSingleton(s => new LeaseElector(
            s.GetRequiredService<ApiTransport>(), ElectionOf(settings, s.GetRequiredService<ApiConnection>()), s.GetRequiredService<RuntimeMetrics>(),
            s.GetRequiredService<TimeProvider>(), s.LoggerFor("StorageOperator.Runtime.Leadership")));
        services.AddSingleton<OperatorHost>();
        services.AddSingleton<IOperatorStatus>(s => s.GetRequiredService<OperatorHost>());
        services.AddHostedService(s => s.GetRequiredService<OperatorHost>());
        return new OperatorBuilder(services, settings, parts);
    }

    private static LeaseElection ElectionOf(OperatorSettings settings, ApiConnection connection)
    {
        var @namespace = settings.LeaseNamespace ?? connection.Namespace ?? Environment.GetEnvironmentVariable("POD_NAMESPACE") ?? "default";
        return new LeaseElection(
            new ObjectKey(@namespace, settings.LeaseName ?? settings.Name), LeaseElection.NewIdentity(), settings.LeaseDuration, settings.RenewDeadline,
            settings.RetryPeriod);
    }

    internal static ILogger LoggerFor(this IServiceProvider services, string category) =>
        services.GetRequiredService<ILoggerFactory>().CreateLogger(category);
}
