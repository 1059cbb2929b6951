using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace StorageOperator.Testing;

/// <summary>
/// A program started by a test. Its output is kept; it ends with the test run, however that ends.
/// </summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    private static readonly Lazy<string?> SetPriv = new(() => Programs.Find("setpriv"));
    private static readonly BlockingCollection<Action> Launches = StartLaunchThread();

    private static readonly string DotnetRoot = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _openStreams = 2;

    private ChildProcess(Process process, string name)
    {
        _process = process;
        Name = name;
    }

    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The exit code; 128 + n after signal n.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What the program wrote so far, standard output and error as they came.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="environment">Variables set for it beside this process's own; a null value removes one.</param>
    /// <param name="workingDirectory">Its working folder; this process's own by default.</param>
    public static async Task<ChildProcess> Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null)
    {
        var child = new ChildProcess(
            new Process { StartInfo = StartInfo(program, arguments, environment, workingDirectory), EnableRaisingEvents = true },
            Path.GetFileName(program));
        child._process.OutputDataReceived += (_, line) => child.Keep(line.Data);
        child._process.ErrorDataReceived += (_, line) => child.Keep(line.Data);

        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Launches.Add(() => child.Launch(started));
        await started.Task;
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time; it was killed.</exception>
    public static async Task<ProgramResult> Run(
        string program,
        IEnumerable<string> arguments,
        string? input = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default)
    {
        using var process = new Process { StartInfo = StartInfo(program, arguments, environment, workingDirectory) };
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Launches.Add(() => Attempt(process, started), CancellationToken.None);
        await started.Task;
        using var deadline = new CancellationTokenSource(within ?? TimeSpan.FromMinutes(1), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(either.Token);
            var error = process.StandardError.ReadToEndAsync(either.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), either.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(either.Token);
            return new ProgramResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"{Path.GetFileName(program)} {string.Join(' ', arguments)} did not end in {within ?? TimeSpan.FromMinutes(1)}.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Asks the program to end (SIGTERM) and waits; kills it when it does not.</summary>
    /// <returns>How long it took, or null when it had to be killed.</returns>
    public async Task<TimeSpan?> Stop(TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        var start = TimeProvider.System.GetTimestamp();
        Signal(SigTerm);
        try
        {
            await WaitForExit(within ?? TimeSpan.FromSeconds(10), cancellationToken);
            return TimeProvider.System.GetElapsedTime(start);
        }
        catch (TimeoutException)
        {
            await Kill();
            return null;
        }
    }

    /// <summary>Ends the program at once, as a crash would (SIGKILL).</summary>
    public async Task Kill()
    {
        Signal(SigKill);
        await WaitForExit(TimeSpan.FromSeconds(10));
    }

    /// <summary>Waits for the program to end by itself.</summary>
    /// <exception cref="TimeoutException">It still runs.</exception>
    public async Task<int> WaitForExit(TimeSpan within, CancellationToken cancellationToken = default)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(within, TimeProvider.System, cancellationToken);
        await _outputEnded.Task.WaitAsync(within, TimeProvider.System, cancellationToken);
        return ExitCode;
    }

    /// <summary>The last lines of what the program wrote.</summary>
    public string LastLines(int count = 30) => string.Join('\n', Output.TrimEnd().Split('\n').TakeLast(count));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Kill();
        }

        _process.Dispose();
    }

    private void Signal(int signal)
    {
        if (!_process.HasExited)
        {
            _ = SendSignal(_process.Id, signal);
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            if (Interlocked.Decrement(ref _openStreams) == 0)
            {
                _outputEnded.TrySetResult();
            }

            return;
        }

        lock (_output)
        {
            _output.Append(line).Append('\n');
        }
    }

    private void Launch(TaskCompletionSource started)
    {
        Attempt(_process, started);
        if (started.Task.IsCompletedSuccessfully)
        {
            _process.StandardInput.Close();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }
    }

    private static void Attempt(Process process, TaskCompletionSource started)
    {
        try
        {
            process.Start();
            started.SetResult();
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            started.SetException(error);
        }
    }

    private static ProcessStartInfo StartInfo(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment, string? workingDirectory)
    {
        var info = new ProcessStartInfo
        {
            FileName = SetPriv.Value ?? program,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? "",
        };
        // The kernel ends the child when its parent is gone, even when a test run is killed and can clean nothing up.
        foreach (var argument in SetPriv.Value is null ? arguments : ["--pdeathsig", "KILL", program, .. arguments])
        {
            info.ArgumentList.Add(argument);
        }

        // Programs built here look for the runtime; the one that runs this is the right one, wherever it lies.
        info.Environment.TryAdd("DOTNET_ROOT", DotnetRoot);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            info.Environment[name] = value;
        }

        return info;
    }

    // "Its parent" means the thread that started it (prctl(2), PR_SET_PDEATHSIG): a thread of the pool may be retired while the
    // child still runs. So all children are started from one thread that lives as long as this process.
    private static BlockingCollection<Action> StartLaunchThread()
    {
        var launches = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var launch in launches.GetConsumingEnumerable())
            {
                launch();
            }
        })
        { IsBackground = true, Name = "child process launches" }.Start();
        return launches;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}

/// <summary>How a program ended and what it wrote.</summary>
public sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>The output of a program that succeeded.</summary>
    /// <exception cref="InvalidOperationException">It did not succeed.</exception>
    public string Succeeded() =>
        ExitCode == 0 ? Output : throw new InvalidOperationException($"Exit code {ExitCode}: {Error.Trim()} {Output.Trim()}");
}
