using System.Text.Json;
using StorageOperator.Backends.Trees;
using StorageOperator.Controllers.Wire;
using StorageOperator.Model;
using StorageOperator.Model.Reading;
using StorageOperator.Planning.Plans;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Stores;

namespace StorageOperator.Controllers.Acting;

/// <summary>Steps as requests to the API server (and, for hostPath volumes, to this machine). What a request answers is at once in the stores.</summary>
internal sealed class ApiStepTarget(
    IApiClient api, IEntityStore<ClaimEntry> claims, IEntityStore<VolumeEntry> volumes, IEntityStore<PodEntry> pods, StorageControllersOptions options)
    : IStepTarget
{
    private const string HostPathRoot = "/tmp";

    public async Task<ulong?> PerformAsync(Step step, ulong? version, CancellationToken ct)
    {
        switch (step)
        {
            case WriteVolume write:
                return await WriteAsync(ResourceTypes.PersistentVolume, write.Before.Key, write.Part,
                    MergePatch.Of(write, version ?? write.Before.ResourceVersion), VolumeReader.Read, volumes, ct);
            case WriteClaim write:
                return await WriteAsync(ResourceTypes.PersistentVolumeClaim, write.Before.Key, write.Part,
                    MergePatch.Of(write, version ?? write.Before.ResourceVersion), ClaimReader.Read, claims, ct);
            case DeleteVolume delete:
                // The bytes are gone, so the object goes whatever was written to it meanwhile; only it must be this very one.
                await api.DeleteAsync(ResourceTypes.PersistentVolume, delete.Volume.Key, new DeletePreconditions(delete.Volume.Uid), ct);
                return null;
            case DeletePod delete:
                await api.DeleteAsync(ResourceTypes.Pod, delete.Pod.Key, new DeletePreconditions(delete.Pod.Uid), ct);
                return null;
            case CreateScrubber create:
                await CreateAsync(create, ct);
                return null;
            case DeleteHostPath delete:
                await Task.Run(() => RemoveTree(delete, ct), ct);
                return null;
            default:
                throw new InvalidOperationException($"no way to perform a {step.GetType().Name}");
        }
    }

    private async Task<ulong?> WriteAsync<TEntry>(
        ResourceType type, ObjectKey key, ObjectPart part, ReadOnlyMemory<byte> patch, EntryDecoder<TEntry> decode, IEntityStore<TEntry> store, CancellationToken ct)
        where TEntry : class, IEntry
    {
        try
        {
            var written = await api.PatchAsync(type, key, part == ObjectPart.Status ? "status" : null, patch, decode, ct);
            store.Assume(written);
            return written.ResourceVersion;
        }
        catch (ApiException e) when (e.Failure == ApiFailure.NotFound)
        {
            // Gone since it was observed: no failure of anybody's, only a plan that is out of date.
            throw new ApiException(ApiFailure.Conflict, e.Message, e.StatusCode, e.Reason, inner: e);
        }
    }

    private async Task CreateAsync(CreateScrubber create, CancellationToken ct)
    {
        try
        {
            pods.Assume(await api.CreateAsync(
                ResourceTypes.Pod, WellKnown.RecyclerNamespace, ScrubberPod.Manifest(create.Volume, create.Deadline, options.ScrubberImage), ReadScrubber, ct));
        }
        catch (ApiException e) when (e.Failure == ApiFailure.AlreadyExists)
        {
            // It is on its way into the cache, and will be looked at when it is there.
        }
        catch (ApiException e) when (e.Failure is ApiFailure.Forbidden or ApiFailure.Invalid or ApiFailure.BadRequest)
        {
            throw new ReclaimFailedException(EventReasons.VolumeFailedRecycle, $"Recycle failed: the scrubber pod was refused: {e.Message}", e);
        }
    }

    private static PodEntry? ReadScrubber(ref Utf8JsonReader reader) => PodReader.Read(ref reader);

    private static void RemoveTree(DeleteHostPath delete, CancellationToken ct)
    {
        try
        {
            TreeRemover.Remove(HostPathRoot, delete.Path[(HostPathRoot.Length + 1)..], ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReclaimFailedException(EventReasons.VolumeFailedDelete, $"cannot delete {delete.Path}: {e.Message}", e);
        }
    }
}
