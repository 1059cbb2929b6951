using System.Collections.Immutable;
using System.Text.Json;

namespace StorageOperator.Model.Reading;

/// <summary>Reads label selectors; a malformed one becomes a defect instead of a guess at what it matches.</summary>
internal static class SelectorReader
{
    /// <summary>Reads the value of the selector property that the reader stands on; null and absent are no selector.</summary>
    public static (LabelSelector? Selector, string? Defect) Read(ref Utf8JsonReader reader)
    {
        if (!JsonWalk.EnterObject(ref reader))
        {
            return (null, Unless(reader.TokenType == JsonTokenType.Null, "spec.selector is no object"));
        }

        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        string? defect = null;
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "matchLabels"u8))
            {
                defect = ReadLabels(ref reader, requirements) ?? defect;
            }
            else if (JsonWalk.Is(ref reader, "matchExpressions"u8))
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

    private static string? ReadLabels(ref Utf8JsonReader reader, ImmutableArray<LabelRequirement>.Builder requirements)
    {
        var labels = JsonWalk.Map(ref reader);
        requirements.InsertRange(0, labels.Select(pair => new LabelRequirement(pair.Key, LabelOperator.In, [pair.Value])));
        return Unless(reader.TokenType is JsonTokenType.EndObject or JsonTokenType.Null, "spec.selector.matchLabels is no object");
    }

    private static string? ReadExpressions(ref Utf8JsonReader reader, ImmutableArray<LabelRequirement>.Builder requirements)
    {
        if (!JsonWalk.EnterArray(ref reader))
        {
            return Unless(reader.TokenType == JsonTokenType.Null, "spec.selector.matchExpressions is no list");
        }

        string? defect = null;
        while (JsonWalk.NextElement(ref reader))
        {
            var (requirement, problem) = reader.TokenType == JsonTokenType.StartObject ? ReadExpression(ref reader) : NoExpression(ref reader);
            defect ??= problem;
            if (requirement is not null)
            {
                requirements.Add(requirement);
            }
        }

        return defect;
    }

    private static (LabelRequirement? Requirement, string? Defect) NoExpression(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return (null, "spec.selector.matchExpressions has an element that is no expression");
    }

    private static string? Unless(bool isRight, string defect) => isRight ? null : defect;

    private static (LabelRequirement? Requirement, string? Defect) ReadExpression(ref Utf8JsonReader reader)
    {
        var (key, word) = ("", "");
        ImmutableArray<string> values = [];
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "key"u8))
            {
                key = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "operator"u8))
            {
                word = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "values"u8))
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
