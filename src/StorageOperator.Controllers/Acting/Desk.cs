using StorageOperator.Controllers.Observing;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Controllers.Acting;

/// <summary>
/// Where plans are made, one at a time, and where it is known which objects a plan under way touches. An object that is touched is not
/// planned for again until that plan has ended; whoever asked meanwhile is called back then. So this process never conflicts with
/// itself, and no two claims are promised the same volume.
/// </summary>
internal sealed class Desk(StorageView view, EntityQueue<ClaimEntry> claimQueue, EntityQueue<VolumeEntry> volumeQueue)
{
    private readonly InFlight _claims = new();
    private readonly InFlight _volumes = new();

    /// <summary>Plans for a claim.</summary>
    /// <returns>Null when the claim is unknown, or touched by a plan under way; then it is enqueued again in time.</returns>
    public Ticket? PlanClaim(ObjectKey key, Func<ClaimEntry, Plan> make)
    {
        lock (view.Gate)
        {
            if (view.State.Claims.Get(key) is not { } claim || _claims.WaitFor(key, new Waiter(key, IsClaim: true)))
            {
                return null;
            }

            return Take(make(claim), new Waiter(key, IsClaim: true));
        }
    }

    /// <summary>Plans for a volume.</summary>
    /// <returns>Null when the volume is unknown, or touched by a plan under way; then it is enqueued again in time.</returns>
    public Ticket? PlanVolume(ObjectKey key, Func<VolumeEntry, Plan> make)
    {
        lock (view.Gate)
        {
            if (view.State.Volumes.Get(key.Name) is not { } volume || _volumes.WaitFor(key, new Waiter(key, IsClaim: false)))
            {
                return null;
            }

            return Take(make(volume), new Waiter(key, IsClaim: false));
        }
    }

    /// <summary>Ends a plan, however it went.</summary>
    public void Return(Ticket ticket)
    {
        List<Waiter> waiters = [];
        lock (view.Gate)
        {
            foreach (var claim in ticket.Claims)
            {
                waiters.AddRange(_claims.Release(claim));
            }

            foreach (var volume in ticket.Volumes)
            {
                waiters.AddRange(_volumes.Release(volume));
                if (view.State.Volumes.ReservedFor(volume.Name) is not null)
                {
                    view.State.Volumes.Release(volume.Name);
                    waiters.AddRange(Refused(volume));
                }
            }
        }

        foreach (var waiter in waiters)
        {
            Enqueue(waiter);
        }
    }

    // Whoever was refused a volume because it was reserved is told by nobody else when its bind came to nothing.
    private IEnumerable<Waiter> Refused(ObjectKey volume) => view.State.Volumes.Get(volume.Name) is { ClaimRef: null }
        ? view.State.Claims.Naming(volume.Name).Select(claim => new Waiter(claim, IsClaim: true)).Prepend(new Waiter(volume, IsClaim: false))
        : [];

    // A plan that would touch an object of a plan under way is thrown away: its asker is called back when that one has ended.
    private Ticket? Take(Plan plan, Waiter asker)
    {
        var claims = Touched(plan, ClaimOf, asker, asker.IsClaim);
        var volumes = Touched(plan, VolumeOf, asker, !asker.IsClaim);
        if (claims.Any(claim => _claims.WaitFor(claim, asker)) || volumes.Any(volume => _volumes.WaitFor(volume, asker)))
        {
            return null;
        }

        foreach (var claim in claims)
        {
            _claims.Begin(claim);
        }

        foreach (var volume in volumes)
        {
            _volumes.Begin(volume);
            if (claims is [var claim, ..])
            {
                view.State.Volumes.Reserve(volume.Name, claim);
            }
        }

        return new Ticket(this, plan, claims, volumes);
    }

    private static ObjectKey[] Touched(Plan plan, Func<Step, ObjectKey?> objectOf, Waiter asker, bool withAsker) =>
        [.. plan.Steps.Select(objectOf).OfType<ObjectKey>().Concat(withAsker ? [asker.Key] : []).Distinct()];

    private void Enqueue(Waiter waiter)
    {
        if (waiter.IsClaim)
        {
            claimQueue(waiter.Key);
        }
        else
        {
            volumeQueue(waiter.Key);
        }
    }

    private static ObjectKey? ClaimOf(Step step) => step is WriteClaim write ? write.Before.Key : null;

    private static ObjectKey? VolumeOf(Step step) => step switch
    {
        WriteVolume write => write.Before.Key,
        DeleteVolume delete => delete.Volume.Key,
        _ => null,
    };
}
