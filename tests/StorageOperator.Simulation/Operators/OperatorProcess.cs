using StorageOperator.Model;
using StorageOperator.Planning;
using StorageOperator.Planning.Claims;
using StorageOperator.Planning.Cluster;
using StorageOperator.Planning.Plans;
using StorageOperator.Planning.Volumes;
using StorageOperator.Simulation.Cluster;

namespace StorageOperator.Simulation.Operators;

/// <summary>
/// One process of the operator: it knows only what its feeds told it, plans with the product's own planners, and carries plans out
/// request by request. Nothing happens by itself: whoever owns it says which event is delivered, which key is worked on, which request
/// arrives. To crash it is to forget it.
/// </summary>
internal sealed class OperatorProcess
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestConflictPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1000);
    private static readonly TimeSpan FirstReclaimPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestReclaimPause = TimeSpan.FromSeconds(122);

    private readonly ModelServer _server;
    private readonly PlanningOptions _options;
    private readonly List<Request> _requests = [];
    private readonly Dictionary<WorkKey, int> _failures = [];
    private readonly Dictionary<string, (int Failures, TimeSpan Until)> _reclaims = new(StringComparer.Ordinal);

    /// <summary>Starts a process: it lists everything, then works on every claim and volume.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="options">The administrator's choices.</param>
    /// <param name="listsBehind">How many changes the first list of claims, volumes, classes and pods does not show.</param>
    public OperatorProcess(ModelServer server, PlanningOptions options, (int Claims, int Volumes, int Classes, int Pods) listsBehind = default)
    {
        (_server, _options) = (server, options);
        Claims = new(server.Claims, OnClaim);
        Volumes = new(server.Volumes, OnVolume);
        Classes = new(server.Classes, OnClass);
        Pods = new(server.Pods, OnPod);
        Classes.List(listsBehind.Classes);
        Pods.List(listsBehind.Pods);
        Volumes.List(listsBehind.Volumes);
        Claims.List(listsBehind.Claims);
    }

    public Feed<ClaimEntry> Claims { get; }

    public Feed<VolumeEntry> Volumes { get; }

    public Feed<ClassEntry> Classes { get; }

    public Feed<PodEntry> Pods { get; }

    public ClusterState State { get; } = new();

    public WorkQueue Queue { get; } = new();

    /// <summary>Requests on their way to the server or back, oldest first.</summary>
    public IReadOnlyList<Request> Requests => _requests;

    /// <summary>Told of what is about to be done to a volume's bytes or object, before it is done.</summary>
    public Action<Undertaking, Step>? BeforeDestroying { get; set; }

    /// <summary>Told of each refusal that no race explains.</summary>
    public Action<Undertaking, Step, string>? Refused { get; set; }

    /// <summary>Told when the destruction of a volume is confirmed by a read of the server.</summary>
    public Action<Undertaking>? Confirming { get; set; }

    /// <summary>Takes a ready key and makes its plan.</summary>
    public void Work(int index)
    {
        var undertaking = new Undertaking(Queue.Take(index), Observation.Of(State, _options));
        Plan(undertaking);
    }

    /// <summary>The server deals with a request.</summary>
    public void Arrive(Request request, Fault fault)
    {
        request.HasArrived = true;
        if (fault is Fault.Lost or Fault.Conflict)
        {
            (request.Failed, request.IsConflict) = (true, fault == Fault.Conflict);
            return;
        }

        if (request.Proof is { } proof)
        {
            Read(request, proof);
        }
        else
        {
            Execute(request, request.Owner.Plan.Steps[request.Step]);
        }

        if (fault == Fault.AnswerLost)
        {
            (request.Failed, request.Learn) = (true, null);
        }
    }

    /// <summary>The process hears the answer of a request that has arrived.</summary>
    public void Hear(Request request)
    {
        _requests.Remove(request);
        var undertaking = request.Owner;
        undertaking.UnderWay--;
        if (request.Failed)
        {
            undertaking.HasFailed = true;
            undertaking.IsConflict |= request.IsConflict;
        }
        else
        {
            request.Learn?.Invoke();
            if (request.Proof is not null)
            {
                Plan(undertaking);
                return;
            }

            undertaking.Done[request.Step] = true;
        }

        Continue(undertaking);
    }

    private void Plan(Undertaking undertaking)
    {
        var plan = undertaking.Key.IsVolume ? PlanVolume(undertaking) : PlanClaim(undertaking);
        if (plan is null)
        {
            Finish(undertaking);
            return;
        }

        undertaking.Begin(plan);
        if (plan.Needs is { } proof)
        {
            Send(undertaking, -1, proof);
            return;
        }

        Tell(plan.Events);
        foreach (var claim in plan.WakeClaims)
        {
            Queue.Add(WorkKey.Claim(claim));
        }

        foreach (var volume in plan.WakeVolumes)
        {
            Queue.Add(WorkKey.Volume(volume));
        }

        Reserve(undertaking, plan);
        Continue(undertaking);
    }

    private Plan? PlanClaim(Undertaking undertaking) =>
        State.Claims.Get(undertaking.Key.Key) is { } claim ? ClaimPlanner.Plan(claim, undertaking.Seen) : null;

    private Plan? PlanVolume(Undertaking undertaking)
    {
        var name = undertaking.Key.Key.Name;
        var mayReclaim = !_reclaims.TryGetValue(name, out var reclaim) || reclaim.Until <= _server.Now;
        return State.Volumes.Get(name) is { } volume ? VolumePlanner.Plan(volume, undertaking.Seen with { MayReclaim = mayReclaim }) : null;
    }

    // Only a claim's plan chooses a volume; from here until its last step has ended no other claim of this process may choose it.
    private void Reserve(Undertaking undertaking, Plan plan)
    {
        if (!undertaking.Key.IsVolume && plan.Steps.OfType<WriteVolume>().FirstOrDefault() is { } write)
        {
            undertaking.Reserved = write.Before.Name;
            State.Volumes.Reserve(write.Before.Name, undertaking.Key.Key);
        }
    }

    private void Continue(Undertaking undertaking)
    {
        for (var step = 0; step < undertaking.Plan.Steps.Length && !undertaking.HasFailed; step++)
        {
            var after = undertaking.Plan.Steps[step].After;
            if (!undertaking.Sent[step] && (after is null || undertaking.Done[after.Value]))
            {
                undertaking.Sent[step] = true;
                Send(undertaking, step, null);
            }
        }

        if (undertaking.UnderWay == 0)
        {
            Finish(undertaking);
        }
    }

    private void Send(Undertaking undertaking, int step, Proof? proof)
    {
        undertaking.UnderWay++;
        _requests.Add(new Request(undertaking, step, proof));
    }

    private void Finish(Undertaking undertaking)
    {
        var key = undertaking.Key;
        if (undertaking.Reserved is { } reserved)
        {
            State.Volumes.Release(reserved);
            if (undertaking.HasFailed)
            {
                // While it was reserved nobody looked at it, and if no write took effect nobody is told to.
                Queue.Add(WorkKey.Volume(reserved));
            }
        }

        Queue.Done(key);
        if (undertaking.HasFailed)
        {
            var failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
            Queue.AddAt(key, _server.Now + Pause(FirstPause, undertaking.IsConflict ? LongestConflictPause : LongestPause, failures));
        }
        else
        {
            _failures.Remove(key);
            Tell(undertaking.Plan.EventsWhenDone);
        }

        if (key.IsVolume)
        {
            FinishReclaim(undertaking, key);
        }
    }

    private void FinishReclaim(Undertaking undertaking, WorkKey key)
    {
        var name = key.Key.Name;
        var attempted = undertaking.HasFailed && undertaking.Plan.Steps.Any(step => step is DeleteHostPath or CreateScrubber);
        if (attempted || undertaking.Plan is { Verdict: Verdict.Failed, RetryLater: true })
        {
            var failures = _reclaims.TryGetValue(name, out var known) ? known.Failures : 0;
            _reclaims[name] = (failures + 1, _server.Now + Pause(FirstReclaimPause, LongestReclaimPause, failures));
        }
        else if (undertaking.Plan.Verdict is Verdict.Available or Verdict.Bound)
        {
            _reclaims.Remove(name);
        }

        if (undertaking.Plan.RetryLater)
        {
            Queue.AddAt(key, _reclaims.TryGetValue(name, out var reclaim) && reclaim.Until > _server.Now ? reclaim.Until : _server.Now + FirstReclaimPause);
        }
    }

    private static TimeSpan Pause(TimeSpan first, TimeSpan longest, int failures) =>
        failures >= 20 || first * (1 << failures) > longest ? longest : first * (1 << failures);

    private void Tell(IEnumerable<PlannedEvent> events)
    {
        foreach (var told in events)
        {
            _server.Events.Add((told.About == ResourceTypes.PersistentVolume ? "PersistentVolume" : "PersistentVolumeClaim", told.Key, told.IsWarning, told.Reason));
        }
    }

    private void Execute(Request request, Step step)
    {
        var undertaking = request.Owner;
        switch (step)
        {
            case WriteClaim write:
                var claim = _server.Write(write, VersionFor(undertaking, request.Step, write.Before));
                Settle(request, claim, written => Learn(Claims, written, written.IsDeleting && written.Finalizers.IsEmpty));
                break;
            case WriteVolume write:
                var volume = _server.Write(write, VersionFor(undertaking, request.Step, write.Before));
                Settle(request, volume, written => Learn(Volumes, written, written.IsDeleting && written.Finalizers.IsEmpty));
                break;
            case DeleteHostPath:
                BeforeDestroying?.Invoke(undertaking, step);
                break;
            case DeleteVolume delete:
                BeforeDestroying?.Invoke(undertaking, step);
                Settle(request, _server.DeleteVolume(delete.Volume.Key, delete.Volume.Uid), deleted => Learn(Volumes, deleted, deleted.Finalizers.IsEmpty), gone: true);
                break;
            case CreateScrubber create:
                BeforeDestroying?.Invoke(undertaking, step);
                Settle(request, _server.Create(Scrubber(create.Volume)), created => Learn(Pods, created, isGone: false));
                break;
            case DeletePod delete:
                Settle(request, _server.DeletePod(delete.Pod.Key, delete.Pod.Uid), deleted => Learn(Pods, deleted, isGone: true), gone: true);
                break;
            default:
                throw new InvalidOperationException($"Nobody knows how to carry out {step}.");
        }
    }

    private static PodEntry Scrubber(VolumeEntry volume) => new()
    {
        Key = new(WellKnown.RecyclerNamespace, WellKnown.RecyclerPodPrefix + volume.Name),
        Annotations = KeyValueSet.From([new("storageoperator.io/scrubs-after-claim", volume.ClaimRef!.Uid)]),
    };

    // A step on an object that an earlier step of this plan has written continues from what that step left.
    private static ulong VersionFor(Undertaking undertaking, int step, IEntry before)
    {
        var version = before.ResourceVersion;
        for (var earlier = undertaking.Plan.Steps[step].After; earlier is { } index; earlier = undertaking.Plan.Steps[index].After)
        {
            if (ObjectOf(undertaking.Plan.Steps[index]) is { } written && written.GetType() == before.GetType() && written.Key == before.Key)
            {
                return undertaking.Versions[index];
            }
        }

        return version;
    }

    private static IEntry? ObjectOf(Step step) => step switch
    {
        WriteClaim write => write.Before,
        WriteVolume write => write.Before,
        _ => null,
    };

    private void Settle<T>(Request request, Answer<T> answer, Action<T> learn, bool gone = false)
        where T : class, IEntry
    {
        var undertaking = request.Owner;
        if (answer.Succeeded)
        {
            var written = answer.Entry!;
            undertaking.Versions[request.Step] = written.ResourceVersion;
            request.Learn = () => learn(written);
            return;
        }

        if (gone && answer.Refusal is Refusal.NotFound)
        {
            return;
        }

        (request.Failed, request.IsConflict) = (true, answer.Refusal is Refusal.Conflict or Refusal.NotFound or Refusal.AlreadyExists);
        if (answer.Refusal is Refusal.Invalid or Refusal.Forbidden)
        {
            Refused?.Invoke(undertaking, undertaking.Plan.Steps[request.Step], answer.Why);
        }
    }

    private static void Learn<T>(Feed<T> feed, T written, bool isGone)
        where T : class, IEntry
    {
        if (isGone)
        {
            feed.AssumeDeleted(written.Key, written.Uid);
        }
        else
        {
            feed.Assume(written);
        }
    }

    private void Read(Request request, Proof proof)
    {
        var undertaking = request.Owner;
        switch (proof)
        {
            case Proof.ClaimIsGone ask:
                var claim = _server.Claims.Get(ask.Claim);
                request.Learn = claim?.Uid == ask.Uid ? () => Claims.Assume(claim) : () => State.Departed.Add(ask.Uid);
                break;
            case Proof.ClaimIsUnused ask:
                var users = _server.Pods.All.Where(pod => pod.NodeName.Length > 0 && PodIndex.ClaimsOf(pod).Contains(ask.Claim)).ToArray();
                request.Learn = () =>
                {
                    Prove(undertaking, proof, State.Claims.Get(ask.Claim) is not { } asked || !users.Any(pod => Uses(pod, asked)));
                    Array.ForEach(users, Pods.Assume);
                };
                break;
            case Proof.VolumeIsCurrent ask:
                var volume = _server.Volumes.Get(ObjectKey.Cluster(ask.Volume));
                Confirming?.Invoke(undertaking);
                request.Learn = () =>
                {
                    Prove(undertaking, proof, volume?.ResourceVersion == ask.ResourceVersion);
                    AssumeRead(volume, ask.Volume);
                };
                break;
            case Proof.VolumeIsGone ask:
                var found = _server.Volumes.Get(ObjectKey.Cluster(ask.Volume));
                request.Learn = () =>
                {
                    Prove(undertaking, proof, found is null);
                    if (found is not null)
                    {
                        Volumes.Assume(found);
                    }
                };
                break;
            default:
                throw new InvalidOperationException($"Nobody knows how to prove {proof}.");
        }
    }

    private static bool Uses(PodEntry pod, ClaimEntry claim) =>
        pod.Claims.Any(use => use.ClaimName == claim.Key.Name && (!use.IsEphemeral || (claim.ControllerUid == pod.Uid && !pod.IsForceDeleted)));

    private void AssumeRead(VolumeEntry? volume, string name)
    {
        if (volume is not null)
        {
            Volumes.Assume(volume);
        }
        else if (State.Volumes.Get(name) is { } held)
        {
            Volumes.AssumeDeleted(held.Key, held.Uid);
        }
    }

    private static void Prove(Undertaking undertaking, Proof proof, bool isTrue)
    {
        if (isTrue)
        {
            undertaking.Seen = undertaking.Seen.With(proof);
        }
    }

    private void OnClaim(ClaimEntry? before, ClaimEntry? after)
    {
        var key = (after ?? before)!.Key;
        if (before is not null && before.Uid != after?.Uid)
        {
            State.Departed.Add(before.Uid);
        }

        if (after is null)
        {
            State.Claims.Remove(key);
        }
        else
        {
            State.Claims.Set(after);
            Queue.Add(WorkKey.Claim(key));
        }

        WakeVolumes(Relations.VolumesOf(State, before, after));
    }

    private void OnVolume(VolumeEntry? before, VolumeEntry? after)
    {
        var name = (after ?? before)!.Name;
        if (after is null)
        {
            State.Volumes.Remove(name);
            _reclaims.Remove(name);
        }
        else
        {
            State.Volumes.Set(after);
            Queue.Add(WorkKey.Volume(name));
        }

        WakeClaims(Relations.ClaimsOf(State, before, after));
    }

    private void OnClass(ClassEntry? before, ClassEntry? after)
    {
        if (after is null)
        {
            State.Classes.Remove(before!.Name);
        }
        else
        {
            State.Classes.Set(after);
        }

        WakeClaims(Relations.ClaimsOf(State, (after ?? before)!));
    }

    private void OnPod(PodEntry? before, PodEntry? after)
    {
        if (after is null)
        {
            State.Pods.Remove(before!.Key);
        }
        else
        {
            State.Pods.Set(after);
        }

        WakeClaims(Relations.ClaimsOf(before, after));
        WakeVolumes(Relations.VolumesOf(State, before, after));
    }

    private void WakeClaims(IEnumerable<ObjectKey> claims)
    {
        foreach (var claim in claims)
        {
            Queue.Add(WorkKey.Claim(claim));
        }
    }

    private void WakeVolumes(IEnumerable<string> volumes)
    {
        foreach (var volume in volumes)
        {
            Queue.Add(WorkKey.Volume(volume));
        }
    }
}
