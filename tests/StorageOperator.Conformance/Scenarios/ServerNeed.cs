using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Conformance.Scenarios;

/// <summary>What a scenario needs of the API server that an older one does not have.</summary>
/// <param name="Version">The first version that has it switched on.</param>
/// <param name="What">What it is, for the reason of a skip.</param>
internal sealed record ServerNeed(ServerVersion Version, string What)
{
    private const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    /// <summary>Everything that a scenario needs, read from the objects and fields it uses.</summary>
    public static IEnumerable<ServerNeed> Of(Scenario scenario)
    {
        var sent = string.Concat(scenario.Manifests.Concat(scenario.Patches).Select(json => json.ToJsonString()));
        if (sent.Contains("olumeAttributesClass", StringComparison.Ordinal))
        {
            yield return new(new(1, 34), "VolumeAttributesClass");
        }

        if (sent.Contains("ReadWriteOncePod", StringComparison.Ordinal))
        {
            yield return new(new(1, 27), "the access mode ReadWriteOncePod");
        }

        if (sent.Contains("\"ephemeral\":", StringComparison.Ordinal))
        {
            yield return new(new(1, 21), "generic ephemeral volumes");
        }

        if (Defaults(scenario).Any(defaults => defaults > 1))
        {
            yield return new(new(1, 26), "claims while several classes are the default");
        }

        if (GainsClassLater(scenario))
        {
            yield return new(new(1, 26), "a class given to a claim that was created without one");
        }

        if (Shrinks(scenario))
        {
            yield return new(new(1, 32), "claims that ask for less than before");
        }
    }

    /// <summary>Why a scenario cannot run on a cluster, or null when it can.</summary>
    public static string? Missing(Scenario scenario, ICluster cluster)
    {
        if (cluster is ExistingCluster && (scenario.Manifests.Any(IsUnscheduledPod) || scenario.Settled.Any(HasRecyclerPod)))
        {
            return "needs a cluster on which no pod is scheduled or run";
        }

        return Of(scenario).FirstOrDefault(need => cluster.Version < need.Version) is { } missing
            ? $"needs {missing.What}, which a Kubernetes {cluster.Version} API server does not have (since {missing.Version})"
            : null;
    }

    // How many default classes there are when a claim without a class is created.
    private static IEnumerable<int> Defaults(Scenario scenario)
    {
        var defaults = 0;
        foreach (var manifest in scenario.Manifests)
        {
            if (IsDefaultClass(manifest))
            {
                defaults++;
            }
            else if (IsClaimWithoutClass(manifest))
            {
                yield return defaults;
            }
        }
    }

    private static bool GainsClassLater(Scenario scenario)
    {
        var classless = new HashSet<string>();
        var defaults = 0;
        foreach (var manifest in scenario.Manifests)
        {
            defaults += IsDefaultClass(manifest) ? 1 : 0;
            if (IsClaimWithoutClass(manifest) && defaults == 0)
            {
                classless.Add($"{manifest["metadata"]!["namespace"]}/{manifest["metadata"]!["name"]}");
            }
        }

        return scenario.Settled
            .SelectMany(state => state["claims"]!.AsObject())
            .Any(claim => classless.Contains(claim.Key) && claim.Value!["storageClassName"] is not null);
    }

    private static bool Shrinks(Scenario scenario)
    {
        var requests = scenario.Manifests.Where(IsClaim)
            .ToLookup(claim => (string)claim["metadata"]!["name"]!, claim => Bytes(claim["spec"]!["resources"]!["requests"]!["storage"]!));
        return scenario.Patches
            .Where(patch => (string)patch["kind"]! == "PersistentVolumeClaim")
            .Any(patch => patch["patch"]!["spec"]?["resources"]?["requests"]?["storage"] is { } request
                && requests[(string)patch["name"]!].Any(before => Bytes(request) < before));
    }

    private static bool IsUnscheduledPod(JsonNode manifest) => (string)manifest["kind"]! == "Pod" && manifest["spec"]!["nodeName"] is null;

    private static bool HasRecyclerPod(JsonNode state) => state["recyclerPods"]!.AsArray().Count > 0;

    private static bool IsClaim(JsonNode manifest) => (string)manifest["kind"]! == "PersistentVolumeClaim";

    private static bool IsClaimWithoutClass(JsonNode manifest) =>
        IsClaim(manifest)
        && manifest["spec"]!["storageClassName"] is null
        && manifest["metadata"]!["annotations"]?["volume.beta.kubernetes.io/storage-class"] is null;

    private static bool IsDefaultClass(JsonNode manifest) =>
        (string)manifest["kind"]! == "StorageClass" && (string?)manifest["metadata"]!["annotations"]?[DefaultClass] == "true";

    private static decimal Bytes(JsonNode quantity)
    {
        var text = (string)quantity!;
        var digits = text.TrimEnd('K', 'M', 'G', 'T', 'i');
        var factor = text[digits.Length..] switch { "Ki" => 1m, "Mi" => 1024m, "Gi" => 1024m * 1024, "Ti" => 1024m * 1024 * 1024, _ => 1m / 1024 };
        return decimal.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) * factor;
    }
}
