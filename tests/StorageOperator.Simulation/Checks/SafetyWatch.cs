using StorageOperator.Model;
using StorageOperator.Planning.Plans;
using StorageOperator.Planning.Volumes;
using StorageOperator.Simulation.Cluster;
using StorageOperator.Simulation.Operators;

namespace StorageOperator.Simulation.Checks;

/// <summary>
/// Watches every change at the server while it happens, for what must never be true, not even for a moment.
/// </summary>
/// <remarks>
/// What a process does cannot be undone by what a user does afterwards, so between the read that confirmed a destruction and the
/// destruction itself only changes by other operators count against it. Except for scrubbers: the creation of a pod cannot be made to
/// depend on a volume, so of two operators that both believe to lead, one may start a scrubber for a volume that the other's scrubber has
/// just emptied and freed. What prevents it is the lease, not the plan.
/// </remarks>
/// <param name="server">The API server.</param>
/// <param name="operators">How many operators act. Two that both believe to lead can still cross each other between a read and a write on another object.</param>
/// <param name="interfered">Whether somebody did what no well-meaning user does: then only some promises hold at every moment.</param>
internal sealed class SafetyWatch(ModelServer server, int operators, Func<bool> interfered)
{
    public const int User = 0;

    private readonly List<int> _authors = [0];
    private readonly Dictionary<(int Author, string Volume), (ulong Version, bool MayDestroy)> _read = [];
    private readonly Dictionary<int, Network> _networks = [];
    private readonly Dictionary<string, ulong> _scheduled = new(StringComparer.Ordinal);
    private (int Claims, int Volumes, int Pods) _judged;

    /// <summary>The first promise that was broken, or null.</summary>
    public Violation? Violation { get; private set; }

    /// <summary>Who acts now: <see cref="User"/>, or a process by its number from 1.</summary>
    public int Author { get; set; }

    /// <summary>How many writes the processes have made.</summary>
    public int Writes { get; private set; }

    /// <summary>Watches a process.</summary>
    /// <param name="author">Its number, from 1.</param>
    /// <param name="process">The process.</param>
    public void Watch(int author, OperatorProcess process)
    {
        _networks[author] = process.Network;
        process.Panicked = e => Break("a controller never throws", e.ToString());
        process.Network.Refused = (step, why) => Break("the API server never has to refuse a write as invalid", $"{why}: {step}");
        process.Network.VolumeRead = name => _read[(Author, name)] = (server.Version, MayDestroy(name, null) is null);
        process.Network.Destroying = Destroying;
        process.Network.ChangedNothing = step => Break("no write changes nothing", step.ToString());
    }

    /// <summary>Judges everything that has changed since the last call.</summary>
    public void Judge()
    {
        while ((ulong)_authors.Count <= server.Version)
        {
            _authors.Add(Author);
            Writes += Author == User ? 0 : 1;
        }

        for (; _judged.Pods < server.Pods.Log.Count; _judged.Pods++)
        {
            if (server.Pods.Log[_judged.Pods].After is { NodeName.Length: > 0 } pod)
            {
                _scheduled.TryAdd(pod.Uid, pod.ResourceVersion);
            }
        }

        for (; _judged.Volumes < server.Volumes.Log.Count; _judged.Volumes++)
        {
            if (Author != User)
            {
                JudgeVolume(server.Volumes.Log[_judged.Volumes]);
            }
        }

        for (; _judged.Claims < server.Claims.Log.Count; _judged.Claims++)
        {
            if (Author != User)
            {
                JudgeClaim(server.Claims.Log[_judged.Claims]);
            }
        }
    }

    public void Break(string rule, string what) => Violation ??= new(rule, what);

    private void JudgeClaim(Change<ClaimEntry> change)
    {
        var before = change.Before!;
        var releases = before.Finalizers.Contains(WellKnown.ClaimProtection) && change.After?.Finalizers.Contains(WellKnown.ClaimProtection) != true;
        if (releases)
        {
            JudgeRelease(before);
        }

        if (change.After is not { } after || interfered())
        {
            return;
        }

        var volume = server.Volumes.Get(ObjectKey.Cluster(after.VolumeName));
        if (after.IsBindCompleted && server.Claims.All.FirstOrDefault(other =>
            other.Key != after.Key && other.IsBindCompleted && other.VolumeName == after.VolumeName) is { } rival)
        {
            Break("a volume serves at most one claim", $"{after.VolumeName} serves {after.Key} and {rival.Key}");
        }

        if (after.Phase == Phases.Bound && before.Phase != Phases.Bound && volume?.ClaimRef?.Uid != after.Uid && !(operators > 1 && WasLetGo(after, volume)))
        {
            Break("a claim is called Bound only when its volume points to it", $"{after.Key} and {after.VolumeName}, which points to {volume?.ClaimRef}");
        }

        if (after.Phase == Phases.Lost && before.Phase != Phases.Lost && volume?.ClaimRef?.Uid == after.Uid)
        {
            Break("a claim is called Lost only when it is", $"{after.Key} and {after.VolumeName}");
        }
    }

    // While one operator binds, the other may let a volume go that a user deletes; a new one of that name may even be there already.
    private bool WasLetGo(ClaimEntry claim, VolumeEntry? now) => server.Volumes.Log.Any(change => change.After is { } volume
        && volume.Name == claim.VolumeName && volume.ClaimRef?.Uid == claim.Uid && volume.Uid != now?.Uid);

    // A pod that got its node after the operator had looked could not be known; the scheduler gives none to pods of claims being deleted.
    private void JudgeRelease(ClaimEntry claim)
    {
        if (!claim.IsDeleting)
        {
            Break("only a claim that is being deleted loses its protection", claim.Key.ToString());
        }

        var looked = _networks[Author].PodsKnown;
        var user = server.Pods.All.FirstOrDefault(pod => pod.NodeName.Length > 0
            && pod.Key.Namespace == claim.Key.Namespace
            && pod.Claims.Any(use => use.ClaimName == claim.Key.Name)
            && _scheduled[pod.Uid] <= looked);
        if (user is not null || looked == 0)
        {
            Break("a claim in use is protected", $"{claim.Key} is used by {user?.Key}");
        }
    }

    private void JudgeVolume(Change<VolumeEntry> change)
    {
        if (change is { Before: { Phase: Phases.Released or Phases.Failed, ClaimRef.Uid: { Length: > 0 } uid } released, After.ClaimRef: null or { Uid: "" } }
            && !interfered() && server.Claims.All.All(claim => claim.Uid != uid) && !WasScrubbed(released.Name, uid))
        {
            Break("a volume whose claim is gone is freed only when it was scrubbed since", $"{released.Name} after {uid}");
        }

        if (change.After is null && operators == 1 && !interfered()
            && server.Claims.All.FirstOrDefault(claim => claim.Uid == change.Before!.ClaimRef?.Uid && claim.VolumeName == change.Before.Name) is { } holder)
        {
            Break("a volume in use does not go", $"{change.Before!.Name} is bound to {holder.Key}");
        }

        if (change is { After.Phase: Phases.Released, Before.Phase: not Phases.Released } && !interfered()
            && server.Claims.All.FirstOrDefault(claim => claim.Uid == change.After.ClaimRef?.Uid && (claim.VolumeName == change.After.Name || claim.VolumeName.Length == 0)) is { } claimant)
        {
            Break("a volume is Released only when its claim is gone", $"{change.After.Name} points to {claimant.Key}");
        }
    }

    private bool WasScrubbed(string volume, string uid) => server.Pods.Log.Any(change => change.After is { Phase: "Succeeded" } pod
        && pod.Key.Name == WellKnown.RecyclerPodPrefix + volume
        && pod.Annotations[Recycling.ScrubsAfter] == uid);

    private void Destroying(Step step)
    {
        var (volume, policy) = step switch
        {
            DeleteHostPath delete => (delete.Volume, ReclaimPolicies.Delete),
            CreateScrubber create => (create.Volume, ReclaimPolicies.Recycle),
            DeleteVolume delete => (delete.Volume, ReclaimPolicies.Delete),
            _ => throw new InvalidOperationException($"{step} destroys nothing."),
        };
        if (MayDestroy(volume.Name, (volume.Uid, policy)) is not { } why)
        {
            return;
        }

        var read = _read.GetValueOrDefault((Author, volume.Name));
        if (!read.MayDestroy || (step is not CreateScrubber && OnlyOperatorsChanged(volume.Name, read.Version)))
        {
            Break("nothing that is in use or retained is destroyed", $"{step.GetType().Name} of {volume.Name}: {why}");
        }
    }

    // What a user changed after the read could not be known.
    private bool OnlyOperatorsChanged(string volume, ulong since)
    {
        var byOthers = false;
        for (var at = server.Volumes.Log.Count - 1; at >= 0 && server.Volumes.Log[at].Version > since; at--)
        {
            var change = server.Volumes.Log[at];
            if ((change.After ?? change.Before)!.Name != volume)
            {
                continue;
            }

            var author = change.Version < (ulong)_authors.Count ? _authors[(int)change.Version] : Author;
            if (author == User)
            {
                return false;
            }

            byOthers |= author != Author;
        }

        return byOthers;
    }

    /// <summary>Why the bytes of a volume must not be destroyed as things stand at the server; null when they may.</summary>
    private string? MayDestroy(string name, (string Uid, string Policy)? asked)
    {
        if (server.Volumes.Get(ObjectKey.Cluster(name)) is not { } volume)
        {
            return null;
        }

        return volume switch
        {
            _ when asked is { } exact && volume.Uid != exact.Uid => "it is another volume of that name",
            _ when asked is { } exact && volume.ReclaimPolicy != exact.Policy => $"its policy is {volume.ReclaimPolicy}",
            { ReclaimPolicy: ReclaimPolicies.Retain } => "its policy is Retain",
            { Phase: not (Phases.Released or Phases.Failed) } => $"it is {volume.Phase}",
            { ClaimRef: null or { Uid: "" } } => "it has been freed",
            _ when server.Claims.All.FirstOrDefault(claim => claim.Uid == volume.ClaimRef!.Uid && !IsElsewhere(claim, volume)) is { } claim => $"its claim {claim.Key} exists",
            _ => null,
        };
    }

    private static bool IsElsewhere(ClaimEntry claim, VolumeEntry volume) => claim.VolumeName.Length > 0 && claim.VolumeName != volume.Name;
}
