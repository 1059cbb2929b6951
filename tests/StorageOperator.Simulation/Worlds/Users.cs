using StorageOperator.Model;
using StorageOperator.Simulation.Cluster;

namespace StorageOperator.Simulation.Worlds;

/// <summary>Everybody who is not the operator: users, administrators, the scheduler, kubelets, provisioners. They see the server itself.</summary>
/// <param name="server">The API server.</param>
internal sealed class Users(ModelServer server)
{
    public const int ClaimCount = 5;
    public const int VolumeCount = 5;
    public const int ClassCount = 3;
    public const int PodCount = 3;

    private const string Namespace = "ns";

    private static readonly string?[] ClaimClasses = ["fast", "late", "made", null, ""];
    private static readonly string[] VolumeClasses = ["fast", "late", "made", ""];
    private static readonly string[] Sizes = ["1Gi", "2Gi", "3Gi"];
    private static readonly string[] Policies = [ReclaimPolicies.Retain, ReclaimPolicies.Delete, ReclaimPolicies.Recycle];
    private static readonly AccessModeList[] Modes =
    [
        AccessModeList.Of("ReadWriteOnce"), AccessModeList.Of("ReadWriteOnce", "ReadOnlyMany"), AccessModeList.Of("ReadWriteMany"),
    ];

    private static readonly LabelSelector Gold = new([new LabelRequirement("tier", LabelOperator.In, ["gold"])]);

    /// <summary>Whether somebody has done what no well-meaning user does.</summary>
    public bool HaveInterfered { get; private set; }

    /// <summary>The B of a move that creates a claim: which size, class, access modes and selector of those below.</summary>
    public static int HowClaim(int size, int className, int modes, int selector) =>
        size + (Sizes.Length * (className + (ClaimClasses.Length * (modes + (Modes.Length * selector)))));

    /// <summary>The B of a move that creates a volume: which size, class, access modes, reclaim policy and labels of those below.</summary>
    public static int HowVolume(int size, int className, int modes, int policy, int labels) =>
        size + (Sizes.Length * (className + (VolumeClasses.Length * (modes + (Modes.Length * (policy + (Policies.Length * labels)))))));

    /// <summary>Does what a move says.</summary>
    /// <returns>What was done, for people; null when nothing could be.</returns>
    public string? Do(Move move) => move.Kind switch
    {
        MoveKind.CreateClaim => CreateClaim(move),
        MoveKind.DeleteClaim => server.Claims.Get(Claim(move.A)) is { IsDeleting: false } claim ? Say(server.DeleteClaim(claim.Key), $"delete claim {claim.Key}") : null,
        MoveKind.GrowClaim => GrowClaim(move),
        MoveKind.CreateVolume => CreateVolume(move),
        MoveKind.DeleteVolume => server.Volumes.Get(Volume(move.A)) is { IsDeleting: false } volume ? Say(server.DeleteVolume(volume.Key), $"delete volume {volume.Name}") : null,
        MoveKind.EditVolume => EditVolume(move),
        MoveKind.FreeVolume => FreeVolume(move),
        MoveKind.Provision => Provision(move),
        MoveKind.ScheduleVolume => ScheduleVolume(move),
        MoveKind.CreateClass => CreateClass(move),
        MoveKind.DeleteClass => Say(server.DeleteClass(Class(move.A)), $"delete class {Class(move.A)}"),
        MoveKind.CreatePod => CreatePod(move),
        MoveKind.SchedulePod => SchedulePod(move),
        MoveKind.EndPod => server.Pods.Get(Pod(move.A)) is { IsFinished: false, NodeName.Length: > 0 } pod ? Say(server.Update(pod with { Phase = "Succeeded" }), $"pod {pod.Key} ends") : null,
        MoveKind.DeletePod => Say(server.DeletePod(Pod(move.A)), $"delete pod {Pod(move.A)}"),
        MoveKind.EndScrubber => EndScrubber(move),
        MoveKind.Interfere => Interfere(move),
        _ => null,
    };

    /// <summary>Lets every scrubber pod end well, as they do sooner or later.</summary>
    /// <returns>Whether there was one.</returns>
    public bool EndScrubbers()
    {
        var any = false;
        for (var volume = 0; volume < VolumeCount; volume++)
        {
            any |= EndScrubber(new Move(MoveKind.EndScrubber, volume)) is not null;
        }

        return any;
    }

    private static ObjectKey Claim(int index) => new(Namespace, $"c{Within(index, ClaimCount)}");

    private static ObjectKey Volume(int index) => ObjectKey.Cluster($"v{Within(index, VolumeCount)}");

    private static ObjectKey Pod(int index) => new(Namespace, $"p{Within(index, PodCount)}");

    private static ObjectKey Class(int index) => ObjectKey.Cluster(VolumeClasses[Within(index, ClassCount)]);

    private static int Within(int index, int count) => (index & int.MaxValue) % count;

    private static T Pick<T>(T[] choices, ref int from)
    {
        var choice = choices[from % choices.Length];
        from /= choices.Length;
        return choice;
    }

    private static string? Say<T>(Answer<T> answer, string what)
        where T : class => answer.Succeeded ? what : null;

    private string? CreateClaim(Move move)
    {
        var how = move.B & int.MaxValue;
        var size = Pick(Sizes, ref how);
        var claim = new ClaimEntry
        {
            Key = Claim(move.A),
            SpecClassName = Pick(ClaimClasses, ref how),
            AccessModes = Pick(Modes, ref how),
            Selector = Pick([null, null, Gold], ref how),
            Request = Quantity.Parse(size),
            RequestText = size,
            VolumeName = move.C == 0 ? "" : Volume(move.C - 1).Name,
        };
        return Say(server.Create(claim),
            $"create claim {claim.Key} {size} class {claim.SpecClassName ?? "by default"} {claim.AccessModes} {claim.Selector} {(move.C == 0 ? "" : "names " + claim.VolumeName)}");
    }

    private string? GrowClaim(Move move) => server.Claims.Get(Claim(move.A)) is { Phase: Phases.Bound } claim
        ? Say(server.UpdateSpec(claim with { Request = Quantity.Parse("4Gi"), RequestText = "4Gi" }), $"grow claim {claim.Key}")
        : null;

    private string? CreateVolume(Move move)
    {
        var how = move.B & int.MaxValue;
        var size = Pick(Sizes, ref how);
        var key = Volume(move.A);
        var volume = new VolumeEntry
        {
            Key = key,
            Capacity = Quantity.Parse(size),
            CapacityText = size,
            ClassName = Pick(VolumeClasses, ref how),
            AccessModes = Pick(Modes, ref how),
            ReclaimPolicy = Pick(Policies, ref how),
            Labels = Pick([default, KeyValueSet.From([new("tier", "gold")])], ref how),
            Source = new("hostPath", Path: $"/tmp/{key.Name}"),
            ClaimRef = move.C == 0 ? null : new(Namespace, Claim(move.C - 1).Name, ""),
        };
        return Say(server.Create(volume),
            $"create volume {key} {size} class \"{volume.ClassName}\" {volume.AccessModes} {volume.ReclaimPolicy} {volume.Labels} {(move.C == 0 ? "" : "reserved for " + volume.ClaimRef!.Key)}");
    }

    private string? EditVolume(Move move)
    {
        if (server.Volumes.Get(Volume(move.A)) is not { } volume)
        {
            return null;
        }

        var how = move.B & int.MaxValue;
        var what = Pick([0, 1, 2, 3], ref how);
        var edited = what switch
        {
            0 => volume with { ReclaimPolicy = Pick(Policies, ref how) },
            1 => volume with { Labels = Pick([default, KeyValueSet.From([new("tier", "gold")])], ref how) },
            2 => volume with { ClassName = Pick(VolumeClasses, ref how) },
            _ => volume with { CapacityText = Pick(Sizes, ref how) },
        };
        edited = edited with { Capacity = Quantity.Parse(edited.CapacityText) };
        var version = server.Version;
        var said = Say(server.UpdateSpec(edited), $"edit volume {volume.Name}: {edited.ReclaimPolicy} {edited.Labels} class \"{edited.ClassName}\" {edited.CapacityText}");
        return server.Version == version ? null : said;
    }

    private string? FreeVolume(Move move) => server.Volumes.Get(Volume(move.A)) is { ClaimRef: not null, Phase: Phases.Released or Phases.Failed } volume
        ? Say(server.UpdateSpec(volume with { ClaimRef = null }), $"free volume {volume.Name}")
        : null;

    private string? Provision(Move move)
    {
        if (server.Claims.Get(Claim(move.B)) is not { VolumeName: "", ClassName: "made" } claim || !claim.Annotations.Contains(WellKnown.StorageProvisioner))
        {
            return null;
        }

        var volume = new VolumeEntry
        {
            Key = Volume(move.A),
            Capacity = claim.Request,
            CapacityText = claim.RequestText,
            ClassName = claim.ClassName,
            AccessModes = claim.AccessModes,
            ReclaimPolicy = ReclaimPolicies.Delete,
            Source = new("csi", Driver: "disk.example.com", Handle: claim.Uid),
            ClaimRef = new(claim.Key.Namespace, claim.Key.Name, claim.Uid),
            Annotations = KeyValueSet.From([new(WellKnown.ProvisionedBy, "disk.example.com")]),
        };
        return Say(server.Create(volume), $"provision volume {volume.Name} for {claim.Key}");
    }

    private string? ScheduleVolume(Move move)
    {
        if (server.Claims.Get(Claim(move.B)) is not { VolumeName: "", ClassName: "late", IsDeleting: false } claim
            || server.Volumes.Get(Volume(move.A)) is not { ClaimRef: null, ClassName: "late", Phase: Phases.Available, IsDeleting: false } volume
            || !(volume.Capacity >= claim.Request)
            || !volume.AccessModes.Offers(claim.AccessModes.Set)
            || claim.Selector?.Matches(volume.Labels) == false)
        {
            return null;
        }

        return Say(server.UpdateSpec(volume with
        {
            ClaimRef = new(claim.Key.Namespace, claim.Key.Name, claim.Uid),
            Annotations = volume.Annotations.With(WellKnown.BoundByController, WellKnown.Yes),
        }), $"the scheduler chooses volume {volume.Name} for {claim.Key}");
    }

    private string? CreateClass(Move move)
    {
        var key = Class(move.A);
        var entry = new ClassEntry
        {
            Key = key,
            Provisioner = key.Name == "made" ? "disk.example.com" : WellKnown.NoProvisioner,
            BindingMode = key.Name == "late" ? BindingModes.WaitForFirstConsumer : BindingModes.Immediate,
            AllowsExpansion = true,
            IsDefault = move.B % 2 == 1,
        };
        return Say(server.Create(entry), $"create class {key}{(entry.IsDefault ? ", the default" : "")}");
    }

    private string? CreatePod(Move move)
    {
        var claim = Claim(move.B);
        var pod = new PodEntry { Key = Pod(move.A), Claims = [new ClaimUse(claim.Name, false)], NodeName = move.C == 1 ? "node" : "" };
        return Say(server.Create(pod), $"create pod {pod.Key} using {claim}{(move.C == 1 ? " on a node" : "")}");
    }

    private string? SchedulePod(Move move)
    {
        if (server.Pods.Get(Pod(move.A)) is not { NodeName: "" } pod
            || server.Claims.Get(new(Namespace, pod.Claims[0].ClaimName)) is not { IsDeleting: false } claim)
        {
            return null;
        }

        // A claim that waits for its consumer gets its node written by the scheduler before the pod gets its own.
        if (claim is { ClassName: "late", VolumeName: "" } && !claim.Annotations.Contains(WellKnown.SelectedNode))
        {
            return Say(server.UpdateSpec(claim with { Annotations = claim.Annotations.With(WellKnown.SelectedNode, "node") }), $"select a node for {claim.Key}");
        }

        return claim.IsBindCompleted ? Say(server.Update(pod with { NodeName = "node" }), $"schedule pod {pod.Key}") : null;
    }

    private string? EndScrubber(Move move)
    {
        var key = new ObjectKey(WellKnown.RecyclerNamespace, WellKnown.RecyclerPodPrefix + Volume(move.A).Name);
        return server.Pods.Get(key) is { IsFinished: false } pod
            ? Say(server.Update(pod with { Phase = move.B == 1 ? "Failed" : "Succeeded" }), $"{key} {(move.B == 1 ? "fails" : "succeeds")}")
            : null;
    }

    private string? Interfere(Move move)
    {
        var done = Within(move.B, 8) switch
        {
            0 => OfVolume(move.A, volume => volume.ClaimRef is null ? null : volume with { ClaimRef = null }, "loses its claimRef"),
            1 => OfVolume(move.A, volume => volume.ClaimRef is { Uid.Length: > 0 } claimRef ? volume with { ClaimRef = claimRef with { Uid = "" } } : null, "loses the UID in its claimRef"),
            2 => OfVolume(move.A, volume => volume with { Annotations = volume.Annotations.Without(WellKnown.BoundByController) }, "loses its mark"),
            3 => OfVolume(move.A, volume => volume with { Finalizers = [] }, "loses its finalizers"),
            4 => OfClaim(move.A, claim => claim with { Annotations = claim.Annotations.Without(WellKnown.BindCompleted) }, "loses bind-completed"),
            5 => OfClaim(move.A, claim => claim with { Annotations = claim.Annotations.Without(WellKnown.BoundByController) }, "loses its mark"),
            6 => OfClaim(move.A, claim => claim with { Finalizers = [] }, "loses its finalizers"),
            _ => OfVolume(move.A, volume => volume with { ClaimRef = new(Namespace, Claim(move.C).Name, server.Claims.Get(Claim(move.C))?.Uid ?? "uid-nobody") }, "gets another claimRef"),
        };
        HaveInterfered |= done is not null;
        return done;
    }

    private string? OfVolume(int index, Func<VolumeEntry, VolumeEntry?> edit, string what) =>
        server.Volumes.Get(Volume(index)) is { } volume && edit(volume) is { } edited ? Changed(() => Say(server.UpdateSpec(edited), $"volume {volume.Name} {what}")) : null;

    private string? OfClaim(int index, Func<ClaimEntry, ClaimEntry?> edit, string what) =>
        server.Claims.Get(Claim(index)) is { } claim && edit(claim) is { } edited ? Changed(() => Say(server.UpdateSpec(edited), $"claim {claim.Key} {what}")) : null;

    private string? Changed(Func<string?> act)
    {
        var version = server.Version;
        var said = act();
        return server.Version == version ? null : said;
    }
}
