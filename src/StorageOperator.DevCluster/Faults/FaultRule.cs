using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Serving;

namespace StorageOperator.DevCluster.Faults;

/// <summary>What a rule does to a request.</summary>
internal enum FaultAction
{
    /// <summary>Closes the connection without an answer; nothing is done.</summary>
    Refuse,

    /// <summary>Does what is asked, then closes the connection without an answer.</summary>
    Lose,

    /// <summary>Waits before doing what is asked.</summary>
    Delay,

    /// <summary>Answers with an error; nothing is done.</summary>
    Status,

    /// <summary>Cuts a watch off after a while.</summary>
    Cut,

    /// <summary>Tells a watch, or a list from a version, that its version is gone (410).</summary>
    Gone,

    /// <summary>Serves gets and lists from an older revision.</summary>
    Stale,
}

/// <summary>One rule of fault injection, as <c>POST /devcluster/faults</c> takes it.</summary>
internal sealed class FaultRule
{
    private readonly RequestMatch _match;
    private readonly Random _random;
    private readonly double _probability;
    private readonly long _skip;
    private readonly long _count;
    private readonly JsonObject _text;
    private long _seen;

    private FaultRule(string id, JsonObject rule)
    {
        Id = id;
        _text = rule;
        _match = RequestMatch.Read(rule["match"] as JsonObject);
        Action = Enum.TryParse(ObjectMeta.TextOf(rule["action"]), ignoreCase: true, out FaultAction action)
            ? action
            : throw ApiException.BadRequest(
                $"action must be one of {string.Join(", ", Enum.GetNames<FaultAction>().Select(name => name.ToLowerInvariant()))}");
        Milliseconds = Number(rule, "milliseconds", 0);
        Code = (int)Number(rule, "code", 500);
        RetryAfterSeconds = rule["retryAfterSeconds"] is null ? null : (int)Number(rule, "retryAfterSeconds", 0);
        RevisionsBack = Number(rule, "revisionsBack", 1);
        _probability = rule["probability"]?.GetValue<double>() ?? 1;
        _skip = Number(rule, "skip", 0);
        _count = Number(rule, "count", long.MaxValue);
        _random = new Random((int)Number(rule, "seed", 0));
    }

    /// <summary>Its name in the list of rules.</summary>
    public string Id { get; }

    /// <summary>What it does.</summary>
    public FaultAction Action { get; }

    /// <summary>How long it delays, or lets a watch live before cutting it.</summary>
    public long Milliseconds { get; }

    /// <summary>HTTP code of an error.</summary>
    public int Code { get; }

    /// <summary>Retry-After of an error.</summary>
    public int? RetryAfterSeconds { get; }

    /// <summary>How many revisions a stale read lies back.</summary>
    public long RevisionsBack { get; }

    /// <summary>How many requests it has struck.</summary>
    public long Hits { get; private set; }

    /// <summary>Reads a rule.</summary>
    /// <exception cref="ApiException">400 when it is none.</exception>
    public static FaultRule Read(string id, JsonObject rule)
    {
        try
        {
            return new FaultRule(id, (JsonObject)rule.DeepClone());
        }
        catch (Exception failure) when (failure is InvalidOperationException or FormatException)
        {
            throw ApiException.BadRequest($"the fault rule cannot be read: {failure.Message}");
        }
    }

    /// <summary>Whether it strikes this request; every call counts.</summary>
    public bool Strikes(RequestTarget target, string userAgent)
    {
        if (!IsApplicable(target.Verb) || !_match.Fits(target, userAgent))
        {
            return false;
        }
        lock (_random)
        {
            if (Hits >= _count || _seen++ < _skip || _random.NextDouble() >= _probability)
            {
                return false;
            }
            Hits++;
            return true;
        }
    }

    /// <summary>The rule with its hits.</summary>
    public JsonObject ToJson()
    {
        JsonObject text = (JsonObject)_text.DeepClone();
        text["id"] = Id;
        text["hits"] = Hits;
        return text;
    }

    private bool IsApplicable(string verb) => Action switch
    {
        FaultAction.Cut => verb == "watch",
        FaultAction.Gone => verb is "watch" or "list",
        FaultAction.Stale => verb is "get" or "list",
        _ => true,
    };

    private static long Number(JsonObject rule, string field, long otherwise) => rule[field]?.GetValue<long>() ?? otherwise;
}
