using System.Collections.Immutable;

namespace StorageOperator.Planning.Matching;

/// <summary>Why no volume matches a claim: every volume counted once, under the first rule that excluded it, nearest misses first.</summary>
/// <param name="Volumes">How many volumes there are.</param>
/// <param name="Misses">What excluded them; the counts add up to <paramref name="Volumes"/>.</param>
public sealed record MatchReport(int Volumes, ImmutableArray<Miss> Misses)
{
    /// <summary>One line in the scheduler's style: <c>0/5 volumes match: 2 are too small (largest 500Mi), 3 lack ReadWriteMany.</c></summary>
    public override string ToString() => Volumes == 0
        ? "0/0 volumes match: there are no volumes."
        : $"0/{Volumes} volumes match: {string.Join(", ", Misses)}.";
}
