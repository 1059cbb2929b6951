using System.Collections.Immutable;
using System.Text.Json;

namespace StorageOperator.Model.Reading;

/// <summary>Reads label selectors; a malformed one becomes a defect instead of a guess at what it matches.</summary>
internal static class SelectorReader
{
    public static (LabelSelector? Selector, string? Defect) Read(ref Utf8JsonReader reader)
    {
        if (!JsonWalk.EnterObject(ref reader))
        {
            return (null, null);
        }

        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        string? defect = null;
        while (JsonWalk.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("matchLabels"u8))
            {
                requirements.InsertRange(0, JsonWalk.Map(ref reader).Select(pair => new LabelRequirement(pair.Key, LabelOperator.In, [pair.Value])));
            }
            else if (reader.ValueTextEquals("matchExpressions"u8))
            {
                defect = ReadExpressions(ref reader, requirements) ?? defect;
            }
            else
            {
                reader.Skip();
            }
        }

        return defect is null ? (new LabelSelector(requirements.DrainToImmutable()), null) : (null, defect);
    }

    private static string? ReadExpressions(ref Utf8JsonReader reader, ImmutableArray<LabelRequirement>.Builder requirements)
    {
        string? defect = null;
        if (!JsonWalk.EnterArray(ref reader))
        {
            return defect;
        }

        while (JsonWalk.NextElement(ref reader))
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var (requirement, problem) = ReadExpression(ref reader);
            defect ??= problem;
            if (requirement is not null)
            {
                requirements.Add(requirement);
            }
        }

        return defect;
    }

    private static (LabelRequirement? Requirement, string? Defect) ReadExpression(ref Utf8JsonReader reader)
    {
        var (key, word) = ("", "");
        ImmutableArray<string> values = [];
        while (JsonWalk.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("key"u8))
            {
                key = JsonWalk.Text(ref reader);
            }
            else if (reader.ValueTextEquals("operator"u8))
            {
                word = JsonWalk.Text(ref reader);
            }
            else if (reader.ValueTextEquals("values"u8))
            {
                values = JsonWalk.Texts(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return Check(key, word, values);
    }

    private static (LabelRequirement? Requirement, string? Defect) Check(string key, string word, ImmutableArray<string> values) => (word, values.Length) switch
    {
        _ when key.Length == 0 => (null, "spec.selector.matchExpressions has an expression without a key"),
        ("In", > 0) => (new(key, LabelOperator.In, values), null),
        ("NotIn", > 0) => (new(key, LabelOperator.NotIn, values), null),
        ("Exists", 0) => (new(key, LabelOperator.Exists, []), null),
        ("DoesNotExist", 0) => (new(key, LabelOperator.DoesNotExist, []), null),
        ("In" or "NotIn", _) => (null, $"spec.selector.matchExpressions for \"{key}\" uses {word} without values"),
        ("Exists" or "DoesNotExist", _) => (null, $"spec.selector.matchExpressions for \"{key}\" uses {word} with values, which must be left out"),
        _ => (null, $"spec.selector.matchExpressions for \"{key}\" has operator \"{word}\"; In, NotIn, Exists and DoesNotExist are the valid ones"),
    };
}
