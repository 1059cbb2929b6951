using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using StorageOperator.Diagnostics;
using StorageOperator.Runtime.Telemetry;
using StorageOperator.Telemetry;

namespace StorageOperator.Tests.Telemetry;

public sealed partial class MetricsPageTests
{
    [Fact]
    public void The_page_lists_every_metric_under_the_name_it_is_exported_by_and_no_other()
    {
        var page = File.ReadAllText(Repository.PathOf("docs", "metrics.md"));
        var listed = NameInTable().Matches(page).Select(match => match.Groups[1].Value);

        Assert.Equal(Exported().Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    private static HashSet<string> Exported()
    {
        var names = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("StorageOperator", StringComparison.Ordinal))
                {
                    names.Add(ExportedName(instrument));
                }
            },
        };
        listener.Start();
        using var runtime = new RuntimeMetrics();
        using var program = new OperatorMetrics(new OperatorState());
        return names;
    }

    private static string ExportedName(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            null or "" => "",
            var other => throw new NotSupportedException($"{instrument.Name} has the unit {other}: say here what the exporter makes of it"),
        };
        return instrument.Name + unit + (instrument is Counter<long> ? "_total" : "");
    }

    [GeneratedRegex(@"^\| `([a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex NameInTable();
}
