using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Connections;
using StorageOperator.Runtime.Hosting;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Hosting;

/// <summary>
/// The client of the API server that exists before the operator does: who binds has to be known before the operator can be composed,
/// and callers of the metrics are authenticated whatever the operator does. The operator shares its connection and its metrics.
/// </summary>
internal sealed class ClientServices : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    public ClientServices(ApiConnection connection, ILoggerFactory logs, TimeProvider time)
    {
        Connection = connection;
        Logs = logs;
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(logs);
        services.AddSingleton(time);
        services.AddSingleton(connection);
        services.AddSingleton(Metrics);
        services.AddKubernetesOperator(settings => settings.WithName(OperatorComposition.OperatorName));
        _provider = services.BuildServiceProvider();
        Api = _provider.GetRequiredService<IApiClient>();
    }

    public ApiConnection Connection { get; }

    public ILoggerFactory Logs { get; }

    public RuntimeMetrics Metrics { get; } = new();

    public IApiClient Api { get; }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        Metrics.Dispose();
    }
}
