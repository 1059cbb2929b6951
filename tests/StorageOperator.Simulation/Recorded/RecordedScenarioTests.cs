using StorageOperator.Conformance.Scenarios;

namespace StorageOperator.Simulation.Recorded;

public sealed class RecordedScenarioTests
{
    public static TheoryData<string> Ids => new(RecordedScenarios.All.Keys);

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_recorded_scenario_settles_as_the_reference_did(string id)
    {
        var wrong = new RecordedReplay(RecordedScenarios.All[id]).Run();
        if (wrong.Count > 0)
        {
            Assert.Fail(string.Join("\n  ", wrong));
        }
    }
}
