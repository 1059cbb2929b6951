using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Serving;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Faults;

/// <summary>The rules in force and the watches that are open, so that tests can make the server fail where and when they want.</summary>
internal sealed class FaultInjection(ObjectStore store, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<(RequestTarget Target, string UserAgent, CancellationTokenSource Cut)> _watches = [];
    private volatile FaultRule[] _rules = [];
    private int _lastId;

    /// <summary>Adds one rule, or those of <c>{"rules": [...]}</c>.</summary>
    public void Add(JsonNode? body)
    {
        JsonObject[] texts = body switch
        {
            JsonObject single when single["rules"] is JsonArray several => [.. several.OfType<JsonObject>()],
            JsonObject single => [single],
            JsonArray several => [.. several.OfType<JsonObject>()],
            _ => throw ApiException.BadRequest("a fault rule is an object with match and action"),
        };
        lock (_gate)
        {
            FaultRule[] added = [.. texts.Select(text => FaultRule.Read(IdOf(text), text))];
            _rules = [.. _rules.Where(rule => added.All(other => other.Id != rule.Id)), .. added];
        }
    }

    /// <summary>Adds the rules of a file.</summary>
    /// <exception cref="FormatException">It holds none.</exception>
    public void AddFrom(string file)
    {
        try
        {
            Add(JsonNode.Parse(File.ReadAllText(file)));
        }
        catch (Exception failure) when (failure is System.Text.Json.JsonException or ApiException)
        {
            throw new FormatException($"{file} does not hold fault rules: {failure.Message}");
        }
    }

    /// <summary>Drops one rule, or all.</summary>
    public void Clear(string? id = null)
    {
        lock (_gate)
        {
            _rules = id is null ? [] : [.. _rules.Where(rule => rule.Id != id)];
        }
    }

    /// <summary>The rules with their hits.</summary>
    public JsonObject ToJson() => new() { ["rules"] = new JsonArray([.. _rules.Select(rule => rule.ToJson())]) };

    /// <summary>Cuts the open watches that fit; a client sees its connection or stream break.</summary>
    /// <returns>How many.</returns>
    public int CutWatches(JsonObject? match)
    {
        RequestMatch wanted = RequestMatch.Read(match);
        List<CancellationTokenSource> struck;
        lock (_gate)
        {
            struck = [.. _watches.Where(watch => wanted.Fits(watch.Target, watch.UserAgent)).Select(watch => watch.Cut)];
        }
        foreach (CancellationTokenSource watch in struck)
        {
            watch.Cancel();
        }
        return struck.Count;
    }

    /// <summary>Runs a request under the rules that strike it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="target">What it asks for.</param>
    /// <param name="answer">Answers it; the token aborts a watch.</param>
    public async Task RunAsync(HttpContext http, RequestTarget target, Func<CancellationToken, Task> answer)
    {
        string userAgent = http.Request.Headers.UserAgent.ToString();
        FaultRule[] struck = [.. _rules.Where(rule => rule.Strikes(target, userAgent))];
        foreach (FaultRule rule in struck)
        {
            if (!await ApplyBeforeAsync(http, target, rule))
            {
                return;
            }
        }
        if (target.Verb == "watch")
        {
            await RunWatchAsync(target, userAgent, struck, http, answer);
        }
        else if (struck.Any(rule => rule.Action == FaultAction.Lose))
        {
            http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
            await answer(http.RequestAborted);
            http.Abort();
        }
        else
        {
            await answer(http.RequestAborted);
        }
    }

    private async Task RunWatchAsync(
        RequestTarget target, string userAgent, FaultRule[] struck, HttpContext http, Func<CancellationToken, Task> answer)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        (RequestTarget, string, CancellationTokenSource) entry = (target, userAgent, cut);
        long? end = struck.Where(rule => rule.Action == FaultAction.Cut).Select(rule => (long?)rule.Milliseconds).Min();
        await using ITimer? timer = end is { } milliseconds
            ? time.CreateTimer(_ => cut.Cancel(), null, TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan)
            : null;
        lock (_gate)
        {
            _watches.Add(entry);
        }
        try
        {
            await answer(cut.Token);
        }
        catch (OperationCanceledException) when (cut.IsCancellationRequested)
        {
            http.Abort();
        }
        finally
        {
            lock (_gate)
            {
                _watches.Remove(entry);
            }
        }
    }

    // Returns whether the request goes on.
    private async Task<bool> ApplyBeforeAsync(HttpContext http, RequestTarget target, FaultRule rule)
    {
        switch (rule.Action)
        {
            case FaultAction.Refuse:
                http.Abort();
                return false;
            case FaultAction.Delay:
                await Task.Delay(TimeSpan.FromMilliseconds(rule.Milliseconds), time, http.RequestAborted);
                return true;
            case FaultAction.Status:
                throw StatusOf(rule);
            case FaultAction.Gone when target.Verb == "watch":
                await WatchStream.RefuseAsync(http.Response, ApiException.TooOld(0, store.Revision));
                return false;
            case FaultAction.Gone:
                throw ApiException.TooOld(0, store.Revision);
            case FaultAction.Stale:
                http.Features.Set(new StaleRead(store.Revision - rule.RevisionsBack));
                return true;
            default:
                return true;
        }
    }

    private static ApiException StatusOf(FaultRule rule)
    {
        (string reason, string message) = rule.Code switch
        {
            409 => ("Conflict",
                "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and "
                + "try again"),
            429 => ("TooManyRequests", "The server has received too many requests and has asked us to try again later"),
            503 => ("ServiceUnavailable", "the server is currently unable to handle the request"),
            504 => ("Timeout", "the server was unable to return a response in the time allotted"),
            403 => ("Forbidden", "forbidden by a fault rule"),
            _ => ("InternalError", "Internal error occurred: a fault rule says so"),
        };
        return new ApiException(rule.Code, reason, message) { RetryAfterSeconds = rule.RetryAfterSeconds };
    }

    private string IdOf(JsonObject text) =>
        ObjectMeta.TextOf(text["id"]) is { Length: > 0 } id ? id : $"rule-{++_lastId}";
}

/// <summary>Marks a request whose reads come from an older revision.</summary>
internal sealed record StaleRead(long Revision)
{
    /// <summary>The revision that a request's reads shall come from, or null for the present.</summary>
    public static long? Of(HttpContext http) => http.Features.Get<StaleRead>()?.Revision;
}
