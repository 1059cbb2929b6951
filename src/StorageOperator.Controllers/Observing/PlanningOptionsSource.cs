using StorageOperator.Planning;
using StorageOperator.Runtime.Api;

namespace StorageOperator.Controllers.Observing;

/// <summary>The planners' options: the administrator's, and what the API server can do.</summary>
internal sealed class PlanningOptionsSource(IApiClient api, StorageControllersOptions options)
{
    private PlanningOptions? _known;

    /// <summary>The options; the first call asks the server for its version.</summary>
    public async ValueTask<PlanningOptions> GetAsync(CancellationToken ct)
    {
        if (_known is { } known)
        {
            return known;
        }

        var version = await api.GetServerVersionAsync(ct);
        return _known = new PlanningOptions
        {
            EnableDynamicProvisioning = options.EnableDynamicProvisioning,
            DeleteHostPaths = options.DeleteHostPaths,
            AssignDefaultClass = version is { Major: > 1 } or { Major: 1, Minor: >= 26 },
        };
    }
}
