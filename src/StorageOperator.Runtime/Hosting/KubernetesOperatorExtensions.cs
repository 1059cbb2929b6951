using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Connections;
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
        services.AddSingleton<OperatorHost>();
        services.AddSingleton<IOperatorStatus>(s => s.GetRequiredService<OperatorHost>());
        services.AddHostedService(s => s.GetRequiredService<OperatorHost>());
        return new OperatorBuilder(services, settings, parts);
    }

    internal static ILogger LoggerFor(this IServiceProvider services, string category) =>
        services.GetRequiredService<ILoggerFactory>().CreateLogger(category);
}
