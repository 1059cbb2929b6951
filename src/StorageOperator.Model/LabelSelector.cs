using System.Collections.Immutable;

namespace StorageOperator.Model;

/// <summary>A label selector: all requirements must hold; one without requirements matches everything.</summary>
/// <param name="Requirements">What must hold, matchLabels first.</param>
public sealed record LabelSelector(ImmutableArray<LabelRequirement> Requirements)
{
    /// <summary>Whether the labels satisfy every requirement.</summary>
    public bool Matches(KeyValueSet labels)
    {
        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The selector in kubectl's notation, such as <c>tier=gold,zone in (a,b),!old</c>.</summary>
    public override string ToString() => string.Join(",", Requirements);
}
