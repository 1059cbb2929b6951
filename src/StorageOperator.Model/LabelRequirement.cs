using System.Collections.Immutable;

namespace StorageOperator.Model;

/// <summary>One requirement of a label selector.</summary>
/// <param name="Key">The label's key.</param>
/// <param name="Operator">How the values are meant.</param>
/// <param name="Values">The values; empty for <see cref="LabelOperator.Exists"/> and <see cref="LabelOperator.DoesNotExist"/>.</param>
public sealed record LabelRequirement(string Key, LabelOperator Operator, ImmutableArray<string> Values)
{
    /// <summary>Whether the labels satisfy it. As in Kubernetes, NotIn also holds where the key is absent.</summary>
    public bool Matches(KeyValueSet labels)
    {
        var value = labels[Key];
        return Operator switch
        {
            LabelOperator.In => value is not null && Values.Contains(value),
            LabelOperator.NotIn => value is null || !Values.Contains(value),
            LabelOperator.Exists => value is not null,
            _ => value is null,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Operator switch
    {
        LabelOperator.In when Values.Length == 1 => $"{Key}={Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(",", Values)})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(",", Values)})",
        LabelOperator.Exists => Key,
        _ => $"!{Key}",
    };
}
