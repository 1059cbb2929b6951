using System.Text;

namespace StorageOperator.Model.Reading;

/// <summary>
/// Shares the strings that repeat from object to object (classes, phases, finalizers, annotation keys, namespaces). A fixed table per
/// thread, the newest string of a slot wins: no lock, no growth, and a miss costs only the string it would have cost anyway.
/// </summary>
internal static class Utf8Interner
{
    private const int Slots = 1024;
    private const int LongestShared = 64;

    [ThreadStatic]
    private static string?[]? _table;

    /// <summary>The text of the bytes, shared if it was seen lately.</summary>
    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length == 0)
        {
            return "";
        }

        if (utf8.Length > LongestShared)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        var table = _table ??= new string?[Slots];
        ref var slot = ref table[Hash(utf8) & (Slots - 1)];
        return slot is { } known && Same(known, utf8) ? known : slot = Encoding.UTF8.GetString(utf8);
    }

    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        var hash = 2166136261u;
        foreach (var b in utf8)
        {
            hash = (hash ^ b) * 16777619u;
        }

        return hash ^ (hash >> 15);
    }

    // Only plain ASCII can be compared byte by character; other texts just miss.
    private static bool Same(string known, ReadOnlySpan<byte> utf8) => Ascii.Equals(utf8, known);
}
