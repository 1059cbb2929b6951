using StorageOperator.Controllers.Observing;
using StorageOperator.Model;
using StorageOperator.Model.Reading;
using StorageOperator.Planning.Plans;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Stores;

namespace StorageOperator.Controllers.Acting;

/// <summary>Answers what plans need to know for certain by reads that no cache serves, and puts what was read into the stores.</summary>
internal sealed class ProofReader(
    IApiClient api, StorageView view, IEntityStore<ClaimEntry> claims, IEntityStore<VolumeEntry> volumes, PodCensus census)
{
    /// <summary>Finds out, and returns the observation to plan with next.</summary>
    public async Task<Observation> AnswerAsync(Proof proof, Observation seen, CancellationToken ct) => proof switch
    {
        Proof.ClaimIsGone gone => await ClaimIsGoneAsync(gone, seen, ct),
        Proof.ClaimIsCurrent current => await ClaimIsCurrentAsync(current, seen, ct),
        Proof.ClaimIsUnused unused => await ClaimIsUnusedAsync(unused, seen, ct),
        Proof.VolumeIsCurrent current => await VolumeIsCurrentAsync(current, seen, ct),
        Proof.VolumeIsGone gone => await VolumeIsGoneAsync(gone, seen, ct),
        _ => throw new InvalidOperationException($"no way to prove {proof}"),
    };

    private async Task<Observation> ClaimIsGoneAsync(Proof.ClaimIsGone proof, Observation seen, CancellationToken ct)
    {
        await FindClaimAsync(proof.Claim, proof.Uid, ct);
        return seen;
    }

    private async Task<Observation> ClaimIsCurrentAsync(Proof.ClaimIsCurrent proof, Observation seen, CancellationToken ct) =>
        await FindClaimAsync(proof.Claim, proof.Uid, ct) is { } found ? seen.With(Proof.ClaimIsCurrent.Of(found)) : seen;

    private async Task<ClaimEntry?> FindClaimAsync(ObjectKey key, string uid, CancellationToken ct)
    {
        var found = await api.FindAsync<ClaimEntry>(ResourceTypes.PersistentVolumeClaim, key, ClaimReader.Read, ct);
        if (found?.Uid != uid)
        {
            lock (view.Gate)
            {
                view.State.Departed.Add(uid);
            }
        }

        if (found is not null)
        {
            claims.Assume(found);
        }

        return found;
    }

    // What the list finds is in the state before the plan is made, so the proof only says that the state is fresh enough.
    private async Task<Observation> ClaimIsUnusedAsync(Proof.ClaimIsUnused proof, Observation seen, CancellationToken ct)
    {
        await census.TakeAsync(proof.Claim.Namespace, ct);
        return seen.With(proof);
    }

    private async Task<Observation> VolumeIsCurrentAsync(Proof.VolumeIsCurrent proof, Observation seen, CancellationToken ct)
    {
        if (await FindAsync(proof.Volume, ct) is not { } found)
        {
            return seen;
        }

        volumes.Assume(found);
        return seen.With(proof with { ResourceVersion = found.ResourceVersion });
    }

    private async Task<Observation> VolumeIsGoneAsync(Proof.VolumeIsGone proof, Observation seen, CancellationToken ct)
    {
        if (await FindAsync(proof.Volume, ct) is not { } found)
        {
            return seen.With(proof);
        }

        volumes.Assume(found);
        return seen;
    }

    private Task<VolumeEntry?> FindAsync(string name, CancellationToken ct) =>
        api.FindAsync<VolumeEntry>(ResourceTypes.PersistentVolume, ObjectKey.Cluster(name), VolumeReader.Read, ct);
}
