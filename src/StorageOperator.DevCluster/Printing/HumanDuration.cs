namespace StorageOperator.DevCluster.Printing;

/// <summary>
/// Spans of time as kubectl prints them, with two or three significant figures: <c>90s</c>, <c>5m30s</c>, <c>3h15m</c>, <c>2d4h</c>,
/// <c>400d</c>. Source: k8s.io/apimachinery/pkg/util/duration.
/// </summary>
public static class HumanDuration
{
    private const int DaysInYear = 365;

    /// <summary>
    /// Prints a span. Up to two seconds in the future count as now, because clocks differ; more than that is <c>&lt;invalid&gt;</c>.
    /// </summary>
    public static string Print(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        var minutes = (long)span.TotalMinutes;
        var hours = (long)span.TotalHours;
        var days = hours / 24;
        return (seconds, minutes, hours) switch
        {
            ( < -1, _, _) => "<invalid>",
            ( < 0, _, _) => "0s",
            ( < 120, _, _) => $"{seconds}s",
            (_, < 10, _) => Pair(minutes, "m", seconds % 60, "s"),
            (_, < 180, _) => $"{minutes}m",
            (_, _, < 8) => Pair(hours, "h", minutes % 60, "m"),
            (_, _, < 48) => $"{hours}h",
            (_, _, < 24 * 8) => Pair(days, "d", hours % 24, "h"),
            (_, _, < 24 * DaysInYear * 2) => $"{days}d",
            (_, _, < 24 * DaysInYear * 8) => Pair(days / DaysInYear, "y", days % DaysInYear, "d"),
            _ => $"{days / DaysInYear}y",
        };
    }

    private static string Pair(long major, string majorUnit, long minor, string minorUnit) =>
        minor == 0 ? $"{major}{majorUnit}" : $"{major}{majorUnit}{minor}{minorUnit}";
}
