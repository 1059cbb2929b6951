using BenchmarkDotNet.Attributes;
using StorageOperator.Planning.Cluster;
using StorageOperator.Planning.Matching;

namespace StorageOperator.Benchmarks;

/// <summary>One claim against N free volumes. The time must hardly grow with N.</summary>
[MemoryDiagnoser]
public class MatchingBenchmark
{
    private readonly VolumeIndex _volumes = new();
    private int _next;

    /// <summary>How many volumes there are.</summary>
    [Params(100, 10_000, 1_000_000)]
    public int Volumes { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        for (var i = 0; i < Volumes; i++)
        {
            _volumes.Set(Objects.Volume(i));
        }
    }

    [Benchmark]
    public object? Find() => VolumeMatcher.Find(_volumes, Objects.Claim(_next++ % Volumes), onlyPointing: false);

    [Benchmark]
    public object Explain() => MatchExplainer.Explain(_volumes, Objects.Claim(_next++ % Volumes));
}
