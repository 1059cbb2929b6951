using System.Text;
using System.Text.Json;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;

namespace StorageOperator.Tests.Binding;

/// <summary>An API client that answers from JSON texts, by path; whatever else is asked fails the test.</summary>
internal sealed class FakeApi : IApiClient
{
    private readonly Dictionary<string, Queue<Func<string?>>> _answers = [];

    public List<string> Requests { get; } = [];

    /// <summary>The next answers for a path; the last one stays.</summary>
    public FakeApi Answer(string path, params string?[] bodies) => Answer(path, [.. bodies.Select(body => (Func<string?>)(() => body))]);

    public FakeApi Fail(string path, ApiException failure) => Answer(path, [() => throw failure]);

    public Task<TEntry?> FindAsync<TEntry>(ResourceType type, ObjectKey key, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class => Task.FromResult(Next(type.PathOf(key)) is { } body ? Decode(body, decode) : null);

    public Task<IReadOnlyList<TEntry>> ListAsync<TEntry>(
        ResourceType type, string? @namespace, string? fieldSelector, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class
    {
        using var items = JsonDocument.Parse(Next(type.PathIn(@namespace!))!);
        return Task.FromResult<IReadOnlyList<TEntry>>([.. items.RootElement.EnumerateArray().Select(item => Decode(item.GetRawText(), decode)).OfType<TEntry>()]);
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken ct)
    {
        var answer = Next(pathAndQuery)!;
        Requests.Add(Encoding.UTF8.GetString(body.Span));
        return Task.FromResult(new HttpResponseMessage { Content = new StringContent(answer) });
    }

    public Task<TEntry> PatchAsync<TEntry>(
        ResourceType type, ObjectKey key, string? subresource, ReadOnlyMemory<byte> mergePatch, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class => throw new NotSupportedException();

    public Task<TEntry> CreateAsync<TEntry>(ResourceType type, string @namespace, ReadOnlyMemory<byte> body, EntryDecoder<TEntry> decode, CancellationToken ct)
        where TEntry : class => throw new NotSupportedException();

    public Task DeleteAsync(ResourceType type, ObjectKey key, DeletePreconditions preconditions, CancellationToken ct) => throw new NotSupportedException();

    public Task<ServerVersion> GetServerVersionAsync(CancellationToken ct) => throw new NotSupportedException();

    private FakeApi Answer(string path, Func<string?>[] answers)
    {
        _answers[path] = new(answers);
        return this;
    }

    private string? Next(string path)
    {
        var answers = _answers[path];
        return (answers.Count > 1 ? answers.Dequeue() : answers.Peek())();
    }

    private static TEntry? Decode<TEntry>(string json, EntryDecoder<TEntry> decode)
        where TEntry : class
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return decode(ref reader);
    }
}
