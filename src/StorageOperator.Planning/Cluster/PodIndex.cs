using StorageOperator.Model;

namespace StorageOperator.Planning.Cluster;

/// <summary>The pods that use claims, by the claims they use, and the pods that scrub volumes.</summary>
public sealed class PodIndex
{
    private readonly Dictionary<ObjectKey, PodEntry> _byKey = [];
    private readonly Dictionary<ObjectKey, List<ObjectKey>> _byClaim = [];

    /// <summary>The pod of a key, or null.</summary>
    public PodEntry? Get(ObjectKey key) => _byKey.GetValueOrDefault(key);

    /// <summary>The pod that scrubs a volume, or null.</summary>
    public PodEntry? ScrubberOf(string volumeName) => Get(new(WellKnown.RecyclerNamespace, WellKnown.RecyclerPodPrefix + volumeName));

    /// <summary>The pods that use a claim, by name. A claim made for a pod is used only by the pod that owns it.</summary>
    public IEnumerable<PodEntry> Using(ClaimEntry claim) => UsersOf(claim.Key)
        .Where(pod => pod.Claims.Any(use => use.ClaimName == claim.Key.Name && (!use.IsEphemeral || claim.ControllerUid == pod.Uid)));

    /// <summary>The pods whose volumes name a claim of this key, by name.</summary>
    public IEnumerable<PodEntry> UsersOf(ObjectKey claim) => _byClaim.TryGetValue(claim, out var pods)
        ? pods.Order().Select(key => _byKey[key])
        : [];

    /// <summary>Takes in a new or changed pod.</summary>
    public void Set(PodEntry pod)
    {
        Remove(pod.Key);
        _byKey[pod.Key] = pod;
        foreach (var claim in ClaimsOf(pod))
        {
            if (!_byClaim.TryGetValue(claim, out var pods))
            {
                _byClaim[claim] = pods = new List<ObjectKey>(1);
            }

            pods.Add(pod.Key);
        }
    }

    /// <summary>Forgets a pod; nothing happens if it is unknown.</summary>
    public void Remove(ObjectKey key)
    {
        if (!_byKey.Remove(key, out var pod))
        {
            return;
        }

        foreach (var claim in ClaimsOf(pod))
        {
            if (_byClaim.TryGetValue(claim, out var pods) && pods.Remove(key) && pods.Count == 0)
            {
                _byClaim.Remove(claim);
            }
        }
    }

    /// <summary>The keys of the claims that a pod names, each once.</summary>
    public static IEnumerable<ObjectKey> ClaimsOf(PodEntry pod) =>
        pod.Claims.Select(use => new ObjectKey(pod.Key.Namespace, use.ClaimName)).Distinct();
}
