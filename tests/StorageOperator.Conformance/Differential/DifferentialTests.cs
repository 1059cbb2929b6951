using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Conformance.Differential;

/// <summary>The embedded API server and a real one, side by side.</summary>
public sealed class TwoServers : IAsyncLifetime
{
    private int _namespaces;

    public string? WhyNot { get; private set; }

    internal EmbeddedCluster Embedded { get; private set; } = null!;

    internal RealApiServer Real { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Programs.EnvtestAssetsIfAny is null)
        {
            WhyNot = "There is no kube-apiserver to compare with: run `make envtest-assets`, or set KUBEBUILDER_ASSETS to a folder that has one.";
            return;
        }

        var embedded = EmbeddedCluster.Start();
        Real = await RealApiServer.Start();
        Embedded = await embedded;
    }

    public async ValueTask DisposeAsync()
    {
        if (WhyNot is null)
        {
            await Embedded.DisposeAsync();
            await Real.DisposeAsync();
        }
    }

    /// <summary>The real server, started again if a case has brought it down.</summary>
    internal async Task<RealApiServer> Living(CancellationToken cancellation)
    {
        using var api = new KubernetesApi(Real.Connection);
        try
        {
            await api.Get("/readyz", cancellation);
        }
        catch (HttpRequestException)
        {
            await Real.DisposeAsync();
            Real = await RealApiServer.Start(cancellationToken: cancellation);
        }

        return Real;
    }

    internal string NextNamespace() => $"d{Interlocked.Increment(ref _namespaces)}";
}

/// <summary>
/// Whatever the embedded server is asked, it answers as a real kube-apiserver does. Every difference is a fault of the embedded server,
/// or stands in <see cref="Comparison"/> with its reason.
/// </summary>
public sealed class DifferentialTests(TwoServers servers) : IClassFixture<TwoServers>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static TheoryData<string> Titles => [.. RequestTable.Cases.Keys];

    [Theory]
    [MemberData(nameof(Titles))]
    public async Task Both_servers_answer_the_same(string title)
    {
        Assert.SkipWhen(servers.WhyNot is not null, servers.WhyNot ?? "");
        var wanted = RequestTable.Cases[title];
        Assert.SkipWhen(wanted.Since is { } since && servers.Real.Version < since,
            $"kube-apiserver {servers.Real.Version} cannot know this.");
        var cancellation = TestContext.Current.CancellationToken;
        var differences = new List<string>();
        var ns = servers.NextNamespace();
        using var embedded = new CasePlayer(servers.Embedded.Connection, ns);
        using var real = new CasePlayer((await servers.Living(cancellation)).Connection, ns);
        await Task.WhenAll(embedded.Prepare(cancellation), real.Prepare(cancellation));
        foreach (var request in wanted.Requests)
        {
            try
            {
                differences.AddRange(await Compare(request, embedded, real, cancellation));
            }
            catch (HttpRequestException failure)
            {
                // Kubernetes before 1.23 built with Go 1.18 or later: modern-go/reflect2 1.0.1 walks maps with a structure that is too small.
                Assert.SkipWhen(servers.Real.Log.Contains("reflect2.(*UnsafeMapType)", StringComparison.Ordinal),
                    $"This kube-apiserver crashes on {request.Verb} {request.Path}: it was built with a newer Go than its libraries bear.");
                Assert.Fail($"line {request.Line}: a server has ended ({failure.Message}).\nreal: {Last(servers.Real.Log)}\nembedded: {Last(servers.Embedded.Log)}");
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    private async Task<List<string>> Compare(DifferentialRequest request, CasePlayer embedded, CasePlayer real,
        CancellationToken cancellation)
    {
        var comparison = new Comparison(servers.Real.Version);
        DifferentialAnswer? ours = null, theirs = null;
        List<string> found = [];
        async Task<bool> Agree()
        {
            ours = await embedded.Send(request, cancellation);
            theirs = await real.Send(request, cancellation);
            found = Differences(request, comparison, ours, theirs);
            return found.Count == 0;
        }

        if (!await Agree() && request.UntilAgreed)
        {
            using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
            while (!deadline.IsCancellationRequested && !await Agree())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellation);
            }
        }

        embedded.Keep(ours!);
        real.Keep(theirs!);
        return found;
    }

    private static List<string> Differences(DifferentialRequest request, Comparison comparison, DifferentialAnswer ours,
        DifferentialAnswer theirs)
    {
        var at = $"line {request.Line}, {request.Verb} {request.Path}";
        if (ours.Code != theirs.Code)
        {
            return [$"{at}: {ours.Code} instead of {theirs.Code}\n    embedded: {Message(ours)}\n    real: {Message(theirs)}"];
        }

        if (request.CodeOnly)
        {
            return [];
        }

        var differences = Comparison.Differences(comparison.Normal(ours), comparison.Normal(theirs)).ToList();
        return differences.Count == 0 ? [] : [$"{at}: {ours.Code}", .. differences.Select(difference => "    " + difference)];
    }

    private static string Last(string log) => string.Join("\n", log.Split((char)10).SkipWhile(line => !line.StartsWith("panic",
        StringComparison.Ordinal) && !line.StartsWith("fatal", StringComparison.Ordinal) && !line.StartsWith("unexpected",
        StringComparison.Ordinal)).Take(25));

    private static string Message(DifferentialAnswer answer) =>
        (string?)(answer.Body as JsonObject)?["message"] ?? answer.Body?.ToJsonString() ?? "";
}
