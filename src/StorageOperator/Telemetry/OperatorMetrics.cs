using System.Diagnostics.Metrics;
using StorageOperator.CommandLine;
using StorageOperator.Diagnostics;

namespace StorageOperator.Telemetry;

/// <summary>The program's metrics about itself; those of its work come from the rooms that do it.</summary>
internal sealed class OperatorMetrics : IDisposable
{
    public const string MeterName = "StorageOperator";

    private readonly Meter _meter = new(MeterName);

    public OperatorMetrics(OperatorState state)
    {
        _meter.CreateObservableGauge("storage_operator_build_info", MeasureBuild, description: "Always 1; the labels say which build runs.");
        _meter.CreateObservableGauge("storage_operator_binding_mode", () => MeasureBinding(state), description: "1 for the mode in effect: own or defer.");
        _meter.CreateObservableGauge("storage_operator_ready", () => state.IsReady ? 1 : 0, description: "1 when /readyz answers ok.");
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<int> MeasureBuild() => new(1,
        new KeyValuePair<string, object?>("version", ProgramVersion.Number),
        new KeyValuePair<string, object?>("commit", ProgramVersion.Commit),
        new KeyValuePair<string, object?>("native", ProgramVersion.IsNative ? "true" : "false"));

    private static IEnumerable<Measurement<int>> MeasureBinding(OperatorState state)
    {
        if (state.Binding is { } binding)
        {
            yield return new(1,
                new KeyValuePair<string, object?>("mode", binding.ModeName),
                new KeyValuePair<string, object?>("reason", binding.Reason));
        }
    }
}
