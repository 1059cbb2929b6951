using BenchmarkDotNet.Attributes;
using StorageOperator.Model;
using StorageOperator.Planning.Cluster;
using StorageOperator.Planning.Matching;

namespace StorageOperator.Benchmarks;

/// <summary>N claims find N volumes, each its own: what a cluster's worth of claims at once costs in decisions.</summary>
[MemoryDiagnoser]
public class WaveBenchmark
{
    private VolumeIndex _volumes = new();
    private ClaimEntry[] _claims = [];

    /// <summary>How many claims and volumes there are.</summary>
    [Params(1_000, 10_000, 100_000)]
    public int Pairs { get; set; }

    [IterationSetup]
    public void Fill()
    {
        _volumes = new VolumeIndex();
        _claims = [.. Enumerable.Range(0, Pairs).Select(Objects.Claim)];
        for (var i = 0; i < Pairs; i++)
        {
            _volumes.Set(Objects.Volume(i));
        }
    }

    [Benchmark]
    public int MatchAll()
    {
        var matched = 0;
        foreach (var claim in _claims)
        {
            if (VolumeMatcher.Find(_volumes, claim, onlyPointing: false) is { } volume)
            {
                _volumes.Reserve(volume.Name, claim.Key);
                matched++;
            }
        }

        return matched == Pairs ? matched : throw new InvalidOperationException($"{matched} of {Pairs} claims were matched");
    }
}
