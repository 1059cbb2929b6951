using System.Globalization;

namespace StorageOperator.CrashHost;

/// <summary>Where the process is to end: at most one point for each instance of a flow.</summary>
/// <remarks>
/// A process can end only once, and starting one takes a hundred times as long as most flows. So whoever gets to its point stops there
/// for good, with everything else that its instance does, and when all have got there the process kills itself. As no instance has
/// anything to do with another, each finds itself after the restart as if the process had ended at its own point.
/// </remarks>
internal sealed class CrashPoints
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CrashPoint> _ahead;

    private CrashPoints(Dictionary<string, CrashPoint> ahead) => _ahead = ahead;

    /// <summary>Reads a file with a line <c>instance kind n before|after</c> for each point; no file means none.</summary>
    public static CrashPoints Read(string? path) => new((path is null ? [] : File.ReadLines(path)).Select(line => line.Split(' ')).ToDictionary(
        line => line[0], line => new CrashPoint(line[1], int.Parse(line[2], CultureInfo.InvariantCulture), line[3] == "before")));

    /// <summary>Whether this is the point at which the instance ends.</summary>
    public bool IsAt(string instance, string kind, int number, bool before)
    {
        lock (_gate)
        {
            return _ahead.TryGetValue(instance, out var point) && point == new CrashPoint(kind, number, before);
        }
    }

    /// <summary>Takes note that an instance is at its point.</summary>
    /// <returns>Whether it was the last.</returns>
    public bool Reach(string instance)
    {
        lock (_gate)
        {
            return _ahead.Remove(instance) && _ahead.Count == 0;
        }
    }

    private sealed record CrashPoint(string Kind, int Number, bool Before);
}
