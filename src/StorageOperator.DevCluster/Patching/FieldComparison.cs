using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Schema;

namespace StorageOperator.DevCluster.Patching;

/// <summary>What differs between two states of an object, as sets of fields. Source: structured-merge-diff's typed comparison.</summary>
public sealed class FieldComparison
{
    /// <summary>
    /// Parts that Go's types of the built-in kinds hold by value: they are there even in an empty object, so no write adds them.
    /// </summary>
    private static readonly HashSet<string> AlwaysThere =
        ["f:metadata", "f:spec", "f:status", "f:template", "f:resources", "f:strategy", "f:updateStrategy", "f:jobTemplate", "f:source",
            "f:names", "f:acceptedNames", "f:involvedObject", "f:regarding", "f:deprecatedSource", "f:nodeInfo", "f:daemonEndpoints", "f:kubeletEndpoint"];

    /// <summary>Lists and plain values that are written out even when they are empty.</summary>
    private static readonly HashSet<string> AlwaysWritten =
        ["f:containers", "f:drivers", "f:eventTime", "f:firstTimestamp", "f:lastTimestamp", "f:deprecatedFirstTimestamp",
            "f:deprecatedLastTimestamp", "f:reportingComponent", "f:reportingInstance", "f:topologyKeys", "f:serviceName"];

    private readonly List<string> _path = [];

    private FieldComparison()
    {
    }

    /// <summary>Fields that only the second state has.</summary>
    public FieldSet Added { get; } = new();

    /// <summary>Fields that only the first state has.</summary>
    public FieldSet Removed { get; } = new();

    /// <summary>Fields that both states have, with different values.</summary>
    public FieldSet Modified { get; } = new();

    /// <summary>True if nothing differs.</summary>
    public bool IsEmpty => Added.IsEmpty && Removed.IsEmpty && Modified.IsEmpty;

    /// <summary>Compares two states of one object.</summary>
    public static FieldComparison Of(JsonObject before, JsonObject after, SchemaNode? schema)
    {
        var comparison = new FieldComparison();
        comparison.CompareParts(FieldElement.Below(before, schema)!, FieldElement.Below(after, schema)!);
        return comparison;
    }

    private void CompareParts(List<FieldElement> before, List<FieldElement> after)
    {
        var earlier = before.ToDictionary(part => part.Text, StringComparer.Ordinal);
        foreach (var part in after)
        {
            _path.Add(part.Text);
            if (earlier.Remove(part.Text, out var twin))
            {
                Compare(twin, part);
            }
            else
            {
                Record(part, Added, isParentThere: true);
            }

            _path.RemoveAt(_path.Count - 1);
        }

        foreach (var part in earlier.Values)
        {
            _path.Add(part.Text);
            Record(part, Removed, isParentThere: true);
            _path.RemoveAt(_path.Count - 1);
        }
    }

    private void Compare(FieldElement before, FieldElement after)
    {
        // Most of an object stays as it is at a write: what is equal is not taken apart.
        if (JsonNode.DeepEquals(before.Value, after.Value))
        {
            return;
        }

        var earlier = FieldElement.Below(before.Value, before.Schema);
        var later = FieldElement.Below(after.Value, after.Schema);
        if (earlier is null || later is null)
        {
            Modified.Insert(_path);
        }

        CompareParts(earlier ?? [], later ?? []);
    }

    // What is there in an empty object is not new itself, only what it holds; but all of it is new where its parent is.
    private void Record(FieldElement part, FieldSet set, bool isParentThere)
    {
        var isThere = isParentThere && IsThere(part);
        var parts = FieldElement.Below(part.Value, part.Schema) ?? [];
        foreach (var below in parts)
        {
            _path.Add(below.Text);
            Record(below, set, isThere);
            _path.RemoveAt(_path.Count - 1);
        }

        if (!isThere || (parts.Count == 0 && !IsBlank(part.Value)))
        {
            set.Insert(_path);
        }
    }

    private static bool IsThere(FieldElement part)
        => part.Text == "f:metadata"
            || (part.Schema?.Reference is not null && AlwaysThere.Contains(part.Text))
            || (part.Schema?.Type != SchemaType.Object && AlwaysWritten.Contains(part.Text));

    private static bool IsBlank(JsonNode? value) => value switch
    {
        null => true,
        JsonObject fields => fields.Count == 0,
        JsonArray items => items.Count == 0,
        _ => value.GetValueKind() == System.Text.Json.JsonValueKind.String && value.GetValue<string>().Length == 0,
    };
}
