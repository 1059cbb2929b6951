using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>Why a field was refused. The names are the <c>reason</c> of a cause in a 422 Status (<c>metav1.CauseType</c>).</summary>
public enum FieldErrorType
{
    /// <summary>The value is malformed or out of range.</summary>
    FieldValueInvalid,

    /// <summary>The field must be set.</summary>
    FieldValueRequired,

    /// <summary>The value is not one of an enumeration.</summary>
    FieldValueNotSupported,

    /// <summary>The value is well formed but not permitted here.</summary>
    FieldValueForbidden,

    /// <summary>The value is longer than allowed; it is not repeated in the message.</summary>
    FieldValueTooLong,

    /// <summary>The value must be unique and is not.</summary>
    FieldValueDuplicate,

    /// <summary>Something the value names does not exist.</summary>
    FieldValueNotFound,
}

/// <summary>One reason for which the API server refuses an object, as kube-apiserver words it.</summary>
/// <param name="Type">Becomes <c>causes[].reason</c>.</param>
/// <param name="Field">Path such as <c>spec.capacity[storage]</c>; becomes <c>causes[].field</c>.</param>
/// <param name="BadValue">The refused value, or null where the message does not show one.</param>
/// <param name="Detail">What is wrong; may be empty.</param>
public sealed record FieldError(FieldErrorType Type, string Field, JsonNode? BadValue, string Detail)
{
    /// <summary>The cause's message, without the field: <c>Invalid value: "x": must be …</c>.</summary>
    public string Body
    {
        get
        {
            var head = ShowsValue ? $"{Title}: {Show(BadValue)}" : Title;
            return Detail.Length == 0 ? head : $"{head}: {Detail}";
        }
    }

    /// <summary>The whole message: <c>field: body</c>.</summary>
    public string Message => $"{Field}: {Body}";

    private bool ShowsValue => Type is FieldErrorType.FieldValueInvalid or FieldErrorType.FieldValueNotSupported
        or FieldErrorType.FieldValueDuplicate or FieldErrorType.FieldValueNotFound;

    private string Title => Type switch
    {
        FieldErrorType.FieldValueInvalid => "Invalid value",
        FieldErrorType.FieldValueRequired => "Required value",
        FieldErrorType.FieldValueNotSupported => "Unsupported value",
        FieldErrorType.FieldValueForbidden => "Forbidden",
        FieldErrorType.FieldValueTooLong => "Too long",
        FieldErrorType.FieldValueDuplicate => "Duplicate value",
        FieldErrorType.FieldValueNotFound => "Not found",
        _ => throw new InvalidOperationException($"No title for {Type}."),
    };

    private static string Show(JsonNode? value) => value?.ToJsonString(Plain) ?? "null";

    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
    };
}

/// <summary>Collects the errors of one object, in the order they are found.</summary>
public sealed class FieldErrors
{
    private readonly List<FieldError> _errors = [];

    /// <summary>What was found so far.</summary>
    public IReadOnlyList<FieldError> Found => _errors;

    /// <summary>How many errors were found so far.</summary>
    public int Count => _errors.Count;

    /// <summary>The value at <paramref name="field"/> is malformed.</summary>
    public void Invalid(string field, JsonNode? value, string detail) =>
        Add(FieldErrorType.FieldValueInvalid, field, value, detail);

    /// <summary>Each message tells a way in which the text at <paramref name="field"/> is malformed.</summary>
    public void Invalid(string field, string? value, IEnumerable<string> details)
    {
        ArgumentNullException.ThrowIfNull(details);
        foreach (var detail in details)
        {
            Invalid(field, value, detail);
        }
    }

    /// <summary>The field must be set.</summary>
    public void Required(string field, string detail = "") => Add(FieldErrorType.FieldValueRequired, field, null, detail);

    /// <summary>The value is not permitted here.</summary>
    public void Forbidden(string field, string detail) => Add(FieldErrorType.FieldValueForbidden, field, null, detail);

    /// <summary>The value is not one of <paramref name="supported"/>.</summary>
    public void NotSupported(string field, JsonNode? value, params ReadOnlySpan<string> supported) =>
        Add(FieldErrorType.FieldValueNotSupported, field, value, $"supported values: {Quoted(supported)}");

    /// <summary>The value has more than <paramref name="maximum"/> bytes.</summary>
    public void TooLong(string field, int maximum) =>
        Add(FieldErrorType.FieldValueTooLong, field, null, $"may not be more than {maximum} bytes");

    /// <summary>What the value names does not exist.</summary>
    public void NotFound(string field, JsonNode? value) => Add(FieldErrorType.FieldValueNotFound, field, value, "");

    /// <summary>The value occurs twice.</summary>
    public void Duplicate(string field, JsonNode? value) => Add(FieldErrorType.FieldValueDuplicate, field, value, "");

    private static string Quoted(ReadOnlySpan<string> values)
    {
        var quoted = new string[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            quoted[i] = $"\"{values[i]}\"";
        }

        return string.Join(", ", quoted);
    }

    private void Add(FieldErrorType type, string field, JsonNode? value, string detail) =>
        _errors.Add(new FieldError(type, field, value?.DeepClone(), detail));
}
