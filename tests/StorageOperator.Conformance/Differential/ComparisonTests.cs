using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Conformance.Differential;

/// <summary>The comparison itself: it must see what matters and overlook only what it says.</summary>
public sealed class ComparisonTests
{
    private static readonly Comparison Old = new(new ServerVersion(1, 20));
    private static readonly Comparison New = new(new ServerVersion(1, 36));

    [Fact]
    public void The_table_has_requests_of_every_sort()
    {
        var verbs = RequestTable.Cases.Values.SelectMany(wanted => wanted.Requests).Select(request => request.Verb).Distinct();
        Assert.Superset(new HashSet<string> { "GET", "POST", "PUT", "DELETE", "MERGE", "JSON", "STRATEGIC", "APPLY", "WATCH" },
            verbs.ToHashSet());
        Assert.All(RequestTable.Cases.Values, wanted => Assert.NotEmpty(wanted.Requests));
    }

    [Theory]
    [InlineData("""{"kind":"Pod","status":{"phase":"Running"}}""", """{"kind":"Pod","status":{"phase":"Pending"}}""")]
    [InlineData("""{"kind":"Pod","spec":{"a":1}}""", """{"kind":"Pod","spec":{}}""")]
    [InlineData("""{"kind":"Pod","metadata":{"uid":"1"}}""", """{"kind":"Pod","metadata":{}}""")]
    [InlineData("""{"kind":"PodList","items":[{"metadata":{"name":"a"}}]}""", """{"kind":"PodList","items":[]}""")]
    [InlineData("""{"kind":"Status","reason":"Invalid"}""", """{"kind":"Status","reason":"Forbidden"}""")]
    [InlineData("""{"kind":"Status","details":{"causes":[{"reason":"a","field":"x"}]}}""", """{"kind":"Status","details":{"causes":[{"reason":"a","field":"y"}]}}""")]
    [InlineData("""{"kind":"Pod","metadata":{"managedFields":[{"manager":"m","fieldsV1":{"f:spec":{"f:a":{}}}}]}}""", """{"kind":"Pod","metadata":{"managedFields":[{"manager":"m","fieldsV1":{"f:spec":{}}}]}}""")]
    public void What_clients_see_is_compared(string ours, string theirs)
    {
        Assert.NotEmpty(Differences(Old, ours, theirs));
        Assert.NotEmpty(Differences(New, ours, theirs));
    }

    [Theory]
    [InlineData("""{"kind":"Pod","metadata":{"uid":"1","resourceVersion":"7","creationTimestamp":"2026-05-05T05:05:05Z"}}""", """{"kind":"Pod","metadata":{"uid":"2","resourceVersion":"9","creationTimestamp":"2026-05-05T05:05:09Z"}}""")]
    [InlineData("""{"kind":"Status","message":"one way"}""", """{"kind":"Status","message":"another"}""")]
    [InlineData("""{"kind":"Pod","metadata":{"managedFields":[{"manager":"m","time":"2026-05-05T05:05:05Z","fieldsV1":{"f:spec":{}}}]}}""", """{"kind":"Pod","metadata":{"managedFields":[{"manager":"m","time":"2026-05-05T05:05:09Z","fieldsV1":{"f:spec":{}}}]}}""")]
    public void What_each_server_chooses_itself_is_not(string ours, string theirs) => Assert.Empty(Differences(New, ours, theirs));

    [Fact]
    public void What_a_server_is_too_old_to_know_is_overlooked_only_for_that_server()
    {
        const string ours = """{"kind":"PersistentVolume","status":{"phase":"Pending","lastPhaseTransitionTime":"2026-05-05T05:05:05Z"}}""";
        const string theirs = """{"kind":"PersistentVolume","status":{"phase":"Pending"}}""";
        Assert.Empty(Differences(Old, ours, theirs));
        Assert.NotEmpty(Differences(New, ours, theirs));
    }

    private static List<string> Differences(Comparison comparison, string ours, string theirs) => Comparison.Differences(
        comparison.Normal(new DifferentialAnswer(200, JsonNode.Parse(ours))), comparison.Normal(new DifferentialAnswer(200,
            JsonNode.Parse(theirs)))).ToList();
}
