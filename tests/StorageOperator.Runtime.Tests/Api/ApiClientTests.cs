using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Tests.Fakes;
using static StorageOperator.Runtime.Tests.Fakes.FakeApiServer;

namespace StorageOperator.Runtime.Tests.Api;

public sealed class ApiClientTests : IAsyncLifetime
{
    private static readonly ObjectKey Key = new("ns", "a");

    private readonly FakeTimeProvider _time = new();
    private FakeApiServer _server = null!;
    private ApiClient _client = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _client = new ApiClient(_server.Transport(_time), new InFlightLimit(_time), "my operator");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Find_reads_the_latest_version_with_the_token_of_the_connection()
    {
        string? authorization = null;
        _server.Answer = (_, c) =>
        {
            authorization = c.Request.Headers.Authorization;
            return Json(c, Widget.Of("a", 3, "x").ToJson());
        };
        var found = await _client.FindAsync(Widget.Type, Key, Widget.Decode, Ct);

        Assert.Equal("x", found!.Value);
        var request = Assert.Single(_server.Requests);
        Assert.Equal(("GET", "/apis/test.example.org/v1/namespaces/ns/widgets/a", ""), (request.Method, request.Path, request.Query));
        Assert.Equal("Bearer secret", authorization);
    }

    [Fact]
    public async Task Find_of_nothing_is_null() => Assert.Null(await _client.FindAsync(Widget.Type, Key, Widget.Decode, Ct));

    [Fact]
    public async Task List_reads_all_pages_and_starts_over_when_a_page_is_gone()
    {
        var answers = new Queue<Func<HttpContext, Task>>(
        [
            c => Json(c, List(5, [Widget.Of("old", 1)], next: "t1")),
            c => Status(c, 410, "Expired", "continue token is too old"),
            c => Json(c, List(8, [Widget.Of("a", 1)], next: "t2")),
            c => Json(c, List(8, [Widget.Of("b", 2)])),
        ]);
        _server.Answer = (_, c) => answers.Dequeue()(c);

        var listed = await _client.ListAsync(Widget.Type, null, "metadata.name!=x", Widget.Decode, Ct);
        Assert.Equal(["a", "b"], listed.Select(w => w.Key.Name));
        Assert.Equal("?limit=500&fieldSelector=metadata.name%21%3Dx&continue=t2", _server.Requests.Last().Query);
    }

    [Fact]
    public async Task Patch_sends_a_merge_patch_as_the_operator()
    {
        _server.Answer = (_, c) => Json(c, Widget.Of("a", 4).ToJson());
        var patched = await _client.PatchAsync(Widget.Type, Key, "status", "{\"x\":1}"u8.ToArray(), Widget.Decode, Ct);

        Assert.Equal(4ul, patched.ResourceVersion);
        var request = Assert.Single(_server.Requests);
        Assert.Equal("PATCH /apis/test.example.org/v1/namespaces/ns/widgets/a/status?fieldManager=my%20operator {\"x\":1}", request.ToString());
        Assert.Equal("application/merge-patch+json", request.ContentType);
    }

    [Fact]
    public async Task Create_posts_to_the_collection()
    {
        _server.Answer = (_, c) => Json(c, Widget.Of("a", 4).ToJson(), 201);
        await _client.CreateAsync(Widget.Type, "ns", "{}"u8.ToArray(), Widget.Decode, Ct);

        Assert.Equal("POST /apis/test.example.org/v1/namespaces/ns/widgets?fieldManager=my%20operator {}", Assert.Single(_server.Requests).ToString());
    }

    [Fact]
    public async Task Delete_insists_on_its_preconditions_and_takes_gone_for_done()
    {
        await _client.DeleteAsync(Widget.Type, Key, new DeletePreconditions("u-1", 7), Ct);

        Assert.Equal(
            """{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background","preconditions":{"uid":"u-1","resourceVersion":"7"}}""",
            Assert.Single(_server.Requests).Body);
    }

    [Theory]
    [InlineData(400, "BadRequest", ApiFailure.BadRequest, false)]
    [InlineData(401, "Unauthorized", ApiFailure.Unauthorized, false)]
    [InlineData(403, "Forbidden", ApiFailure.Forbidden, false)]
    [InlineData(404, "NotFound", ApiFailure.NotFound, false)]
    [InlineData(409, "Conflict", ApiFailure.Conflict, false)]
    [InlineData(409, "AlreadyExists", ApiFailure.AlreadyExists, false)]
    [InlineData(410, "Expired", ApiFailure.Gone, false)]
    [InlineData(422, "Invalid", ApiFailure.Invalid, false)]
    [InlineData(429, "TooManyRequests", ApiFailure.TooManyRequests, true)]
    [InlineData(500, "InternalError", ApiFailure.ServerError, true)]
    [InlineData(503, "ServiceUnavailable", ApiFailure.ServerError, true)]
    [InlineData(504, "Timeout", ApiFailure.Timeout, true)]
    public async Task Every_refusal_is_typed_and_speaks_with_the_servers_words(int code, string reason, ApiFailure failure, bool transient)
    {
        _server.Answer = (_, c) => Status(c, code, reason, "because of this", retryAfter: code == 429 ? 3 : null);
        var e = await Assert.ThrowsAsync<ApiException>(() => _client.PatchAsync(Widget.Type, Key, null, "{}"u8.ToArray(), Widget.Decode, Ct));

        Assert.Equal((failure, code, reason, transient), (e.Failure, e.StatusCode, e.Reason, e.IsTransient));
        Assert.Equal($"PATCH /apis/test.example.org/v1/namespaces/ns/widgets/a: because of this (HTTP {code})", e.Message);
        Assert.Equal(code == 429 ? TimeSpan.FromSeconds(3) : null, e.RetryAfter);
    }

    [Fact]
    public async Task A_refusal_that_is_no_Status_is_shown_in_short()
    {
        _server.Answer = (_, c) => Json(c, "<html>\n" + new string('x', 5000), 502);
        var e = await Assert.ThrowsAsync<ApiException>(() => _client.FindAsync(Widget.Type, Key, Widget.Decode, Ct));

        Assert.Equal(ApiFailure.ServerError, e.Failure);
        Assert.InRange(e.Message.Length, 100, 320);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task No_answer_is_a_transport_failure()
    {
        _server.Answer = (_, c) =>
        {
            c.Abort();
            return Task.CompletedTask;
        };
        var e = await Assert.ThrowsAsync<ApiException>(() => _client.FindAsync(Widget.Type, Key, Widget.Decode, Ct));

        Assert.Equal((ApiFailure.Transport, true), (e.Failure, e.IsTransient));
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_a_transport_failure()
    {
        _server.Answer = async (_, c) =>
        {
            c.Response.ContentLength = 1000;
            await c.Response.WriteAsync("{\"metadata\":");
            await c.Response.Body.FlushAsync();
            c.Abort();
        };
        var e = await Assert.ThrowsAsync<ApiException>(() => _client.FindAsync(Widget.Type, Key, Widget.Decode, Ct));

        Assert.Equal(ApiFailure.Transport, e.Failure);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_30_seconds()
    {
        _server.Answer = (_, c) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, c.RequestAborted);
        var finding = _client.FindAsync(Widget.Type, Key, Widget.Decode, Ct);
        await Eventually.TrueAsync(() => finding.IsCompleted, "given up", _time, TimeSpan.FromSeconds(1));

        var e = await Assert.ThrowsAsync<ApiException>(() => finding);
        Assert.Equal((ApiFailure.Timeout, true), (e.Failure, e.IsTransient));
    }

    [Fact]
    public async Task The_servers_version_is_understood_with_the_plus_of_distributions()
    {
        _server.Answer = (_, c) => Json(c, """{"major":"1","minor":"33+","gitVersion":"v1.33.1-eks-1"}""");

        Assert.Equal(new ServerVersion(1, 33, "v1.33.1-eks-1"), await _client.GetServerVersionAsync(Ct));
    }
}
