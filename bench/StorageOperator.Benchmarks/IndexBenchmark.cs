using BenchmarkDotNet.Attributes;
using StorageOperator.Model;
using StorageOperator.Planning.Cluster;

namespace StorageOperator.Benchmarks;

/// <summary>One volume among N changes: the index takes it out and puts it back.</summary>
[MemoryDiagnoser]
public class IndexBenchmark
{
    private readonly VolumeIndex _volumes = new();
    private VolumeEntry[] _changed = [];
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

        _changed = [.. Enumerable.Range(0, Math.Min(Volumes, 1000)).Select(i => Objects.Volume(i * (Volumes / Math.Min(Volumes, 1000))))];
    }

    [Benchmark]
    public void Set() => _volumes.Set(_changed[_next++ % _changed.Length]);
}
