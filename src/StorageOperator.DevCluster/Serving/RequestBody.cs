using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;

namespace StorageOperator.DevCluster.Serving;

/// <summary>A request's body as a tree, and the fields that appeared twice in it (the last one counts).</summary>
internal sealed record RequestBody(JsonNode? Root, IReadOnlyList<string> DuplicateFields)
{
    /// <summary>The largest body taken, in bytes: the real server's limit.</summary>
    public const int MaxLength = 3 << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 256 };

    /// <summary>The tree as an object.</summary>
    /// <exception cref="ApiException">It is none.</exception>
    public JsonObject AsObject() => Root as JsonObject
        ?? throw ApiException.BadRequest(
            "the object provided is unrecognized (must be of type Object): couldn't get version/kind; the body is not an object");

    /// <summary>Reads a body in JSON, YAML or Kubernetes' protobuf.</summary>
    /// <exception cref="ApiException">400 for text that is neither, 413 for too much of it, 415 for another format.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> bytes = await ReadBytesAsync(request, cancellation);
        return MediaType(request) switch
        {
            "" or "application/json" or "application/json-patch+json" or "application/merge-patch+json"
                or "application/strategic-merge-patch+json" => ParseJson(bytes),
            "application/yaml" or "application/apply-patch+yaml" => ParseYamlOrJson(bytes),
            ProtobufBody.MediaType => ProtobufBody.Parse(bytes.Span),
            string other => throw ApiException.UnsupportedMediaType(other, "application/json", "application/yaml"),
        };
    }

    /// <summary>The media type without parameters, in lower case.</summary>
    public static string MediaType(HttpRequest request) => (request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 4096, 256, MaxLength));
        while (true)
        {
            int read = await request.Body.ReadAsync(buffer.GetMemory(4096), cancellation);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }
            buffer.Advance(read);
            if (buffer.WrittenCount > MaxLength)
            {
                throw new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MaxLength}");
            }
        }
    }

    private static RequestBody ParseYamlOrJson(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> text = bytes.Span.TrimStart(" \t\r\n"u8);
        return text.Length > 0 && text[0] == '{' ? ParseJson(bytes) : YamlDocument.Parse(bytes);
    }

    private static RequestBody ParseJson(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length == 0)
        {
            return new RequestBody(null, []);
        }
        try
        {
            return new RequestBody(JsonNode.Parse(bytes.Span, documentOptions: Strict), []);
        }
        catch (JsonException)
        {
            // Either no JSON, or with repeated fields: the slower reader tells which.
            return ParseLenient(bytes.Span);
        }
    }

    private static RequestBody ParseLenient(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new RequestBody(Schema.DuplicateFields.Read(bytes, out IReadOnlyList<string> duplicates), duplicates);
        }
        catch (JsonException failure)
        {
            throw ApiException.BadRequest($"couldn't get version/kind; json parse error: {failure.Message}");
        }
    }
}
