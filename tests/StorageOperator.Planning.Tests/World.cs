using StorageOperator.Model;
using StorageOperator.Planning.Claims;
using StorageOperator.Planning.Cluster;
using StorageOperator.Planning.Plans;
using StorageOperator.Planning.Volumes;

namespace StorageOperator.Planning.Tests;

/// <summary>
/// A cluster in memory that plans are made from and carried out on, one write at a time, as an API server would: a write changes the
/// half of the object it is addressed to and nothing else, and gives it a new version.
/// </summary>
internal sealed class World
{
    private ulong _version = 1000;

    public World(params IEnumerable<IEntry> entries)
    {
        foreach (var entry in entries)
        {
            Put(entry);
        }
    }

    public ClusterState State { get; } = new();

    public PlanningOptions Options { get; init; } = PlanningOptions.Default;

    public bool MayReclaim { get; init; } = true;

    /// <summary>What was asked to be done outside the API server, in order.</summary>
    public List<Step> Deeds { get; } = [];

    public List<PlannedEvent> Events { get; } = [];

    public ClaimEntry Claim(string key) => State.Claims.Get(Given.KeyOf(key))!;

    public VolumeEntry Volume(string name) => State.Volumes.Get(name)!;

    public Observation Seen => Observation.Of(State, Options) with { MayReclaim = MayReclaim };

    /// <summary>Plans for a claim, with proofs.</summary>
    public Plan PlanClaim(string key, params IEnumerable<Proof> proven) => ClaimPlanner.Plan(Claim(key), Proven(proven));

    /// <summary>Plans for a volume, with proofs.</summary>
    public Plan PlanVolume(string name, params IEnumerable<Proof> proven) => VolumePlanner.Plan(Volume(name), Proven(proven));

    /// <summary>Plans for a claim as if every question had been answered by what is in this world.</summary>
    public Plan PlanClaimWithProofs(string key) => WithProofs(seen => ClaimPlanner.Plan(Claim(key), seen));

    /// <summary>Plans for a volume as if every question had been answered by what is in this world.</summary>
    public Plan PlanVolumeWithProofs(string name) => WithProofs(seen => VolumePlanner.Plan(Volume(name), seen));

    public World Put(IEntry entry)
    {
        switch (entry)
        {
            case ClaimEntry claim:
                State.Claims.Set(claim);
                break;
            case VolumeEntry volume:
                State.Volumes.Set(volume);
                break;
            case ClassEntry storageClass:
                State.Classes.Set(storageClass);
                break;
            case PodEntry pod:
                State.Pods.Set(pod);
                break;
            default:
                throw new ArgumentException($"no place for {entry}", nameof(entry));
        }

        return this;
    }

    /// <summary>Removes a claim and remembers that it is gone, as a watch would.</summary>
    public World Lose(ClaimEntry claim)
    {
        State.Claims.Remove(claim.Key);
        State.Departed.Add(claim.Uid);
        return this;
    }

    public void Apply(Step step)
    {
        switch (step)
        {
            case WriteClaim { Before: var before, Desired: var desired, Part: var part }:
                Change(State.Claims.Get(before.Key), claim => State.Claims.Set(Written(claim, desired, part)));
                break;
            case WriteVolume { Before: var before, Desired: var desired, Part: var part }:
                Change(State.Volumes.Get(before.Name), volume => State.Volumes.Set(Written(volume, desired, part)));
                break;
            case DeletePod { Pod: var pod }:
                State.Pods.Remove(pod.Key);
                break;
            case DeleteVolume { Volume: var volume }:
                Change(State.Volumes.Get(volume.Name), current => DropIfFree(current with { IsDeleting = true, ResourceVersion = ++_version }));
                break;
            default:
                Deeds.Add(step);
                break;
        }
    }

    /// <summary>Plans and applies every object again and again until nothing is left to be written.</summary>
    public World Settle()
    {
        for (var round = 0; round < 50; round++)
        {
            var before = _version;
            foreach (var claim in State.Claims.All.Select(claim => claim.Key).Order().ToArray())
            {
                CarryOut(PlanClaimWithProofs(claim.ToString()));
            }

            foreach (var name in State.Volumes.All.Select(volume => volume.Name).Order(StringComparer.Ordinal).ToArray())
            {
                CarryOut(PlanVolumeWithProofs(name));
            }

            if (_version == before)
            {
                return this;
            }
        }

        throw new InvalidOperationException("the plans never come to rest");
    }

    /// <summary>Everything that is, without versions: two worlds with equal pictures hold the same objects.</summary>
    public string Picture() => string.Join('\n', State.Claims.All.OrderBy(claim => claim.Key).Select(Picture)
        .Concat(State.Volumes.All.OrderBy(volume => volume.Name, StringComparer.Ordinal).Select(Picture)));

    private static string Picture(ClaimEntry claim) =>
        $"claim {claim.Key} {claim.Uid} -> {claim.VolumeName} class {claim.SpecClassName ?? "null"} [{claim.Annotations}] [{string.Join(",", claim.Finalizers)}] "
        + $"{claim.Phase} {claim.StatusCapacityText} {claim.StatusAccessModes} {claim.CurrentAttributesClassName}";

    private static string Picture(VolumeEntry volume) =>
        $"volume {volume.Name} -> {volume.ClaimRef} [{volume.Annotations}] [{string.Join(",", volume.Finalizers)}] {volume.Phase} {volume.Message}";

    private void CarryOut(Plan plan)
    {
        Events.AddRange(plan.Events);
        foreach (var step in plan.Steps)
        {
            Apply(step);
        }

        Events.AddRange(plan.EventsWhenDone);
    }

    private Observation Proven(IEnumerable<Proof> proven) => proven.Aggregate(Seen, (seen, proof) => seen.With(proof));

    private Plan WithProofs(Func<Observation, Plan> make)
    {
        var seen = Seen;
        while (true)
        {
            var plan = make(seen);
            switch (plan.Needs)
            {
                case null:
                    return plan;
                case Proof.ClaimIsGone { Claim: var key, Uid: var uid } when State.Claims.Get(key)?.Uid != uid && !State.Departed.Contains(uid):
                    State.Departed.Add(uid);
                    break;
                case Proof.ClaimIsGone:
                    throw new InvalidOperationException($"asked again about what is known: {plan.Needs}");
                default:
                    Assert.DoesNotContain(plan.Needs, seen.Proven);
                    seen = seen.With(plan.Needs);
                    break;
            }
        }
    }

    private static void Change<T>(T? current, Action<T> change)
        where T : class
    {
        if (current is not null)
        {
            change(current);
        }
    }

    private ClaimEntry Written(ClaimEntry current, ClaimEntry desired, ObjectPart part) => part == ObjectPart.Spec
        ? current with
        {
            Annotations = desired.Annotations,
            Finalizers = desired.Finalizers,
            VolumeName = desired.VolumeName,
            SpecClassName = desired.SpecClassName,
            ResourceVersion = ++_version,
        }
        : current with
        {
            Phase = desired.Phase,
            StatusCapacityText = desired.StatusCapacityText,
            StatusAccessModes = desired.StatusAccessModes,
            CurrentAttributesClassName = desired.CurrentAttributesClassName,
            ResourceVersion = ++_version,
        };

    private VolumeEntry Written(VolumeEntry current, VolumeEntry desired, ObjectPart part) => part == ObjectPart.Spec
        ? current with { Annotations = desired.Annotations, Finalizers = desired.Finalizers, ClaimRef = desired.ClaimRef, ResourceVersion = ++_version }
        : current with { Phase = desired.Phase, Message = desired.Message, ResourceVersion = ++_version };

    private void DropIfFree(VolumeEntry volume)
    {
        if (volume.Finalizers.IsEmpty)
        {
            State.Volumes.Remove(volume.Name);
        }
        else
        {
            State.Volumes.Set(volume);
        }
    }
}
