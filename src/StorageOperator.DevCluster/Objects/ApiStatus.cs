using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Resources;

namespace StorageOperator.DevCluster.Objects;

/// <summary>One reason of an Invalid or Conflict answer.</summary>
/// <param name="Reason">Machine-readable, such as FieldValueInvalid.</param>
/// <param name="Message">For people.</param>
/// <param name="Field">Path of the field, or null.</param>
internal sealed record StatusCause(string Reason, string Message, string? Field = null);

/// <summary>
/// A refusal as clients get it: HTTP code, reason and message of a <c>Status</c> object. The wordings are the ones that client
/// libraries and people search for (k/k:staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go).
/// </summary>
internal sealed class ApiException(int code, string reason, string message) : Exception(message)
{
    /// <summary>HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>Machine-readable reason; empty when there is none.</summary>
    public string Reason { get; } = reason;

    /// <summary>What is refused: kind or resource, and name.</summary>
    public JsonObject? Details { get; init; }

    /// <summary>For a retry with the answer's Retry-After header.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>metadata.continue of the answer.</summary>
    public string? Continue { get; init; }

    public static ApiException NotFound(ResourceKind kind, string name) =>
        new(404, "NotFound", $"{kind.QualifiedPlural} \"{name}\" not found") { Details = About(kind, name) };

    public static ApiException NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource") { Details = [] };

    public static ApiException AlreadyExists(ResourceKind kind, string name) =>
        new(409, "AlreadyExists", $"{kind.QualifiedPlural} \"{name}\" already exists") { Details = About(kind, name) };

    public static ApiException Conflict(ResourceKind kind, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {kind.QualifiedPlural} \"{name}\": {why}") { Details = About(kind, name) };

    public static ApiException Modified(ResourceKind kind, string name) => Conflict(
        kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Forbidden(ResourceKind kind, string name, string why) =>
        new(403, "Forbidden", $"{kind.QualifiedPlural} \"{name}\" is forbidden: {why}") { Details = About(kind, name) };

    public static ApiException NamespaceTerminating(ResourceKind kind, string name, string ns)
    {
        JsonObject details = About(kind, name);
        details["causes"] = Causes([new StatusCause("NamespaceTerminating", $"namespace {ns} is being terminated", "metadata.namespace")]);
        string why = $"unable to create new content in namespace {ns} because it is being terminated";
        return new(403, "Forbidden", $"{kind.QualifiedPlural} \"{name}\" is forbidden: {why}") { Details = details };
    }

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiException MethodNotAllowed(string verb) =>
        new(405, "MethodNotAllowed", $"the server does not allow this method on the requested resource ({verb})") { Details = [] };

    public static ApiException UnsupportedMediaType(string type, params string[] supported) => new(
        415, "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", supported)} (was {type})");

    public static ApiException Expired(string message) => new(410, "Expired", message);

    public static ApiException TooOld(long asked, long oldest) => Expired($"too old resource version: {asked} ({oldest})");

    public static ApiException TooLarge(long asked, long current) =>
        new(504, "Timeout", $"Timeout: Too large resource version: {asked}, current: {current}")
        {
            RetryAfterSeconds = 1,
            Details = new JsonObject
            {
                ["causes"] = Causes([new StatusCause("ResourceVersionTooLarge", "Too large resource version")]),
                ["retryAfterSeconds"] = 1,
            },
        };

    /// <summary>422 with one cause a field.</summary>
    public static ApiException Invalid(ResourceKind kind, string name, IReadOnlyList<StatusCause> causes)
    {
        string[] texts = [.. causes.Select(cause => $"{cause.Field}: {cause.Message}").Distinct()];
        string all = texts.Length == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        return new(422, "Invalid", $"{kind.QualifiedKind} \"{name}\" is invalid: {all}") { Details = AboutKind(kind, name, causes) };
    }

    /// <summary>422 for a request's options.</summary>
    public static ApiException InvalidOptions(string kind, params StatusCause[] causes) => Invalid(
        new ResourceKind("meta.k8s.io", "v1", "", kind, namespaced: false), "", causes);

    /// <summary>409 of a server-side apply, with one cause for each field that another manager owns.</summary>
    public static ApiException ApplyConflict(string message, IReadOnlyList<StatusCause> causes) =>
        new(409, "Conflict", message) { Details = new JsonObject { ["causes"] = Causes(causes) } };

    /// <summary>The answer's body.</summary>
    public JsonObject ToStatus()
    {
        var metadata = new JsonObject();
        if (Continue is not null)
        {
            metadata["continue"] = Continue;
        }
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = metadata,
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
        };
        if (Reason.Length == 0)
        {
            status.Remove("reason");
        }
        if (Details is not null)
        {
            status["details"] = Details.DeepClone();
        }
        status["code"] = Code;
        return status;
    }

    private static JsonObject About(ResourceKind kind, string name)
    {
        var details = new JsonObject { ["name"] = name, ["group"] = kind.Group, ["kind"] = kind.Plural };
        foreach (string empty in details.Where(member => member.Value?.ToString() is "").Select(member => member.Key).ToList())
        {
            details.Remove(empty);
        }
        return details;
    }

    private static JsonObject AboutKind(ResourceKind kind, string name, IReadOnlyList<StatusCause> causes)
    {
        JsonObject details = About(kind, name);
        if (kind.Kind.Length > 0)
        {
            details["kind"] = kind.Kind;
        }
        details["causes"] = Causes(causes);
        return details;
    }

    private static JsonArray Causes(IReadOnlyList<StatusCause> causes) => [.. causes.Select(cause =>
    {
        var result = new JsonObject { ["reason"] = cause.Reason, ["message"] = cause.Message };
        if (cause.Field is not null)
        {
            result["field"] = cause.Field;
        }
        return result;
    })];
}
