using StorageOperator.Simulation.Search;
using StorageOperator.Simulation.Worlds;

namespace StorageOperator.Simulation.Regressions;

/// <summary>Histories that broke a promise once, as short as they could be made.</summary>
public sealed class FoundTests
{
    [Fact]
    public void A_volume_offered_to_a_claim_that_then_goes_becomes_Available() => Holds(operators: 1,
    [
        new(MoveKind.CreateVolume, 4, 106), // create volume v4 2Gi class "" ReadWriteMany Recycle
        new(MoveKind.EditVolume, 4, 13), // edit volume v4: Recycle tier=gold class "" 2Gi
        new(MoveKind.CreateClaim, 2, 133), // create claim ns/c2 2Gi class  ReadWriteMany tier=gold
        new(MoveKind.DeleteClaim, 2), // delete claim ns/c2
    ]);

    [Fact]
    public void A_volume_deleted_in_the_middle_of_its_bind_stays() => Holds(operators: 1,
    [
        new(MoveKind.Deliver, 0, 3), // operator 0 hears of kind 3
        new(MoveKind.CreateVolume, 1), // create volume v1 1Gi class "fast" ReadWriteOnce Retain
        new(MoveKind.CreateClaim, 3), // create claim ns/c3 1Gi class fast ReadWriteOnce
        new(MoveKind.Deliver, 0, 1), // operator 0 hears of kind 1
        new(MoveKind.Deliver, 0, 2), // operator 0 hears of kind 2
        new(MoveKind.Deliver), // operator 0 hears of kind 0
        new(MoveKind.Work, 0, 1), // operator 0 works on claim ns/c3
        new(MoveKind.Arrive), // operator 0: write volume arrives, None
        new(MoveKind.DeleteVolume, 1), // delete volume v1
    ]);

    [Fact]
    public void A_claim_that_names_a_volume_hears_when_another_bind_of_it_came_to_nothing() => Holds(operators: 1,
    [
        new(MoveKind.Deliver, 0, 2), // operator 0 hears of kind 2
        new(MoveKind.Deliver, 0, 3), // operator 0 hears of kind 3
        new(MoveKind.Deliver), // operator 0 hears of kind 0
        new(MoveKind.CreateVolume, 1, 202), // create volume v1 2Gi class "" ReadWriteOnce,ReadOnlyMany Recycle tier=gold
        new(MoveKind.Deliver, 0, 1), // operator 0 hears of kind 1
        new(MoveKind.Work), // operator 0 works on volume v1
        new(MoveKind.Arrive), // operator 0: write volume status arrives, None
        new(MoveKind.Hear), // operator 0: write volume status is answered
        new(MoveKind.CreateClaim, 2, 102), // create claim ns/c2 1Gi class  ReadWriteOnce tier=gold
        new(MoveKind.Deliver), // operator 0 hears of kind 0
        new(MoveKind.EditVolume, 1, 11), // edit volume v1: Recycle tier=gold class "" 3Gi
        new(MoveKind.CreateClaim, 4, 71, 2), // create claim ns/c4 3Gi class by default ReadWriteOnce,ReadOnlyMany  names v1
        new(MoveKind.Work), // operator 0 works on volume v1
        new(MoveKind.DeleteClaim, 2), // delete claim ns/c2
    ]);

    private static void Holds(int operators, Move[] moves)
    {
        var violation = new Script(operators, moves).Run();
        if (violation is not null)
        {
            Assert.Fail(violation.ToString());
        }
    }
}
