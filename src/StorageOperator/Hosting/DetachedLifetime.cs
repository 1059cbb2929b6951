
namespace StorageOperator.Hosting;

/// <summary>
/// A host that does not listen to signals: <see cref="OperatorProcess"/> does, once for both of its hosts, and stops them in order.
/// </summary>
internal sealed class DetachedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
