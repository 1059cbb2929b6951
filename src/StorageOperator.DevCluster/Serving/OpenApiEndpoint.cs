using System.Buffers;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Schema;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Serving;

/// <summary>Serves the OpenAPI documents of whatever is served at the moment.</summary>
internal sealed class OpenApiEndpoint(ResourceRegistry registry)
{
    private readonly Lock _gate = new();
    private IReadOnlyList<ResourceKind>? _described;
    private OpenApiDocuments? _documents;

    /// <summary>Answers a request below /openapi.</summary>
    /// <exception cref="ApiException">404 for a document that there is not, 406 where only protobuf is accepted.</exception>
    public async Task HandleAsync(HttpContext http, string path)
    {
        string accept = http.Request.Headers.Accept.ToString();
        bool inProtobuf = path == "/openapi/v2" && accept.StartsWith(OpenApiDocuments.ProtobufType, StringComparison.Ordinal);
        bool takesJson = accept.Length == 0
            || accept.Contains("json", StringComparison.Ordinal)
            || accept.Contains("*/*", StringComparison.Ordinal);
        if (!inProtobuf && !takesJson)
        {
            throw new ApiException(406, "NotAcceptable", "only the following media types are accepted: application/json");
        }
        OpenApiDocuments documents = Documents();
        ReadOnlyMemory<byte> body = path switch
        {
            "/openapi/v2" when inProtobuf => documents.SecondInProtobuf(),
            "/openapi/v2" => documents.Second(),
            "/openapi/v3" => JsonBytes.Of(documents.Index()),
            _ when path.StartsWith("/openapi/v3/", StringComparison.Ordinal) =>
                documents.Third(path["/openapi/v3/".Length..]) ?? throw ApiException.NoSuchPath(),
            _ => throw ApiException.NoSuchPath(),
        };
        http.Response.ContentType = inProtobuf ? OpenApiDocuments.ProtobufContentType : "application/json";
        http.Response.BodyWriter.Write(body.Span);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private OpenApiDocuments Documents()
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_described, registry.Kinds))
            {
                _described = registry.Kinds;
                _documents = new OpenApiDocuments([.. _described.Select(Describe)]);
            }
            return _documents!;
        }
    }

    private static ServedResource Describe(ResourceKind kind) => new(
        new GroupVersionKind(kind.Group, kind.Version, kind.Kind), kind.Plural, kind.Namespaced, kind.Verbs,
        [.. DiscoveryDocuments.SubresourcesOf(kind)], kind.ListKind,
        kind.CustomVersion is { } version ? version["schema"]?["openAPIV3Schema"] as JsonObject ?? [] : null);
}
