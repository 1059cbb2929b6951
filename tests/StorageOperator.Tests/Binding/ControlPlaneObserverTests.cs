using Microsoft.Extensions.Time.Testing;
using StorageOperator.Binding;
using StorageOperator.Runtime.Api;

namespace StorageOperator.Tests.Binding;

public sealed class ControlPlaneObserverTests
{
    private const string Pods = "/api/v1/namespaces/kube-system/pods";
    private const string Lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-01-01T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly FakeApi _api = new FakeApi().Answer(Pods, "[]").Answer(Lease, (string?)null);

    [Fact]
    public async Task An_empty_cluster_shows_nobody()
    {
        var seen = await LookAsync();

        Assert.Equal((0, null, null), (seen.Pods.Count, seen.LiveHolder, seen.Obstacle));
    }

    [Fact]
    public async Task Pods_are_known_by_their_container_or_their_command_and_others_are_left_out()
    {
        _api.Answer(Pods, """
            [
              {"metadata":{"name":"by-name"},"spec":{"nodeName":"n","containers":[{"name":"kube-controller-manager","args":["--controllers=*"]}]},"status":{"phase":"Running"}},
              {"metadata":{"name":"by-command"},"spec":{"containers":[{"name":"c","command":["/usr/local/bin/kube-controller-manager","--v=2"]}]}},
              {"metadata":{"name":"ended"},"spec":{"containers":[{"name":"kube-controller-manager"}]},"status":{"phase":"Failed"}},
              {"metadata":{"name":"dns"},"spec":{"containers":[{"name":"coredns","args":["-conf"]}]}}
            ]
            """);

        var seen = await LookAsync();

        Assert.Equal(["by-name", "by-command"], seen.Pods.Select(pod => pod.Name));
        Assert.Equal(["--controllers=*"], seen.Pods[0].Arguments);
        Assert.Equal("n", seen.Pods[0].Node);
    }

    [Fact]
    public async Task A_lease_renewed_just_now_is_alive_at_once()
    {
        _api.Answer(Lease, LeaseJson("2026-01-01T11:59:58.000000Z", "7"));

        Assert.Equal("node_1", (await LookAsync()).LiveHolder);
    }

    [Fact]
    public async Task An_old_lease_that_nobody_renews_while_it_is_watched_is_dead()
    {
        _api.Answer(Lease, LeaseJson("2025-12-24T11:59:58Z", "7"));

        Assert.Null((await LookForAWhileAsync()).LiveHolder);
    }

    [Fact]
    public async Task A_lease_that_is_old_by_a_wrong_clock_but_is_renewed_is_alive()
    {
        _api.Answer(Lease, LeaseJson("2025-12-24T11:59:58Z", "7"), LeaseJson("2025-12-24T12:00:10Z", "8"));

        Assert.Equal("node_1", (await LookForAWhileAsync()).LiveHolder);
    }

    [Fact]
    public async Task A_released_lease_is_dead()
    {
        _api.Answer(Lease, """{"metadata":{"name":"l","resourceVersion":"1"},"spec":{"holderIdentity":"","renewTime":"2026-01-01T12:00:00Z"}}""");

        Assert.Null((await LookAsync()).LiveHolder);
    }

    [Fact]
    public async Task A_missing_right_is_an_obstacle()
    {
        _api.Fail(Pods, new ApiException(ApiFailure.Forbidden, "pods is forbidden", 403));

        Assert.Equal("pods is forbidden", (await LookAsync()).Obstacle);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_for_the_caller_to_try_again()
    {
        _api.Fail(Pods, new ApiException(ApiFailure.Transport, "connection refused"));

        await Assert.ThrowsAsync<ApiException>(LookAsync);
    }

    private static string LeaseJson(string renewed, string version) =>
        $$$"""{"metadata":{"name":"l","resourceVersion":"{{{version}}}"},"spec":{"holderIdentity":"node_1","leaseDurationSeconds":15,"renewTime":"{{{renewed}}}"}}""";

    private Task<ControlPlaneSighting> LookAsync() => new ControlPlaneObserver(_api, _time).LookAsync(TestContext.Current.CancellationToken);

    private async Task<ControlPlaneSighting> LookForAWhileAsync()
    {
        var look = LookAsync();
        Assert.False(look.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(15));
        return await look;
    }
}
