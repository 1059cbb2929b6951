using System.Buffers;
using System.Globalization;
using System.Text.Json;
using StorageOperator.Model;

namespace StorageOperator.Runtime.Api;

/// <summary>Requests to the API server under one adaptive limit.</summary>
internal sealed class ApiClient(ApiTransport transport, InFlightLimit limit, string fieldManager) : IApiClient
{
    /// <summary>Objects per page: what client-go asks for.</summary>
    internal const int PageSize = 500;

    private const int ListTries = 3;
    private const string MergePatch = "application/merge-patch+json";
    private const string Json = "application/json";

    private readonly string _writer = $"?fieldManager={Uri.EscapeDataString(fieldManager)}";

    public async Task<TEntry?> FindAsync<TEntry>(ResourceType type, ObjectKey key, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class
    {
        try
        {
            using var body = await CallAsync(HttpMethod.Get, type.PathOf(key), default, null, ct);
            return Decode(body.Span, decode);
        }
        catch (ApiException e) when (e.Failure == ApiFailure.NotFound)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<TEntry>> ListAsync<TEntry>(
        ResourceType type, string? @namespace, string? fieldSelector, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ListPagesAsync(type, @namespace, fieldSelector, decode, ct);
            }
            catch (ApiException e) when (e.Failure == ApiFailure.Gone && attempt < ListTries)
            {
                // The history that the next page needed was compacted meanwhile: start over.
            }
        }
    }

    public async Task<TEntry> PatchAsync<TEntry>(
        ResourceType type, ObjectKey key, string? subresource, ReadOnlyMemory<byte> mergePatch, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class
    {
        using var body = await CallAsync(HttpMethod.Patch, type.PathOf(key, subresource) + _writer, mergePatch, MergePatch, ct);
        return Decode(body.Span, decode) ?? throw NoResult(type, key);
    }

    public async Task<TEntry> CreateAsync<TEntry>(
        ResourceType type, string @namespace, ReadOnlyMemory<byte> body, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class
    {
        using var answer = await CallAsync(HttpMethod.Post, type.PathIn(@namespace) + _writer, body, Json, ct);
        return Decode(answer.Span, decode) ?? throw NoResult(type, new ObjectKey(@namespace, ""));
    }

    public async Task DeleteAsync(ResourceType type, ObjectKey key, DeletePreconditions preconditions, CancellationToken ct)
    {
        try
        {
            using var body = await CallAsync(HttpMethod.Delete, type.PathOf(key), DeleteOptions(preconditions), Json, ct);
        }
        catch (ApiException e) when (e.Failure == ApiFailure.NotFound)
        {
            // What was asked for is so.
        }
    }

    public async Task<ServerVersion> GetServerVersionAsync(CancellationToken ct)
    {
        using var body = await CallAsync(HttpMethod.Get, "/version", default, null, ct);
        return ReadVersion(body.Span);
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken ct)
    {
        using var slot = await limit.EnterAsync(ct);
        var response = await transport.SendAsync(method, pathAndQuery, body, contentType, ct);
        slot.Answered((int)response.StatusCode, response.Headers.RetryAfter?.Delta);
        return response;
    }

    internal static TEntry? Decode<TEntry>(ReadOnlySpan<byte> body, EntryDecoder<TEntry> decode)
        where TEntry : class
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        return decode(ref reader);
    }

    private async Task<List<TEntry>> ListPagesAsync<TEntry>(
        ResourceType type, string? @namespace, string? fieldSelector, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class
    {
        var listed = new List<TEntry>();
        var path = $"{(@namespace is null ? type.CollectionPath : type.PathIn(@namespace))}?limit={PageSize}";
        if (fieldSelector is not null)
        {
            path += $"&fieldSelector={Uri.EscapeDataString(fieldSelector)}";
        }

        string? next = null;
        do
        {
            using var body = await CallAsync(HttpMethod.Get, next is null ? path : $"{path}&continue={Uri.EscapeDataString(next)}", default, null, ct);
            next = ListPage.Read(body.Span, decode, listed).Continue;
        }
        while (next is not null);
        return listed;
    }

    private async Task<PooledBody> CallAsync(
        HttpMethod method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken ct)
    {
        using var slot = await limit.EnterAsync(ct);
        try
        {
            var answer = await transport.CallAsync(method, pathAndQuery, body, contentType, ct);
            slot.Answered(200, null);
            return answer;
        }
        catch (ApiException e)
        {
            slot.Answered(e.StatusCode, e.RetryAfter);
            throw;
        }
    }

    private static ReadOnlyMemory<byte> DeleteOptions(DeletePreconditions preconditions)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("apiVersion"u8, "v1"u8);
        json.WriteString("kind"u8, "DeleteOptions"u8);
        json.WriteString("propagationPolicy"u8, "Background"u8);
        if (preconditions != default)
        {
            json.WriteStartObject("preconditions"u8);
            if (preconditions.Uid is { } uid)
            {
                json.WriteString("uid"u8, uid);
            }

            if (preconditions.ResourceVersion is { } version)
            {
                json.WriteString("resourceVersion"u8, version.ToString(CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static ServerVersion ReadVersion(ReadOnlySpan<byte> body)
    {
        using var document = JsonDocument.Parse(body.ToArray());
        var version = document.RootElement;
        return new ServerVersion(Number("major"), Number("minor"), version.GetProperty("gitVersion").GetString() ?? "");

        // Some distributions write "33+".
        int Number(string name) =>
            int.TryParse(version.GetProperty(name).GetString()?.TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private static InvalidOperationException NoResult(ResourceType type, ObjectKey key) =>
        new($"the decoder has no interest in the {type.Kind} {key} that was just written");
}
