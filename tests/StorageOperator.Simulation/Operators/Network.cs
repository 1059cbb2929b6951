using StorageOperator.Controllers.Acting;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;
using StorageOperator.Planning.Volumes;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Stores;
using StorageOperator.Simulation.Cluster;

namespace StorageOperator.Simulation.Operators;

/// <summary>
/// One process' way to the API server and to its own machine: steps and reads become requests that wait until somebody lets them
/// arrive. It does what the product's ApiStepTarget does, entry by entry instead of by JSON.
/// </summary>
internal sealed class Network(
    ModelServer server, IEntityStore<ClaimEntry> claims, IEntityStore<VolumeEntry> volumes, IEntityStore<PodEntry> pods) : IApiClient, IStepTarget
{
    private static readonly Task<ServerVersion> Version = Task.FromResult(new ServerVersion(1, 36, "v1.36.2"));

    private readonly List<Request> _requests = [];
    private ulong _podsHeard;

    /// <summary>Requests whose answer has not been heard, oldest first.</summary>
    public IReadOnlyList<Request> Requests => _requests;

    /// <summary>Told before a volume's bytes or object are destroyed.</summary>
    public Action<Step>? Destroying { get; set; }

    /// <summary>Told when a volume was read at the server itself.</summary>
    public Action<string>? VolumeRead { get; set; }

    /// <summary>How new the pods were, read at the server itself, that the process had heard of when it sent the write that is dealt with now.</summary>
    public ulong PodsKnown { get; private set; }

    /// <summary>Told of a write that succeeded and changed nothing.</summary>
    public Action<Step>? ChangedNothing { get; set; }

    /// <summary>Told of a refusal that no race explains.</summary>
    public Action<Step, string>? Refused { get; set; }

    /// <summary>The answer of a request reaches the process.</summary>
    public void Hear(Request request)
    {
        _requests.Remove(request);
        request.Hear();
    }

    public async Task<ulong?> PerformAsync(Step step, ulong? version, CancellationToken ct)
    {
        switch (step)
        {
            case WriteVolume write:
                return await WriteAsync(step, volumes, () => server.Write(write, version ?? write.Before.ResourceVersion));
            case WriteClaim write:
                return await WriteAsync(step, claims, () => server.Write(write, version ?? write.Before.ResourceVersion));
            case DeleteVolume delete:
                await Send(step, () => Gone(Destroy(step, () => server.DeleteVolume(delete.Volume.Key, delete.Volume.Uid))));
                return null;
            case DeletePod delete:
                await Send(step, () => Gone(server.DeletePod(delete.Pod.Key, delete.Pod.Uid)));
                return null;
            case CreateScrubber create:
                await CreateAsync(create);
                return null;
            case DeleteHostPath:
                await DeleteBytesAsync(step);
                return null;
            default:
                throw new InvalidOperationException($"no way to perform a {step.GetType().Name}");
        }
    }

    public async Task<TEntry?> FindAsync<TEntry>(ResourceType type, ObjectKey key, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class => await Send($"read {type.Kind} {key}", () => (TEntry?)Find(type, key));

    public async Task<IReadOnlyList<TEntry>> ListAsync<TEntry>(
        ResourceType type, string? @namespace, string? fieldSelector, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class
    {
        var (listed, version) = await Send($"list {type.Kind}", () => (List(@namespace), server.Version));
        _podsHeard = version;
        return (IReadOnlyList<TEntry>)(object)listed;
    }

    public Task<ServerVersion> GetServerVersionAsync(CancellationToken ct) => Version;

    public Task<TEntry> PatchAsync<TEntry>(
        ResourceType type, ObjectKey key, string? subresource, ReadOnlyMemory<byte> mergePatch, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class => throw new NotSupportedException("Writes go by steps.");

    public Task<TEntry> CreateAsync<TEntry>(ResourceType type, string @namespace, ReadOnlyMemory<byte> body, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class => throw new NotSupportedException("Writes go by steps.");

    public Task DeleteAsync(ResourceType type, ObjectKey key, DeletePreconditions preconditions, CancellationToken ct) =>
        throw new NotSupportedException("Writes go by steps.");

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken ct) =>
        throw new NotSupportedException("Nothing sends anything else.");

    private PodEntry[] List(string? @namespace) => [.. server.Pods.All.Where(pod => pod.Key.Namespace == @namespace)];

    private object? Find(ResourceType type, ObjectKey key)
    {
        if (type == ResourceTypes.PersistentVolumeClaim)
        {
            return server.Claims.Get(key);
        }

        VolumeRead?.Invoke(key.Name);
        return server.Volumes.Get(key);
    }

    private async Task<ulong?> WriteAsync<T>(Step step, IEntityStore<T> store, Func<Answer<T>> write)
        where T : class, IEntry
    {
        var podsKnown = _podsHeard;
        var written = await Send(step, () =>
        {
            PodsKnown = podsKnown;
            return Written(step, write);
        });
        store.Assume(written);
        return written.ResourceVersion;
    }

    private async Task CreateAsync(CreateScrubber create)
    {
        var scrubber = new PodEntry
        {
            Key = new(WellKnown.RecyclerNamespace, WellKnown.RecyclerPodPrefix + create.Volume.Name),
            Annotations = KeyValueSet.From([new(Recycling.ScrubsAfter, create.Volume.ClaimRef!.Uid)]),
        };
        if (await Send(create, () => Destroy(create, () => server.Create(scrubber)).Entry) is { } created)
        {
            pods.Assume(created);
        }
    }

    private async Task DeleteBytesAsync(Step step)
    {
        try
        {
            await Send(step, () => Destroy(step, () => true));
        }
        catch (ApiException e)
        {
            throw new ReclaimFailedException(EventReasons.VolumeFailedDelete, e.Message, e);
        }
    }

    private Task<T> Send<T>(Step step, Func<T> perform) => Send(About(step), perform);

    private Task<T> Send<T>(string about, Func<T> perform)
    {
        var request = new Request<T>(about, perform);
        _requests.Add(request);
        return request.Answer;
    }

    private T Destroy<T>(Step step, Func<T> destroy)
    {
        Destroying?.Invoke(step);
        return destroy();
    }

    private T Written<T>(Step step, Func<Answer<T>> write)
        where T : class
    {
        var version = server.Version;
        var answer = write();
        if (answer.Succeeded && server.Version == version)
        {
            ChangedNothing?.Invoke(step);
        }

        if (answer.Refusal is Refusal.Invalid or Refusal.Forbidden)
        {
            Refused?.Invoke(step, answer.Why);
        }

        return answer.Entry ?? throw Failure(answer.Refusal, answer.Why);
    }

    private static bool Gone<T>(Answer<T> answer)
        where T : class => answer.Refusal is Refusal.None or Refusal.NotFound ? true : throw Failure(answer.Refusal, answer.Why);

    private static ApiException Failure(Refusal refusal, string why) => refusal switch
    {
        Refusal.NotFound => new(ApiFailure.Conflict, why, 404),
        Refusal.AlreadyExists => new(ApiFailure.AlreadyExists, why, 409),
        Refusal.Conflict => new(ApiFailure.Conflict, why, 409),
        Refusal.Forbidden => new(ApiFailure.Forbidden, why, 403),
        _ => new(ApiFailure.Invalid, why, 422),
    };

    private static string About(Step step) => step switch
    {
        WriteVolume write => write.Part == ObjectPart.Spec ? "write volume" : "write volume status",
        WriteClaim write => write.Part == ObjectPart.Spec ? "write claim" : "write claim status",
        _ => step.GetType().Name,
    };
}
