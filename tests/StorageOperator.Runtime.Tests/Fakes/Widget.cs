using System.Text.Json;
using StorageOperator.Model;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Runtime.Tests.Fakes;

/// <summary>An object of a kind that only these tests know.</summary>
internal sealed record Widget(ObjectKey Key, string Uid, ulong ResourceVersion, string Value = "", bool IsTerminating = false) : IFinalizableEntry
{
    public static readonly ResourceType Type = new("test.example.org", "v1", "widgets", "Widget", true);

    /// <summary>A value that <see cref="Decode"/> throws on.</summary>
    public const string Poison = "poison";

    /// <summary>A value that <see cref="Decode"/> has no interest in.</summary>
    public const string Boring = "boring";

    public IReadOnlyList<string> Finalizers { get; init; } = [];

    public static Widget Of(string name, ulong version, string value = "", string? uid = null) =>
        new(new ObjectKey("ns", name), uid ?? $"uid-{name}", version, value);

    public string ToJson()
    {
        var finalizers = string.Join(',', Finalizers.Select(f => $"\"{f}\""));
        var deleted = IsTerminating ? ",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"" : "";
        return $"{{\"kind\":\"Widget\",\"metadata\":{{\"namespace\":\"{Key.Namespace}\",\"name\":\"{Key.Name}\",\"uid\":\"{Uid}\",\"resourceVersion\":\"{ResourceVersion}\","
            + $"\"finalizers\":[{finalizers}]{deleted}}},\"spec\":{{\"value\":\"{Value}\"}}}}";
    }

    public static Widget? Decode(ref Utf8JsonReader reader)
    {
        var element = JsonElement.ParseValue(ref reader);
        var metadata = element.GetProperty("metadata");
        var value = element.GetProperty("spec").GetProperty("value").GetString()!;
        if (value == Poison)
        {
            throw new FormatException("this widget is poison");
        }

        return value == Boring
            ? null
            : new Widget(
                new ObjectKey(metadata.GetProperty("namespace").GetString()!, metadata.GetProperty("name").GetString()!),
                metadata.GetProperty("uid").GetString()!,
                ulong.Parse(metadata.GetProperty("resourceVersion").GetString()!, System.Globalization.CultureInfo.InvariantCulture),
                value,
                metadata.TryGetProperty("deletionTimestamp", out _))
            {
                Finalizers = metadata.TryGetProperty("finalizers", out var f) ? [.. f.EnumerateArray().Select(e => e.GetString()!)] : [],
            };
    }
}
