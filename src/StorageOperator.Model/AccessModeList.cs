using System.Collections.Immutable;
using System.Numerics;

namespace StorageOperator.Model;

/// <summary>Access modes as written (order and all, since a claim's status copies its volume's list) and as a set.</summary>
public sealed class AccessModeList : IEquatable<AccessModeList>
{
    private AccessModeList(ImmutableArray<string> written)
    {
        Written = written;
        foreach (var mode in written)
        {
            Set |= Parse(mode);
        }
    }

    /// <summary>No modes at all.</summary>
    public static readonly AccessModeList Empty = new([]);

    /// <summary>The list in the order of the object that holds it.</summary>
    public ImmutableArray<string> Written { get; }

    /// <summary>The same as a set.</summary>
    public AccessModes Set { get; }

    /// <summary>How many different modes there are.</summary>
    public int Count => BitOperations.PopCount((uint)Set);

    /// <summary>Makes a list from its written form.</summary>
    public static AccessModeList Of(ImmutableArray<string> written) => written.IsDefaultOrEmpty ? Empty : new(written);

    /// <inheritdoc cref="Of(ImmutableArray{string})"/>
    public static AccessModeList Of(params ReadOnlySpan<string> written) => Of(ImmutableArray.Create(written));

    /// <summary>Whether every mode asked for is offered, the rule of matching.</summary>
    public bool Offers(AccessModes asked) => (asked & ~Set) == 0 && !asked.HasFlag(AccessModes.Unknown);

    /// <inheritdoc/>
    public bool Equals(AccessModeList? other) => other is not null && (ReferenceEquals(this, other) || Written.SequenceEqual(other.Written));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AccessModeList);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Written.Length, Set);

    /// <summary>The modes as written, joined by commas.</summary>
    public override string ToString() => string.Join(",", Written);

    private static AccessModes Parse(string mode) => mode switch
    {
        "ReadWriteOnce" => AccessModes.ReadWriteOnce,
        "ReadOnlyMany" => AccessModes.ReadOnlyMany,
        "ReadWriteMany" => AccessModes.ReadWriteMany,
        "ReadWriteOncePod" => AccessModes.ReadWriteOncePod,
        _ => AccessModes.Unknown,
    };
}
