using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Simulation;

/// <summary>A pod's namespace and name.</summary>
internal readonly record struct PodKey(string Namespace, string Name)
{
    public static PodKey Of(JsonObject pod) => new(pod.Metadata().Text("namespace") ?? "", pod.Name() ?? "");
}

/// <summary>Which pods use which claims, and which pods are on no node yet: whom a write concerns.</summary>
internal sealed class ClaimUse
{
    private readonly Dictionary<PodKey, (string Uid, string[] Claims)> _pods = [];
    private readonly Dictionary<(string Namespace, string Claim), HashSet<PodKey>> _users = [];
    private readonly HashSet<PodKey> _waiting = [];

    public IEnumerable<PodKey> Waiting => _waiting;

    public IEnumerable<PodKey> PodsOf(string ns, string claim) => _users.TryGetValue((ns, claim), out var pods) ? pods : [];

    public string UidOf(PodKey pod) => _pods.TryGetValue(pod, out var known) ? known.Uid : "";

    public void Remember(PodKey key, JsonObject pod)
    {
        Forget(key);
        var claims = PodPlacement.ClaimsOf(pod).ToArray();
        _pods[key] = (pod.Metadata().Text("uid") ?? "", claims);
        foreach (var claim in claims)
        {
            var use = (key.Namespace, claim);
            if (!_users.TryGetValue(use, out var users))
            {
                _users[use] = users = [];
            }

            users.Add(key);
        }

        if (string.IsNullOrEmpty(pod.Object("spec").Text("nodeName")))
        {
            _waiting.Add(key);
        }
    }

    public void Forget(PodKey key)
    {
        _waiting.Remove(key);
        if (!_pods.Remove(key, out var known))
        {
            return;
        }

        foreach (var use in known.Claims.Select(claim => (key.Namespace, claim)))
        {
            if (_users.TryGetValue(use, out var users) && users.Remove(key) && users.Count == 0)
            {
                _users.Remove(use);
            }
        }
    }
}
