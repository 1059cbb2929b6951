namespace StorageOperator.CrashHost;

/// <summary>What was begun and what was reached, a line each, in a file that outlives the process.</summary>
internal sealed class StepLog(string? path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter? _file = path is null ? null : new StreamWriter(path, append: true) { AutoFlush = true };

    public void Begin(string instance, string kind) => Write($"begin {instance} {kind}");

    public void Reach(string instance) => Write($"reach {instance}");

    public void Dispose() => _file?.Dispose();

    private void Write(string line)
    {
        lock (_gate)
        {
            _file?.WriteLine(line);
        }
    }
}
