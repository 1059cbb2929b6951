using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Connections;
using StorageOperator.Runtime.Events;
using StorageOperator.Runtime.Informers;
using StorageOperator.Runtime.Leadership;
using StorageOperator.Runtime.Stores;
using StorageOperator.Runtime.Telemetry;
using StorageOperator.Testing;
using Eventually = StorageOperator.Runtime.Tests.Fakes.Eventually;

namespace StorageOperator.Runtime.Tests.Servers;

/// <summary>The same promises against servers that are not of this project's making, and against the embedded one.</summary>
public abstract class ServerTests : IDisposable
{
    private static readonly ResourceType ConfigMap = new("", "v1", "configmaps", "ConfigMap", true);

    private readonly RuntimeMetrics _metrics = new();
    private readonly ApiTransport _transport;
    private readonly ApiClient _client;
    private readonly string _name = $"t{Guid.NewGuid():N}";

    protected ServerTests(ICluster? cluster)
    {
        Assert.SkipWhen(cluster is null, "no kube-apiserver: make envtest-assets builds one");
        _transport = new ApiTransport(ApiConnection.Load(cluster.KubeconfigPath), "runtime-tests", _metrics, TimeProvider.System);
        _client = new ApiClient(_transport, new InFlightLimit(TimeProvider.System), "runtime-tests");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ObjectKey Key => new("default", _name);

    public void Dispose()
    {
        _transport?.Dispose();
        _metrics.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_server_tells_its_version() => Assert.Equal(1, (await _client.GetServerVersionAsync(Ct)).Major);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_informer_follows_the_life_of_an_object(bool listsOnly)
    {
        _transport.LacksStreamingLists = listsOnly;
        await CreateAsync(_name, "1");
        var store = new EntityStore<Item>();
        using var stop = new CancellationTokenSource();
        var running = Informer(store).RunAsync(stop.Token);
        await Eventually.InTime(store.WaitForSyncAsync(Ct));
        Assert.Equal("1", store.Get(Key)!.Value);

        var patched = await PatchAsync(_name, "2");
        await Eventually.TrueAsync(() => store.Get(Key)?.ResourceVersion == patched.ResourceVersion, "the patch was seen");
        await _client.DeleteAsync(ConfigMap, Key, new DeletePreconditions(patched.Uid), Ct);
        await Eventually.TrueAsync(() => store.Get(Key) is null, "the delete was seen");

        store.Assume(patched);
        Assert.Null(store.Get(Key));
        await stop.CancelAsync();
        await Eventually.InTime(running);
    }

    [Fact]
    public async Task More_objects_than_a_page_are_listed_whole_by_client_and_informer()
    {
        const int Count = ApiClient.PageSize + 60;
        await Parallel.ForAsync(0, Count, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Ct }, async (i, _) => await CreateAsync($"{_name}-{i}", "x"));
        var listed = await _client.ListAsync(ConfigMap, "default", null, Item.Decode, Ct);
        Assert.Equal(Count, listed.Count(i => i.Key.Name.StartsWith($"{_name}-", StringComparison.Ordinal)));

        _transport.LacksStreamingLists = true;
        var store = new EntityStore<Item>();
        using var stop = new CancellationTokenSource();
        var running = Informer(store).RunAsync(stop.Token);
        await Eventually.InTime(store.WaitForSyncAsync(Ct));
        Assert.Equal(Count, store.Snapshot().Count(i => i.Key.Name.StartsWith($"{_name}-", StringComparison.Ordinal)));
        await stop.CancelAsync();
        await Eventually.InTime(running);
    }

    [Fact]
    public async Task Refusals_have_their_types()
    {
        var created = await CreateAsync(_name, "1");
        await PatchAsync(_name, "2");

        await FailsAsync(ApiFailure.AlreadyExists, () => CreateAsync(_name, "1"));
        await FailsAsync(ApiFailure.Conflict, () => PatchAsync(_name, "3", created.ResourceVersion));
        await FailsAsync(ApiFailure.NotFound, () => PatchAsync($"{_name}-none", "3"));
        await FailsAsync(ApiFailure.Conflict, () => _client.DeleteAsync(ConfigMap, Key, new DeletePreconditions("another"), Ct));
        await FailsAsync(ApiFailure.Invalid, () => CreateAsync("Not A Name", "1"));
        Assert.Null(await _client.FindAsync(ConfigMap, new ObjectKey("default", $"{_name}-none"), Item.Decode, Ct));
        await _client.DeleteAsync(ConfigMap, new ObjectKey("default", $"{_name}-none"), default, Ct);
    }

    [Fact]
    public async Task One_leads_until_it_releases_and_then_the_other()
    {
        var (first, second) = (Elector("first"), Elector("second"));
        await Eventually.InTime(first.AcquireAsync(Ct));
        using var stop = new CancellationTokenSource();
        var holding = first.HoldAsync(stop.Token);
        var acquiring = second.AcquireAsync(Ct);
        await Eventually.TrueAsync(() => second.Holder == "first", "the second sees the first");
        await stop.CancelAsync();
        await holding;
        await first.ReleaseAsync(Ct);
        await Eventually.InTime(acquiring);

        var spec = (await GetAsync(ResourceTypes.Lease, Key))["spec"]!;
        Assert.Equal("second", (string)spec["holderIdentity"]!);
        Assert.Equal(1, (int)spec["leaseTransitions"]!);
    }

    [Fact]
    public async Task Events_and_their_series_are_accepted()
    {
        var log = new Fakes.ListLogger();
        var recorder = new EventRecorder(_client, new EventSource("test.example.org/recorder", "here"), _metrics, TimeProvider.System, log);
        var running = recorder.RunAsync(Ct);
        var claim = new EventSubject(ResourceTypes.PersistentVolumeClaim, Key, "u-1", 1);
        var volume = new EventSubject(ResourceTypes.PersistentVolume, ObjectKey.Cluster(_name), "u-2", 2);
        recorder.Record(claim, EventType.Warning, "NoFit", "Bind", "nothing fits", volume);
        recorder.Record(claim, EventType.Warning, "NoFit", "Bind", "nothing fits", volume);
        recorder.Record(volume, EventType.Normal, "Recycled", "Recycle", "all clean");
        recorder.Complete();
        await Eventually.InTime(running);

        Assert.Equal([], log.Lines.Select(l => l.Text));
        var events = JsonNode.Parse(await GetTextAsync(ResourceTypes.Event.CollectionPath))!["items"]!.AsArray()
            .Where(e => (string?)e!["regarding"]?["name"] == _name).OrderBy(e => (string)e!["reason"]!, StringComparer.Ordinal).ToArray();
        Assert.Equal(2, events.Length);
        Assert.Equal("nothing fits", (string)events[0]!["note"]!);
        Assert.Equal(2, (int)events[0]!["series"]!["count"]!);
        Assert.Equal("all clean", (string)events[1]!["note"]!);
    }

    private Informer<Item> Informer(EntityStore<Item> store) =>
        new(new InformerScope(ConfigMap, "default"), Item.Decode, store, _transport, _metrics, TimeProvider.System, NullLogger.Instance);

    private LeaseElector Elector(string identity) => new(
        _transport, new LeaseElection(Key, identity, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(0.3)), _metrics, TimeProvider.System,
        NullLogger.Instance);

    private Task<Item> CreateAsync(string name, string value) => _client.CreateAsync(
        ConfigMap, "default",
        Encoding.UTF8.GetBytes($"{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"{name}\"}},\"data\":{{\"value\":\"{value}\"}}}}"), Item.Decode, Ct);

    private Task<Item> PatchAsync(string name, string value, ulong? version = null)
    {
        var condition = version is null ? "" : $"\"resourceVersion\":\"{version}\"";
        return _client.PatchAsync(
            ConfigMap, new ObjectKey("default", name), null, Encoding.UTF8.GetBytes($"{{\"metadata\":{{{condition}}},\"data\":{{\"value\":\"{value}\"}}}}"), Item.Decode, Ct);
    }

    private async Task<JsonNode> GetAsync(ResourceType type, ObjectKey key) => JsonNode.Parse(await GetTextAsync(type.PathOf(key)))!;

    private async Task<string> GetTextAsync(string path)
    {
        using var response = await _client.SendAsync(HttpMethod.Get, path, default, null, Ct);
        Assert.True(response.IsSuccessStatusCode);
        return await response.Content.ReadAsStringAsync(Ct);
    }

    private static async Task FailsAsync(ApiFailure failure, Func<Task> call) =>
        Assert.Equal(failure, (await Assert.ThrowsAsync<ApiException>(call)).Failure);

    private sealed record Item(ObjectKey Key, string Uid, ulong ResourceVersion, string Value) : IEntry
    {
        public static Item? Decode(ref Utf8JsonReader reader)
        {
            var element = JsonElement.ParseValue(ref reader);
            var metadata = element.GetProperty("metadata");
            var value = element.TryGetProperty("data", out var data) && data.TryGetProperty("value", out var v) ? v.GetString()! : "";
            return new Item(
                new ObjectKey(metadata.GetProperty("namespace").GetString()!, metadata.GetProperty("name").GetString()!), metadata.GetProperty("uid").GetString()!,
                ulong.Parse(metadata.GetProperty("resourceVersion").GetString()!, CultureInfo.InvariantCulture), value);
        }
    }
}

/// <summary>Against kube-apiserver and etcd.</summary>
public sealed class KubeApiServerTests(KubeApiServerTests.Fixture fixture) : ServerTests(fixture.Server), IClassFixture<KubeApiServerTests.Fixture>
{
    public sealed class Fixture : IAsyncLifetime
    {
        public ICluster? Server { get; private set; }

        public async ValueTask InitializeAsync() => Server = Programs.EnvtestAssetsIfAny is null ? null : await RealApiServer.Start();

        public ValueTask DisposeAsync() => Server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}

/// <summary>Against the embedded API server.</summary>
public sealed class EmbeddedApiServerTests(EmbeddedApiServerTests.Fixture fixture) : ServerTests(fixture.Server), IClassFixture<EmbeddedApiServerTests.Fixture>
{
    public sealed class Fixture : IAsyncLifetime
    {
        public ICluster? Server { get; private set; }

        public async ValueTask InitializeAsync() => Server = await EmbeddedCluster.Start();

        public ValueTask DisposeAsync() => Server!.DisposeAsync();
    }
}
