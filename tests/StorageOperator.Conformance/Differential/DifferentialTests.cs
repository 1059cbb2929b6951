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
        Assert.SkipWhen(wanted.Since is { } since && servers.Real.Version < since, $"kube-apiserver {servers.Real.Version} cannot know this.");
        var differences = new List<string>();
        var ns = servers.NextNamespace();
        using var embedded = new CasePlayer(servers.Embedded.Connection, ns);
        using var real = new CasePlayer(servers.Real.Connection, ns);
        var cancellation = TestContext.Current.CancellationToken;
        await Task.WhenAll(embedded.Prepare(cancellation), real.Prepare(cancellation));
        foreach (var request in wanted.Requests)
        {
            differences.AddRange(await Compare(request, embedded, real, cancellation));
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    private async Task<List<string>> Compare(DifferentialRequest request, CasePlayer embedded, CasePlayer real, CancellationToken cancellation)
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

    private static List<string> Differences(DifferentialRequest request, Comparison comparison, DifferentialAnswer ours, DifferentialAnswer theirs)
    {
        var at = $"line {request.Line}, {request.Verb} {request.Path}";
        if (ours.Code != theirs.Code)
        {
            return [$"{at}: {ours.Code} instead of {theirs.Code}\n    embedded: {Message(ours)}\n    real: {Message(theirs)}"];
        }

        var differences = Comparison.Differences(comparison.Normal(ours), comparison.Normal(theirs)).ToList();
        return differences.Count == 0 ? [] : [$"{at}: {ours.Code}", .. differences.Select(difference => "    " + difference)];
    }

    private static string Message(DifferentialAnswer answer) =>
        (string?)(answer.Body as JsonObject)?["message"] ?? answer.Body?.ToJsonString() ?? "";
}
