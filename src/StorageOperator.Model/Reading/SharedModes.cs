using System.Collections.Immutable;

namespace StorageOperator.Model.Reading;

/// <summary>Shares access-mode lists: a cluster has a handful of different ones among all its objects.</summary>
internal static class SharedModes
{
    private const int Slots = 64;

    [ThreadStatic]
    private static AccessModeList?[]? _table;

    public static AccessModeList Get(ImmutableArray<string> written)
    {
        if (written.IsDefaultOrEmpty)
        {
            return AccessModeList.Empty;
        }

        var hash = written.Length;
        foreach (var mode in written)
        {
            hash = (hash * 31) + mode.Length + (mode.Length > 0 ? mode[^1] : 0);
        }

        ref var slot = ref (_table ??= new AccessModeList?[Slots])[hash & (Slots - 1)];
        return slot is { } known && known.Written.SequenceEqual(written) ? known : slot = AccessModeList.Of(written);
    }
}
