using Microsoft.Extensions.Time.Testing;
using StorageOperator.Runtime.Api;
using StorageOperator.Telemetry;
using StorageOperator.Tests.Binding;

namespace StorageOperator.Tests.Diagnostics;

public sealed class MetricsAuthorizationTests
{
    private const string TokenReviews = "/apis/authentication.k8s.io/v1/tokenreviews";
    private const string AccessReviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    private const string Known = """{"status":{"authenticated":true,"user":{"username":"prometheus","uid":"u","groups":["g"],"extra":{"k":["v"]}}}}""";

    private readonly FakeTimeProvider _time = new();
    private readonly FakeApi _api = new FakeApi().Answer(TokenReviews, Known).Answer(AccessReviews, """{"status":{"allowed":true}}""");
    private readonly MetricsAuthorization _authorization;

    public MetricsAuthorizationTests() => _authorization = new(_api, _time);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Basic dXNlcg==")]
    public async Task Without_a_bearer_token_nobody_is_asked(string? header)
    {
        Assert.Equal(401, await CheckAsync(header));
        Assert.Empty(_api.Requests);
    }

    [Fact]
    public async Task Who_is_allowed_gets_in_and_is_asked_about_as_itself()
    {
        Assert.Equal(200, await CheckAsync("Bearer secret"));
        Assert.Contains("\"token\":\"secret\"", _api.Requests[0], StringComparison.Ordinal);
        Assert.Contains(
            "\"user\":\"prometheus\",\"uid\":\"u\",\"groups\":[\"g\"],\"extra\":{\"k\":[\"v\"]},\"nonResourceAttributes\":{\"path\":\"/metrics\",\"verb\":\"get\"}",
            _api.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_known_but_not_allowed_is_refused()
    {
        _api.Answer(AccessReviews, """{"status":{"allowed":false}}""");

        Assert.Equal(403, await CheckAsync("Bearer secret"));
    }

    [Fact]
    public async Task Who_is_not_known_is_not_asked_about()
    {
        _api.Answer(TokenReviews, """{"status":{"error":"expired"}}""");

        Assert.Equal(401, await CheckAsync("Bearer secret"));
        Assert.Single(_api.Requests);
    }

    [Fact]
    public async Task An_answer_is_remembered_for_a_minute()
    {
        await CheckAsync("Bearer secret");
        _api.Answer(TokenReviews, """{"status":{}}""");

        Assert.Equal(200, await CheckAsync("Bearer secret"));
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(401, await CheckAsync("Bearer secret"));
    }

    [Fact]
    public async Task One_token_s_answer_is_not_another_s()
    {
        await CheckAsync("Bearer secret");
        _api.Answer(TokenReviews, """{"status":{}}""");

        Assert.Equal(401, await CheckAsync("Bearer other"));
    }

    [Fact]
    public async Task When_the_api_server_cannot_be_asked_nobody_gets_in_and_nothing_is_remembered()
    {
        _api.Fail(TokenReviews, new ApiException(ApiFailure.Transport, "connection refused"));
        Assert.Equal(503, await CheckAsync("Bearer secret"));

        _api.Answer(TokenReviews, Known);
        Assert.Equal(200, await CheckAsync("Bearer secret"));
    }

    private Task<int> CheckAsync(string? header) => _authorization.CheckAsync(header, TestContext.Current.CancellationToken);
}
