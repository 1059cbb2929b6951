using System.Text.Json;
using BenchmarkDotNet.Attributes;
using StorageOperator.Model;
using StorageOperator.Model.Reading;

namespace StorageOperator.Benchmarks;

/// <summary>From the API server's JSON to a lean entry.</summary>
[MemoryDiagnoser]
public class ReadingBenchmark
{
    private readonly byte[] _json = Objects.VolumeJson(7);

    [Benchmark]
    public VolumeEntry ReadVolume()
    {
        var reader = new Utf8JsonReader(_json);
        reader.Read();
        return VolumeReader.Read(ref reader);
    }
}
