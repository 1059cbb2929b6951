using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Serving;

namespace StorageOperator.DevCluster.Faults;

/// <summary>How many requests were served, by who asked for what; tests assert round trips and silence with it.</summary>
internal sealed class RequestCounters
{
    private readonly ConcurrentDictionary<Key, StrongBox<long>> _counts = new();

    /// <summary>Counts a request that is about to be served.</summary>
    public void Count(RequestTarget target, string userAgent)
    {
        var key = new Key(target.Verb, target.Kind.Group, target.Kind.Plural, target.Subresource, userAgent.Split('/')[0]);
        Interlocked.Increment(ref _counts.GetOrAdd(key, _ => new StrongBox<long>()).Value);
    }

    /// <summary>Starts again at zero.</summary>
    public void Reset() => _counts.Clear();

    /// <summary>The counters, and their sums over all requests and over those that write.</summary>
    public JsonObject ToJson()
    {
        (Key Key, long Count)[] counts =
        [
            .. _counts.Select(pair => (pair.Key, Interlocked.Read(ref pair.Value.Value)))
                .OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal),
        ];
        return new JsonObject
        {
            ["total"] = counts.Sum(entry => entry.Count),
            ["writes"] = counts.Where(entry => entry.Key.Verb is not ("get" or "list" or "watch")).Sum(entry => entry.Count),
            ["requests"] = new JsonArray([.. counts.Select(entry => new JsonObject
            {
                ["verb"] = entry.Key.Verb,
                ["group"] = entry.Key.Group,
                ["resource"] = entry.Key.Resource,
                ["subresource"] = entry.Key.Subresource,
                ["userAgent"] = entry.Key.UserAgent,
                ["count"] = entry.Count,
            })]),
        };
    }

    private sealed record Key(string Verb, string Group, string Resource, string Subresource, string UserAgent);
}
