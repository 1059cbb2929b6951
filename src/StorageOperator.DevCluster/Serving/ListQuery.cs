using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Serving;

/// <summary>Which objects of a resource a list, a watch or a collection deletion is about.</summary>
internal sealed class ListQuery
{
    private readonly ResourceKind _kind;
    private readonly string _namespace;
    private readonly LabelSelector _labels;
    private readonly FieldSelector _fields;
    private readonly string? _name;

    private ListQuery(ResourceKind kind, string ns, string? name, LabelSelector labels, FieldSelector fields)
    {
        _kind = kind;
        _namespace = ns;
        _name = name;
        _labels = labels;
        _fields = fields;
    }

    /// <summary>Most items of an answer; 0 for no limit.</summary>
    public long Limit { get; private init; }

    /// <summary>The continue token of the page before, or empty.</summary>
    public string Continue { get; private init; } = "";

    /// <summary>The resourceVersion asked for; null when none is.</summary>
    public long? Revision { get; private init; }

    /// <summary>Exact, NotOlderThan or empty.</summary>
    public string Match { get; private init; } = "";

    /// <summary>Reads a request's parameters.</summary>
    /// <exception cref="ApiException">400 for one that is malformed.</exception>
    public static ListQuery Parse(HttpRequest request, RequestTarget target)
    {
        IQueryCollection query = request.Query;
        CheckMatch(query, RequestTarget.IsTrue(query["watch"]));
        try
        {
            return new ListQuery(
                target.Kind, target.Namespace, target.Name.Length > 0 ? target.Name : null,
                LabelSelector.Parse(query["labelSelector"]), FieldSelector.Parse(query["fieldSelector"], target.Kind))
            {
                Limit = long.TryParse(query["limit"], out long limit) ? Math.Max(0, limit) : 0,
                Continue = query["continue"].ToString(),
                Revision = ParseRevision(query["resourceVersion"]),
                Match = query["resourceVersionMatch"].ToString(),
            };
        }
        catch (FormatException failure)
        {
            throw ApiException.BadRequest(failure.Message);
        }
    }

    /// <summary>Whether an object is asked for.</summary>
    public bool Matches(StoredObject stored) =>
        (_namespace.Length == 0 || stored.Namespace == _namespace)
        && (_name is null || stored.Name == _name)
        && (_labels.IsEmpty || _labels.Matches(stored.Labels))
        && (_fields.IsEmpty || _fields.Matches(stored));

    /// <summary>One page of the list.</summary>
    public Page Run(ObjectStore store, long? staleRevision)
    {
        (Snapshot snapshot, string? from) = staleRevision is { } stale ? (store.ReadNear(_kind.StorageKey, stale), null) : Open(store);
        if (snapshot.Revision > 0 && OnlyKey() is { } key)
        {
            StoredObject? found = snapshot.Find(key);
            return new Page(found is not null && Matches(found) ? [found] : [], snapshot.Revision, null, null);
        }
        var items = new List<StoredObject>();
        using IEnumerator<StoredObject> rest = snapshot.Range(_namespace, from).GetEnumerator();
        while (rest.MoveNext())
        {
            if (!Matches(rest.Current))
            {
                continue;
            }
            if (Limit > 0 && items.Count == Limit)
            {
                return new Page(items, snapshot.Revision, Token(snapshot.Revision, rest.Current.Key), Remaining(rest));
            }
            items.Add(rest.Current);
        }
        return new Page(items, snapshot.Revision, null, null);
    }

    private string? OnlyKey() => (_fields.Name ?? _name) is { } name && (_namespace.Length > 0 || !_kind.Namespaced)
        ? StoredObject.KeyOf(_namespace, name)
        : null;

    // Like the real server, only told where no selector makes counting dear.
    private long? Remaining(IEnumerator<StoredObject> rest)
    {
        if (!_labels.IsEmpty || !_fields.IsEmpty)
        {
            return null;
        }
        long count = 1;
        while (rest.MoveNext())
        {
            count++;
        }
        return count;
    }

    private (Snapshot Snapshot, string? From) Open(ObjectStore store)
    {
        try
        {
            if (Continue.Length > 0)
            {
                (long revision, string from) = ReadToken(Continue);
                return (store.ReadAt(_kind.StorageKey, revision), from);
            }
            if (Revision is not { } asked || asked == 0)
            {
                return (store.Read(_kind.StorageKey), null);
            }
            bool isExact = Match == "Exact" || (Match.Length == 0 && Limit > 0);
            if (!isExact && store.Revision >= asked)
            {
                return (store.Read(_kind.StorageKey), null);
            }
            return (store.ReadAt(_kind.StorageKey, asked), null);
        }
        catch (RevisionUnavailableException failure)
        {
            throw Refusal(failure, store);
        }
    }

    private ApiException Refusal(RevisionUnavailableException failure, ObjectStore store)
    {
        if (failure.IsFuture)
        {
            return ApiException.TooLarge(failure.Asked, failure.Limit);
        }
        if (Continue.Length == 0)
        {
            return ApiException.TooOld(failure.Asked, failure.Limit);
        }
        return new ApiException(
            410, "Expired",
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
            + "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
            + "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted "
            + "between the time the first chunk was returned and now may show up in the list.")
        {
            Continue = Token(store.Revision, ReadToken(Continue).From),
        };
    }

    private static string Token(long revision, string from)
    {
        var token = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = from };
        return Convert.ToBase64String(JsonBytes.Of(token)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static (long Revision, string From) ReadToken(string token)
    {
        try
        {
            string base64 = token.Replace('-', '+').Replace('_', '/');
            byte[] bytes = Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
            JsonNode? read = JsonNode.Parse(Encoding.UTF8.GetString(bytes));
            return (read!["rv"]!.GetValue<long>(), (string)read["start"]!);
        }
        catch (Exception failure)
            when (failure is FormatException or System.Text.Json.JsonException or InvalidOperationException or NullReferenceException)
        {
            throw ApiException.BadRequest("continue key is not valid: " + failure.Message);
        }
    }

    // Source: apimachinery's internalversion validation of ListOptions.
    private static void CheckMatch(IQueryCollection query, bool isWatch)
    {
        string match = query["resourceVersionMatch"].ToString();
        if (match.Length == 0)
        {
            return;
        }
        var causes = new List<StatusCause>();
        void Forbid(string why) => causes.Add(new StatusCause("FieldValueForbidden", "Forbidden: " + why, "resourceVersionMatch"));
        if (isWatch && query["sendInitialEvents"].Count == 0)
        {
            Forbid("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }
        else if (!isWatch && query["resourceVersion"].ToString().Length == 0)
        {
            Forbid("resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if (query["continue"].ToString().Length > 0)
        {
            Forbid("resourceVersionMatch is forbidden when continue is provided");
        }
        if (match is not ("NotOlderThan" or "Exact") || (isWatch && match == "Exact"))
        {
            string supported = isWatch ? "\"NotOlderThan\"" : "\"Exact\", \"NotOlderThan\", \"\"";
            causes.Add(new StatusCause(
                "FieldValueNotSupported", $"Unsupported value: \"{match}\": supported values: {supported}", "resourceVersionMatch"));
        }
        if (!isWatch && match == "Exact" && query["resourceVersion"] == "0")
        {
            Forbid("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
        if (causes.Count > 0)
        {
            throw ApiException.InvalidOptions("ListOptions", [.. causes]);
        }
    }

    private static long? ParseRevision(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long revision)
            ? revision
            : throw new ApiException(500, "", $"resourceVersion: Invalid value: \"{text}\": must be an unsigned integer");
    }
}

/// <summary>What a list answers.</summary>
/// <param name="Items">The objects.</param>
/// <param name="Revision">The revision at which they were read.</param>
/// <param name="Continue">Token for the next page, or null at the end.</param>
/// <param name="Remaining">How many objects follow, where that is known.</param>
internal sealed record Page(IReadOnlyList<StoredObject> Items, long Revision, string? Continue, long? Remaining);
