using StorageOperator.Model;
using StorageOperator.Planning.Plans;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Controllers.Acting;

/// <summary>From a plan to the world: proofs are fetched until the plan stands, then it is told and carried out.</summary>
internal sealed class PlanRunner(
    IStepTarget target, ProofReader proofs, Announcer announcer, EntityQueue<ClaimEntry> claims, EntityQueue<VolumeEntry> volumes)
{
    // Every answer makes the state newer; a plan that still has questions after this many is left to the next observation.
    private const int MostQuestions = 8;

    /// <summary>Makes and carries out one plan.</summary>
    /// <param name="seen">What is known.</param>
    /// <param name="plan">Makes the plan; null when now is not the time.</param>
    /// <param name="ct">Stops between and within steps.</param>
    /// <returns>The plan that was carried out, or null.</returns>
    /// <exception cref="ApiException">A read or write failed; the plan is void.</exception>
    /// <exception cref="ReclaimFailedException">A volume's bytes could not be deleted or scrubbed.</exception>
    public async Task<Plan?> RunAsync(Observation seen, Func<Observation, Ticket?> plan, CancellationToken ct)
    {
        for (var questions = 0; questions < MostQuestions; questions++)
        {
            Proof need;
            using (var ticket = plan(seen))
            {
                if (ticket is null)
                {
                    return null;
                }

                if (ticket.Plan.Needs is not { } needed)
                {
                    await CarryOutAsync(ticket.Plan, ct);
                    return ticket.Plan;
                }

                need = needed;
            }

            seen = await proofs.AnswerAsync(need, seen, ct);
        }

        throw new ApiException(ApiFailure.Conflict, "the object kept changing while it was being looked at");
    }

    private async Task CarryOutAsync(Plan plan, CancellationToken ct)
    {
        announcer.Tell(plan.Events);
        foreach (var claim in plan.WakeClaims)
        {
            claims(claim);
        }

        foreach (var volume in plan.WakeVolumes)
        {
            volumes(ObjectKey.Cluster(volume));
        }

        await PlanExecutor.ExecuteAsync(plan, target, ct);
        announcer.Tell(plan.EventsWhenDone);
    }
}
