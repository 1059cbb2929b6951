using BenchmarkDotNet.Attributes;
using StorageOperator.Model;
using StorageOperator.Runtime.Queues;

namespace StorageOperator.Benchmarks;

/// <summary>A key through a queue in which N others wait.</summary>
[MemoryDiagnoser]
public class QueueBenchmark : IDisposable
{
    private WorkQueue<ObjectKey> _queue = null!;
    private ObjectKey[] _keys = [];
    private int _next;

    /// <summary>How many keys wait.</summary>
    [Params(100, 10_000, 1_000_000)]
    public int Waiting { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _queue = new WorkQueue<ObjectKey>(TimeProvider.System);
        _keys = [.. Enumerable.Range(0, Waiting + 1).Select(i => Objects.Claim(i).Key)];
        for (var i = 0; i < Waiting; i++)
        {
            _queue.Add(_keys[i]);
        }

        _next = Waiting;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _queue.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public async Task AddTakeDone()
    {
        _queue.Add(_keys[_next]);
        var (_, key) = await _queue.TakeAsync();
        _queue.Done(key);
        _next = (_next + 1) % _keys.Length;
    }
}
