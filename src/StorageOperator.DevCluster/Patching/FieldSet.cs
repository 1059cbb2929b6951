using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Schema;

namespace StorageOperator.DevCluster.Patching;

/// <summary>
/// A set of fields of an object, as a tree: what one manager owns. The elements of a path are written as in fieldsV1:
/// <c>f:name</c> (a field), <c>k:{"name":"a"}</c> (an item of a list told apart by keys), <c>v:"x"</c> (an item of a set).
/// Source: structured-merge-diff's fieldpath and its serialization.
/// </summary>
public sealed class FieldSet
{
    private const string Self = ".";

    /// <summary>The elements below, by their written form, in order.</summary>
    public SortedDictionary<string, FieldSet> Children { get; } = new(StringComparer.Ordinal);

    /// <summary>True if the field at this place itself is in the set, apart from what lies below it.</summary>
    public bool IsMember { get; private set; }

    /// <summary>True if nothing is in the set.</summary>
    public bool IsEmpty => !IsMember && Children.Count == 0;

    /// <summary>Reads a fieldsV1 object.</summary>
    /// <exception cref="FormatException">It has something else than fields, keys, values and indexes.</exception>
    public static FieldSet Read(JsonObject fieldsV1)
    {
        var set = new FieldSet();
        foreach (var (element, below) in fieldsV1)
        {
            if (element == Self)
            {
                set.IsMember = true;
            }
            else
            {
                CheckElement(element);
                var child = Read(below as JsonObject ?? []);
                child.IsMember |= child.Children.Count == 0;
                set.Children[element] = child;
            }
        }

        return set;
    }

    /// <summary>Writes the set as a fieldsV1 object.</summary>
    public JsonObject Write()
    {
        var fields = new JsonObject();
        if (IsMember && Children.Count > 0)
        {
            fields[Self] = new JsonObject();
        }

        foreach (var (element, child) in Children)
        {
            fields[element] = child.Write();
        }

        return fields;
    }

    /// <summary>The set of all fields that <paramref name="value"/> gives: what applying it owns.</summary>
    public static FieldSet Of(JsonObject value, SchemaNode? schema)
    {
        var set = new FieldSet();
        Collect(value, schema, set);
        set.IsMember = false;
        return set;
    }

    /// <summary>Puts the field at <paramref name="path"/> into the set.</summary>
    public void Insert(IEnumerable<string> path)
    {
        var node = this;
        foreach (var element in path)
        {
            if (!node.Children.TryGetValue(element, out var child))
            {
                node.Children[element] = child = new FieldSet();
            }

            node = child;
        }

        node.IsMember = true;
    }

    /// <summary>What is in this set or in <paramref name="other"/>.</summary>
    public FieldSet Union(FieldSet other) => Combine(this, other, (left, right) => left || right);

    /// <summary>What is in this set but not in <paramref name="other"/>.</summary>
    public FieldSet Difference(FieldSet other) => Combine(this, other, (left, right) => left && !right);

    /// <summary>What is in both sets.</summary>
    public FieldSet Intersection(FieldSet other) => Combine(this, other, (left, right) => left && right);

    /// <summary>True if some field is in both sets.</summary>
    public bool Overlaps(FieldSet other)
        => (IsMember && other.IsMember)
            || Children.Any(child => other.Children.TryGetValue(child.Key, out var twin) && child.Value.Overlaps(twin));

    /// <summary>True if both sets have the same fields.</summary>
    public bool SameAs(FieldSet other)
        => IsMember == other.IsMember && Children.Count == other.Children.Count
            && Children.All(child => other.Children.TryGetValue(child.Key, out var twin) && child.Value.SameAs(twin));

    /// <summary>The fields of the set as messages write them, in order: <c>.spec.containers[name="a"].image</c>.</summary>
    public IEnumerable<string> Paths() => PathsBelow("");

    /// <summary>
    /// The set without what no manager ever owns: apiVersion, kind, and the parts of the metadata that identify the object or that the
    /// server writes.
    /// </summary>
    public FieldSet WithoutServerFields()
    {
        var set = Combine(this, new FieldSet(), (left, _) => left);
        set.Children.Remove("f:apiVersion");
        set.Children.Remove("f:kind");
        if (set.Children.TryGetValue("f:metadata", out var metadata))
        {
            metadata.IsMember = false;
            foreach (var name in new[] { "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation",
                "managedFields", "resourceVersion" })
            {
                metadata.Children.Remove("f:" + name);
            }

            if (metadata.IsEmpty)
            {
                set.Children.Remove("f:metadata");
            }
        }

        return set;
    }

    /// <summary>The set without the top-level fields <paramref name="names"/>.</summary>
    public FieldSet Without(IEnumerable<string> names)
    {
        var set = Combine(this, new FieldSet(), (left, _) => left);
        foreach (var name in names)
        {
            set.Children.Remove("f:" + name);
        }

        return set;
    }

    private static void CheckElement(string element)
    {
        try
        {
            var isElement = element.Length >= 2 && element[1] == ':' && element[0] switch
            {
                'f' => true,
                'v' => JsonNode.Parse(element[2..]) is JsonValue or null,
                'k' => JsonNode.Parse(element[2..]) is JsonObject,
                'i' => int.TryParse(element.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out _),
                _ => false,
            };
            if (!isElement)
            {
                throw new FormatException($"\"{element}\" is no element of a path");
            }
        }
        catch (JsonException fault)
        {
            throw new FormatException($"\"{element}\" is no element of a path", fault);
        }
    }

    private static void Collect(JsonNode? value, SchemaNode? schema, FieldSet node)
    {
        if (FieldElement.Below(value, schema) is not { Count: > 0 } elements)
        {
            node.IsMember = true;
            return;
        }

        foreach (var element in elements)
        {
            var child = new FieldSet();
            node.Children[element.Text] = child;
            Collect(element.Value, element.Schema, child);
            child.IsMember |= element.Text[0] != 'f' || schema?.Target.Properties.ContainsKey(element.Text[2..]) != true;
        }
    }

    private static FieldSet Combine(FieldSet left, FieldSet right, Func<bool, bool, bool> rule)
    {
        var result = new FieldSet { IsMember = rule(left.IsMember, right.IsMember) };
        foreach (var (element, child) in left.Children)
        {
            Add(element, child, right.Children.TryGetValue(element, out var twin) ? twin : new FieldSet());
        }

        foreach (var (element, child) in right.Children)
        {
            if (!left.Children.ContainsKey(element))
            {
                Add(element, new FieldSet(), child);
            }
        }

        return result;

        void Add(string element, FieldSet one, FieldSet other)
        {
            if (Combine(one, other, rule) is { IsEmpty: false } combined)
            {
                result.Children[element] = combined;
            }
        }
    }

    private IEnumerable<string> PathsBelow(string path)
    {
        if (IsMember && path.Length > 0)
        {
            yield return path;
        }

        foreach (var (element, child) in Children)
        {
            foreach (var below in child.PathsBelow(path + Shown(element)))
            {
                yield return below;
            }
        }
    }

    private static string Shown(string element) => element[0] switch
    {
        'f' => "." + element[2..],
        'v' => $"[={element[2..]}]",
        'k' => "[" + string.Join(",",
            JsonNode.Parse(element[2..])!.AsObject().Select(key
            => string.Create(CultureInfo.InvariantCulture, $"{key.Key}={JsonText.Of(key.Value)}"))) + "]",
        _ => $"[{element[2..]}]",
    };
}
