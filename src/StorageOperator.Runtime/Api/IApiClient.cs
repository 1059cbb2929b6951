using StorageOperator.Model;

namespace StorageOperator.Runtime.Api;

/// <summary>What a delete insists on; null is not checked. A mismatch is a <see cref="ApiFailure.Conflict"/>.</summary>
/// <param name="Uid">The identity the object must have.</param>
/// <param name="ResourceVersion">The version the object must have.</param>
public readonly record struct DeletePreconditions(string? Uid, ulong? ResourceVersion = null);

/// <summary>The version of an API server.</summary>
/// <param name="Major">The major version.</param>
/// <param name="Minor">The minor version, without the <c>+</c> that some distributions append.</param>
/// <param name="GitVersion">The full version such as <c>v1.36.2</c>.</param>
public sealed record ServerVersion(int Major, int Minor, string GitVersion);

/// <summary>
/// Requests to the API server: quorum reads and writes. Informers do not go through here, so no flood of writes holds up a watch.
/// Every method throws <see cref="ApiException"/> when the request fails and <see cref="OperationCanceledException"/> when
/// its token is cancelled. Requests in flight are limited adaptively; callers need no rate limit of their own.
/// </summary>
public interface IApiClient
{
    /// <summary>Reads one object at the latest version; null when there is none, or when the decoder has no interest in it.</summary>
    Task<TEntry?> FindAsync<TEntry>(ResourceType type, ObjectKey key, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class;

    /// <summary>Lists at the latest version, in pages; all namespaces when <paramref name="namespace"/> is null.</summary>
    Task<IReadOnlyList<TEntry>> ListAsync<TEntry>(
        ResourceType type, string? @namespace, string? fieldSelector, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class;

    /// <summary>
    /// Sends a JSON merge patch (RFC 7386). Let it carry <c>metadata.resourceVersion</c>: a stale one is then a <see
    /// cref="ApiFailure.Conflict"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The decoder returned null for the result.</exception>
    Task<TEntry> PatchAsync<TEntry>(
        ResourceType type, ObjectKey key, string? subresource, ReadOnlyMemory<byte> mergePatch, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class;

    /// <summary>Creates an object from its JSON; <paramref name="namespace"/> is ignored for cluster-scoped kinds.</summary>
    /// <exception cref="InvalidOperationException">The decoder returned null for the result.</exception>
    Task<TEntry> CreateAsync<TEntry>(
        ResourceType type, string @namespace, ReadOnlyMemory<byte> body, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class;

    /// <summary>Asks for deletion (in the background: dependents follow). An object that is gone already is a success.</summary>
    Task DeleteAsync(ResourceType type, ObjectKey key, DeletePreconditions preconditions, CancellationToken ct);

    /// <summary>The server's version.</summary>
    Task<ServerVersion> GetServerVersionAsync(CancellationToken ct);

    /// <summary>
    /// Any other call, limited and counted like all others. Returns the answer whatever its status; the caller disposes it.
    /// </summary>
    Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken ct);
}
