namespace StorageOperator.Testing;

/// <summary>The real kubectl, bound to one cluster. It is found, never installed.</summary>
public sealed class Kubectl : IDisposable
{
    private readonly TempDirectory _home = new("kubectl");
    private readonly Dictionary<string, string?> _environment;

    public Kubectl(ICluster cluster)
        : this(cluster.KubeconfigPath)
    {
    }

    public Kubectl(string kubeconfig) =>
        // Its own home: no settings, plugins or discovery cache of the person who runs the tests, or of another cluster on the same port.
        _environment = new() { ["KUBECONFIG"] = kubeconfig, ["HOME"] = _home.Path, ["KUBECTL"] = Program };

    /// <summary>Where kubectl is: <c>KUBECTL</c>, on the search path, or among the envtest assets.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static string Program =>
        Environment.GetEnvironmentVariable("KUBECTL")
        ?? Programs.Find("kubectl")
        ?? (Programs.EnvtestAssetsIfAny is { } assets && File.Exists(Path.Combine(assets, "kubectl")) ? Path.Combine(assets, "kubectl") : null)
        ?? throw new FileNotFoundException("There is no kubectl: install it (Debian: kubernetes-client), or set KUBECTL to it.");

    /// <summary>Variables that make a script's own <c>kubectl</c> calls go to this cluster.</summary>
    public IReadOnlyDictionary<string, string?> Variables => _environment;

    /// <summary>Runs kubectl.</summary>
    public Task<ProgramResult> Run(IEnumerable<string> arguments, string? input = null, TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        ChildProcess.Run(Program, arguments, input, _environment, within: within, cancellationToken: cancellationToken);

    /// <summary>Runs kubectl with the words of a line and returns its output.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<string> Run(string line, string? input = null, CancellationToken cancellationToken = default) =>
        (await Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), input, cancellationToken: cancellationToken)).Succeeded();

    /// <summary>Applies manifests.</summary>
    public Task<string> Apply(string manifests, CancellationToken cancellationToken = default) => Run("apply -f -", manifests, cancellationToken);

    public void Dispose() => _home.Dispose();
}
