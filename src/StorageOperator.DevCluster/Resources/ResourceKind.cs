using System.Text;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Resources;

/// <summary>One kind as served in one API version: everything about it that the server does not ask its objects for.</summary>
internal sealed record ResourceKind
{
    private static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private readonly Lazy<byte[]> _head;

    public ResourceKind(string group, string version, string plural, string kind, bool namespaced)
    {
        (Group, Version, Plural, Kind, Namespaced) = (group, version, plural, kind, namespaced);
        Singular = kind.ToLowerInvariant();
        StorageKey = $"{group}/{plural}";
        _head = new Lazy<byte[]>(() => Encoding.UTF8.GetBytes($"{{\"kind\":\"{Kind}\",\"apiVersion\":\"{ApiVersion}\""));
    }

    /// <summary>API group; empty for core.</summary>
    public string Group { get; init; }

    /// <summary>API version.</summary>
    public string Version { get; init; }

    /// <summary>Resource name in paths.</summary>
    public string Plural { get; init; }

    /// <summary>Kind.</summary>
    public string Kind { get; init; }

    /// <summary>Whether objects live in a namespace.</summary>
    public bool Namespaced { get; init; }

    /// <summary>Singular name, as kubectl accepts it.</summary>
    public string Singular { get; init; }

    /// <summary>Short names, as kubectl accepts them.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Categories, such as <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Kind of a list of these.</summary>
    public string ListKind { get => field ?? Kind + "List"; init; }

    /// <summary>Whether there is a status subresource, which the main endpoint then does not write.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Whether there is a scale subresource.</summary>
    public bool HasScale { get; init; }

    /// <summary>Whether metadata.generation counts changes of the desired state.</summary>
    public bool CountsGenerations { get; init; }

    /// <summary>Whether an immediate deletion answers with the object instead of a Status.</summary>
    public bool AnswersDeletionWithObject { get; init; }

    /// <summary>Verbs served.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = AllVerbs;

    /// <summary>Where objects are stored; kinds that are views of the same objects share it.</summary>
    public string StorageKey { get; init; }

    /// <summary>For a custom resource: its definition's version entry (<c>spec.versions[]</c>).</summary>
    public JsonObject? CustomVersion { get; init; }

    /// <summary>From the stored form to this kind's, where they differ by more than the API version.</summary>
    public Func<JsonObject, JsonObject>? FromStored { get; init; }

    /// <summary>From this kind's form to the stored one.</summary>
    public Func<JsonObject, JsonObject>? ToStored { get; init; }

    /// <summary>Whether the kind comes from a CustomResourceDefinition.</summary>
    public bool IsCustom => CustomVersion is not null;

    /// <summary>group/version, or the version alone for core.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Resource name as messages give it: <c>deployments.apps</c>, <c>pods</c>.</summary>
    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Kind as messages give it: <c>Deployment.apps</c>, <c>Pod</c>.</summary>
    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    /// <summary>The opening bytes of an object of this kind, up to and without the comma before its first other member.</summary>
    public ReadOnlyMemory<byte> Head => _head.Value;

    /// <summary>Stands in refusals that name no kind.</summary>
    public static ResourceKind Nameless { get; } = new("", "", "", "", namespaced: false);

    /// <summary>The same under another name, for refusals in which the real server names something else than resource or kind.</summary>
    public ResourceKind AsReported(string name) => this with { Plural = name, Kind = name };

    /// <summary>Puts kind and apiVersion in front of an object's other members.</summary>
    public JsonObject Stamp(JsonObject value)
    {
        value.Remove("kind");
        value.Remove("apiVersion");
        value.Insert(0, "apiVersion", ApiVersion);
        value.Insert(0, "kind", Kind);
        return value;
    }
}
