using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Faults;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Serving;

/// <summary>
/// What no real API server has, for tests: <c>/devcluster/faults</c> (GET, POST, DELETE), <c>/devcluster/watches/cut</c> (POST a match),
/// <c>/devcluster/requests</c> (GET, DELETE) and <c>/devcluster/compact</c> (POST).
/// </summary>
internal sealed class ControlEndpoint(ObjectStore store, FaultInjection faults, RequestCounters counters)
{
    /// <summary>Answers a request below /devcluster; null when there is no such thing.</summary>
    public async Task<JsonObject?> HandleAsync(HttpContext http, string[] path)
    {
        switch (http.Request.Method, path)
        {
            case ("GET", ["faults"]):
                return faults.ToJson();
            case ("POST", ["faults"]):
                faults.Add((await RequestBody.ReadAsync(http.Request, http.RequestAborted)).Root);
                return faults.ToJson();
            case ("DELETE", ["faults"]):
                faults.Clear();
                return faults.ToJson();
            case ("DELETE", ["faults", string id]):
                faults.Clear(id);
                return faults.ToJson();
            case ("POST", ["watches", "cut"]):
                RequestBody match = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
                return new JsonObject { ["cut"] = faults.CutWatches(match.Root as JsonObject) };
            case ("GET", ["requests"]):
                return counters.ToJson();
            case ("DELETE", ["requests"]):
                counters.Reset();
                return counters.ToJson();
            case ("POST", ["compact"]):
                return new JsonObject { ["revision"] = store.Compact() };
            default:
                return null;
        }
    }
}
