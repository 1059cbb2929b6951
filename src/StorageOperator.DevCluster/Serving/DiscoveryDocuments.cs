using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Resources;

namespace StorageOperator.DevCluster.Serving;

/// <summary>What the server serves, in the forms in which clients discover it.</summary>
internal sealed class DiscoveryDocuments(ResourceRegistry registry)
{
    /// <summary>The version the server reports: the Kubernetes release whose behaviour it follows.</summary>
    public const string GitVersion = "v1.36.2+devcluster";

    /// <summary>/version.</summary>
    public static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["emulationMajor"] = "1",
        ["emulationMinor"] = "36",
        ["minCompatibilityMajor"] = "1",
        ["minCompatibilityMinor"] = "35",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "dotnet",
        ["platform"] = "linux/amd64",
    };

    /// <summary>/api in the older form.</summary>
    public static JsonObject CoreVersions(string address) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address }),
    };

    /// <summary>/apis in the older form.</summary>
    public JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. GroupNames().Where(group => group.Length > 0).Select(Group)]),
    };

    /// <summary>/apis/&lt;group&gt;; null for a group that is not served.</summary>
    public JsonObject? SingleGroup(string name)
    {
        if (name.Length == 0 || !GroupNames().Contains(name))
        {
            return null;
        }
        JsonObject group = Group(name);
        group.Insert(0, "apiVersion", "v1");
        group.Insert(0, "kind", "APIGroup");
        return group;
    }

    /// <summary>/api/v1 or /apis/&lt;group&gt;/&lt;version&gt;; null when it is not served.</summary>
    public JsonObject? Resources(string group, string version)
    {
        ResourceKind[] kinds = [.. registry.Kinds.Where(kind => kind.Group == group && kind.Version == version)];
        if (kinds.Length == 0)
        {
            return null;
        }
        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = kinds[0].ApiVersion,
            ["resources"] = new JsonArray([.. kinds.SelectMany(ResourceAndSubresources)]),
        };
    }

    /// <summary>The aggregated document of the core group, or of all others.</summary>
    public JsonObject Aggregated(bool core) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. GroupNames().Where(group => group.Length == 0 == core).Select(AggregatedGroup)]),
    };

    /// <summary>The names of a kind's subresources.</summary>
    public static IEnumerable<string> SubresourcesOf(ResourceKind kind) => Subresources(kind).Select(subresource => subresource.Name);

    private IEnumerable<string> GroupNames() => registry.Kinds.Select(kind => kind.Group).Distinct();

    private string[] VersionsOf(string group) =>
    [
        .. registry.Kinds.Where(kind => kind.Group == group).Select(kind => kind.Version).Distinct().Order(KubernetesVersions.NewestFirst),
    ];

    private JsonObject Group(string name)
    {
        string[] versions = VersionsOf(name);
        return new JsonObject
        {
            ["name"] = name,
            ["versions"] = new JsonArray([.. versions.Select(version => GroupVersion(name, version))]),
            ["preferredVersion"] = GroupVersion(name, versions[0]),
        };
    }

    private static JsonObject GroupVersion(string group, string version) =>
        new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private static IEnumerable<JsonObject> ResourceAndSubresources(ResourceKind kind)
    {
        var resource = new JsonObject
        {
            ["name"] = kind.Plural,
            ["singularName"] = kind.Singular,
            ["namespaced"] = kind.Namespaced,
            ["kind"] = kind.Kind,
            ["verbs"] = Strings(kind.Verbs),
        };
        AddNames(resource, kind);
        yield return resource;
        foreach ((string name, string verbs, JsonObject responseKind) in Subresources(kind))
        {
            var subresource = new JsonObject
            {
                ["name"] = $"{kind.Plural}/{name}",
                ["singularName"] = "",
                ["namespaced"] = kind.Namespaced,
                ["kind"] = (string)responseKind["kind"]!,
                ["verbs"] = Strings(verbs.Split(',')),
            };
            if (name == "scale")
            {
                subresource["group"] = "autoscaling";
                subresource["version"] = "v1";
            }
            yield return subresource;
        }
    }

    private JsonObject AggregatedGroup(string group) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = group, ["creationTimestamp"] = null },
        ["versions"] = new JsonArray([.. VersionsOf(group).Select(version => new JsonObject
        {
            ["version"] = version,
            ["freshness"] = "Current",
            ["resources"] = new JsonArray(
                [.. registry.Kinds.Where(kind => kind.Group == group && kind.Version == version).Select(AggregatedResource)]),
        })]),
    };

    private static JsonObject AggregatedResource(ResourceKind kind)
    {
        var resource = new JsonObject
        {
            ["resource"] = kind.Plural,
            ["responseKind"] = TypeOf(kind.Group, kind.Version, kind.Kind),
            ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = kind.Singular,
            ["verbs"] = Strings(kind.Verbs),
        };
        AddNames(resource, kind);
        JsonArray subresources = [.. Subresources(kind).Select(subresource => new JsonObject
        {
            ["subresource"] = subresource.Name,
            ["responseKind"] = subresource.Kind,
            ["verbs"] = Strings(subresource.Verbs.Split(',')),
        })];
        if (subresources.Count > 0)
        {
            resource["subresources"] = subresources;
        }
        return resource;
    }

    private static IEnumerable<(string Name, string Verbs, JsonObject Kind)> Subresources(ResourceKind kind)
    {
        JsonObject Own() => TypeOf(kind.Group, kind.Version, kind.Kind);
        if (kind.StorageKey == "/namespaces")
        {
            yield return ("finalize", "update", Own());
        }
        if (kind.StorageKey == "/pods")
        {
            yield return ("binding", "create", TypeOf("", "v1", "Binding"));
        }
        if (kind.HasScale)
        {
            yield return ("scale", "get,patch,update", TypeOf("autoscaling", "v1", "Scale"));
        }
        if (kind.HasStatus)
        {
            yield return ("status", "get,patch,update", Own());
        }
    }

    private static JsonObject TypeOf(string group, string version, string kind) =>
        new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static void AddNames(JsonObject resource, ResourceKind kind)
    {
        if (kind.ShortNames.Count > 0)
        {
            resource["shortNames"] = Strings(kind.ShortNames);
        }
        if (kind.Categories.Count > 0)
        {
            resource["categories"] = Strings(kind.Categories);
        }
    }

    private static JsonArray Strings(IEnumerable<string> values) => [.. values.Select(value => JsonValue.Create(value))];
}
