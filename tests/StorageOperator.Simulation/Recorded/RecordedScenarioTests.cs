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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_order_of_events_and_answers_makes_no_difference(int seed)
    {
        var order = new Random(seed);
        var wrong = RecordedScenarios.All.Values.Select(scenario => new RecordedReplay(scenario, order).Run()).Where(lines => lines.Count > 0);
        Assert.Equal("", string.Join("\n", wrong.Select(lines => string.Join("\n  ", lines))));
    }
}
