using System.Text.Json.Nodes;

namespace StorageOperator.Conformance.Scenarios;

/// <summary>The recorded scenarios, and where this operator differs from them on purpose.</summary>
internal static class RecordedScenarios
{
    private const string DeviationsFile = "deviations.json";

    public static readonly IReadOnlyDictionary<string, Scenario> All = Files()
        .Where(file => Path.GetFileName(file) != DeviationsFile)
        .SelectMany(file => JsonNode.Parse(File.ReadAllText(file))!["scenarios"]!.AsArray())
        .Select(json => Scenario.Parse(json!))
        .ToDictionary(scenario => scenario.Id);

    /// <summary>By scenario id.</summary>
    public static readonly IReadOnlyDictionary<string, Deviation> Deviations =
        JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, DeviationsFile)))!["deviations"]!.AsObject()
            .ToDictionary(pair => pair.Key, pair => Deviation.Parse(pair.Value!));

    /// <summary>All of them, or those that <c>CONFORMANCE_SCENARIOS</c> names: ids, beginnings of ids or categories, separated by commas.</summary>
    public static IEnumerable<Scenario> Wanted
    {
        get
        {
            var wanted = (Environment.GetEnvironmentVariable("CONFORMANCE_SCENARIOS") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
            return All.Values.Where(scenario => wanted.Length == 0
                || wanted.Any(name => scenario.Category == name || scenario.Id.StartsWith(name, StringComparison.Ordinal)));
        }
    }

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Recorded");

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Folder, "*.json").Order(StringComparer.Ordinal);
}

/// <summary>Where the operator differs from a recorded scenario on purpose, and what it does instead.</summary>
/// <param name="Reason">Why, in a sentence; docs/compatibility.md says more.</param>
/// <param name="Expected">
/// What differs, for each state by its number from 0: paths as in <c>optional</c> (see Recorded/README.md) and their values. A null
/// value means that the path is absent.
/// </param>
internal sealed record Deviation(string Reason, IReadOnlyDictionary<int, IReadOnlyDictionary<string, string?>> Expected)
{
    public static Deviation Parse(JsonNode json) => new(
        (string)json["reason"]!,
        json["expected"]!.AsObject().ToDictionary(
            pair => int.Parse(pair.Key, System.Globalization.CultureInfo.InvariantCulture),
            pair => (IReadOnlyDictionary<string, string?>)pair.Value!.AsObject().ToDictionary(path => path.Key, path => path.Value?.ToJsonString())));
}
