using StorageOperator.Conformance.Scenarios;
using StorageOperator.Testing;

namespace StorageOperator.Conformance;

/// <summary>What kube-controller-manager does, recorded as data, and replayed against the operator.</summary>
public sealed class RecordedScenarioTests(ScenarioReplay replay) : IClassFixture<ScenarioReplay>
{
    public static TheoryData<string> Ids => [.. RecordedScenarios.Wanted.Select(scenario => scenario.Id).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Recorded_scenario_settles_as_recorded(string id)
    {
        var outcome = await replay.OutcomeOf(id);
        Assert.SkipWhen(outcome.WhySkipped is not null, outcome.WhySkipped ?? "");
        if (outcome.Wrong is not null)
        {
            Assert.Fail(outcome.Wrong);
        }
    }

    [Fact]
    public void Every_recorded_scenario_is_here() => Assert.Equal(416, RecordedScenarios.All.Count);

    [Fact]
    public void Deviations_are_those_of_the_documentation()
    {
        var page = Path.Combine(Programs.RepositoryRoot, "docs/compatibility.md");
        var documented = (File.Exists(page) ? File.ReadAllText(page) : "").Split('`').Where(RecordedScenarios.All.ContainsKey).ToHashSet();
        Assert.Equal(RecordedScenarios.Deviations.Keys.Order(), documented.Order());
    }

    [Fact]
    public void Every_deviation_names_a_state_of_its_scenario_and_a_reason() => Assert.All(RecordedScenarios.Deviations, pair =>
    {
        var scenario = RecordedScenarios.All[pair.Key];
        Assert.NotEmpty(pair.Value.Reason);
        Assert.NotEmpty(pair.Value.Expected);
        Assert.All(pair.Value.Expected.Keys, stage => Assert.InRange(stage, 0, scenario.Settled.Count - 1));
    });
}
