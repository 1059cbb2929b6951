using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Tests;

public sealed class BindingTests
{
    private static readonly ClaimEntry Claim = Given.Claim("ns/c");
    private static readonly VolumeEntry Volume = Given.Volume("v");

    [Fact]
    public void A_bind_points_the_volume_to_the_claim_first_then_writes_the_rest()
    {
        var plan = new World(Claim, Volume).PlanClaim("ns/c");

        Assert.Equal(Verdict.Binding, plan.Verdict);
        Assert.Equal(
            [
                "volume v spec: claimRef=ns/c#uid-of-ns/c +bound-by-controller",
                "volume v status: phase=Bound (after 0)",
                "claim ns/c spec: volumeName=v +bind-completed +bound-by-controller (after 0)",
                "claim ns/c status: phase=Bound capacity=10Gi modes=ReadWriteOnce (after 2)",
            ],
            plan.Lines());
        Assert.Empty(plan.Events);
    }
}
