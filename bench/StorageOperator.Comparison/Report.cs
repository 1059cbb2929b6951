using System.Globalization;
using System.Text;

namespace StorageOperator.Comparison;

/// <summary>The results in words.</summary>
internal static class Report
{
    /// <summary>One line a measure, ending in its ratio: above 1 this program is the better one.</summary>
    public static IEnumerable<string> Lines(Results results)
    {
        yield return $"API server alone: {Number(Results.Median(results.Ceilings))} binds/s of four writes each";
        foreach (var measure in results.Measures)
        {
            var (theirs, ours) = Both(results, measure);
            yield return $"{measure.Name}: kube-controller-manager {Number(theirs)} {measure.Unit}, storage-operator {Number(ours)} {measure.Unit}, ratio {Ratio(measure, theirs, ours)}";
        }
    }

    /// <summary>A page for the documentation, with the machine named.</summary>
    public static async Task<string> Page(Results results, Load load)
    {
        var page = new StringBuilder();
        page.AppendLine(CultureInfo.InvariantCulture, $"""
            # Performance

            Written by `make bench-compare` on {TimeProvider.System.GetUtcNow():yyyy-MM-dd}; nothing here is typed in by hand.

            Machine: {await Machine()}. API server: kube-apiserver {results.ServerVersion} with etcd (no fsync) on the same machine, which it
            shares with the contestants and with the program that measures; so ratios count, not values. kube-controller-manager of the same
            version runs its four volume controllers with its request limits lifted. storage-operator: {Contestant.OperatorBuild} build.
            {load.Rounds} rounds, in turns; medians, with the least and greatest figure in parentheses. {load.Pairs} pairs at once,
            {load.Singles} claims one after another.

            | measure | kube-controller-manager | storage-operator | ratio (above 1: better) |
            | --- | --- | --- | --- |
            """);
        foreach (var measure in results.Measures)
        {
            var (theirs, ours) = Both(results, measure);
            page.AppendLine(CultureInfo.InvariantCulture,
                $"| {measure.Name}{(measure.Unit.Length > 0 ? $" ({measure.Unit})" : "")} | {Spread(results.Of(Contestant.KubeControllerManager, measure))} | {Spread(results.Of(Contestant.Operator, measure))} | {Ratio(measure, theirs, ours)} |");
        }

        page.AppendLine().AppendLine(CultureInfo.InvariantCulture,
            $"The API server alone takes {Spread(results.Ceilings)} binds/s from a client that only sends the four writes of each, 32 at a time.");
        return page.ToString();
    }

    private static (double Theirs, double Ours) Both(Results results, Measure measure) =>
        (results.MedianOf(Contestant.KubeControllerManager, measure), results.MedianOf(Contestant.Operator, measure));

    private static string Ratio(Measure measure, double theirs, double ours)
    {
        var ratio = measure.MoreIsBetter ? ours / theirs : theirs / ours;
        return double.IsFinite(ratio) ? ratio.ToString("0.0", CultureInfo.InvariantCulture) : "-";
    }

    private static string Spread(IReadOnlyList<double> figures) => $"{Number(Results.Median(figures))} ({Number(figures.Min())} to {Number(figures.Max())})";

    private static string Number(double figure) => figure.ToString(Math.Abs(figure) < 10 ? "0.00" : "0", CultureInfo.InvariantCulture);

    private static async Task<string> Machine()
    {
        var model = (await File.ReadAllLinesAsync("/proc/cpuinfo")).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        return $"{Environment.ProcessorCount} cores ({model ?? "unknown"}), {Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30))} GiB";
    }
}
