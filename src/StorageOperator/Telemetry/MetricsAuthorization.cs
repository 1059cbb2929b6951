using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using StorageOperator.Runtime.Api;

namespace StorageOperator.Telemetry;

/// <summary>
/// Lets only those callers read metrics whose bearer token the API server authenticates (TokenReview) and whom it allows to
/// <c>get /metrics</c> (SubjectAccessReview), as operators made with kubebuilder do. Answers are remembered for a short time, so that
/// scraping does not add load.
/// </summary>
internal sealed class MetricsAuthorization(IApiClient api, TimeProvider time)
{
    private const int MaximumRemembered = 256;
    private static readonly TimeSpan RememberAllowed = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RememberRefused = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (int Status, DateTimeOffset Until)> _answers = new();

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var status = await CheckAsync(context.Request.Headers.Authorization, context.RequestAborted);
        if (status == StatusCodes.Status200OK)
        {
            await next(context);
        }
        else
        {
            context.Response.StatusCode = status;
            if (status == StatusCodes.Status401Unauthorized)
            {
                context.Response.Headers.WWWAuthenticate = "Bearer";
            }
        }
    }

    /// <returns>200 when allowed, 401 without a valid token, 403 when not allowed, 503 when the API server cannot be asked.</returns>
    public async Task<int> CheckAsync(string? authorization, CancellationToken cancellation)
    {
        const string scheme = "Bearer ";
        if (authorization is null || !authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            return StatusCodes.Status401Unauthorized;
        }

        var token = authorization[scheme.Length..].Trim();
        // The token itself is not kept in memory longer than the request.
        var key = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (_answers.TryGetValue(key, out var known) && known.Until > time.GetUtcNow())
        {
            return known.Status;
        }

        try
        {
            var status = await AskAsync(token, cancellation);
            Remember(key, status);
            return status;
        }
        catch (Exception failure) when (failure is ApiException or JsonException or HttpRequestException)
        {
            return StatusCodes.Status503ServiceUnavailable;
        }
    }

    private void Remember(string key, int status)
    {
        if (_answers.Count >= MaximumRemembered)
        {
            _answers.Clear();
        }

        _answers[key] = (status, time.GetUtcNow() + (status == StatusCodes.Status200OK ? RememberAllowed : RememberRefused));
    }

    private async Task<int> AskAsync(string token, CancellationToken cancellation)
    {
        using var review = await PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", json => WriteTokenReview(json, token), cancellation);
        var identity = review.RootElement.GetProperty("status");
        if (!identity.TryGetProperty("authenticated", out var authenticated) || !authenticated.GetBoolean())
        {
            return StatusCodes.Status401Unauthorized;
        }

        using var access = await PostAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", json => WriteAccessReview(json, identity.GetProperty("user")), cancellation);
        return access.RootElement.GetProperty("status").GetProperty("allowed").GetBoolean() ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden;
    }

    private async Task<JsonDocument> PostAsync(string path, Action<Utf8JsonWriter> write, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        using var response = await api.SendAsync(HttpMethod.Post, path, body.WrittenMemory, "application/json", cancellation);
        response.EnsureSuccessStatusCode();
        return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation), default, cancellation);
    }

    private static void WriteTokenReview(Utf8JsonWriter json, string token)
    {
        json.WriteString("apiVersion", "authentication.k8s.io/v1");
        json.WriteString("kind", "TokenReview");
        json.WriteStartObject("spec");
        json.WriteString("token", token);
        json.WriteEndObject();
    }

    private static void WriteAccessReview(Utf8JsonWriter json, JsonElement user)
    {
        json.WriteString("apiVersion", "authorization.k8s.io/v1");
        json.WriteString("kind", "SubjectAccessReview");
        json.WriteStartObject("spec");
        CopyAs(json, user, "username", "user");
        CopyAs(json, user, "uid", "uid");
        CopyAs(json, user, "groups", "groups");
        CopyAs(json, user, "extra", "extra");
        json.WriteStartObject("nonResourceAttributes");
        json.WriteString("path", "/metrics");
        json.WriteString("verb", "get");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void CopyAs(Utf8JsonWriter json, JsonElement user, string from, string to)
    {
        if (user.TryGetProperty(from, out var value))
        {
            json.WritePropertyName(to);
            value.WriteTo(json);
        }
    }
}
