namespace StorageOperator.DevCluster.Schema;

/// <summary>One thing that is wrong with an object or a schema: a cause of a 422 Status.</summary>
/// <param name="Reason">
/// FieldValueInvalid, FieldValueRequired, FieldValueNotSupported, FieldValueForbidden, FieldValueDuplicate, FieldValueTypeInvalid,
/// FieldValueTooLong or FieldValueTooMany.
/// </param>
/// <param name="Field">The path of the field, such as <c>spec.size</c>.</param>
/// <param name="Message">What is wrong, as Kubernetes words it: <c>Invalid value: 0: spec.size in body should be ...</c>.</param>
public sealed record SchemaError(string Reason, string Field, string Message)
{
    /// <summary>A missing field.</summary>
    public static SchemaError Required(string field, string detail = "")
        => new("FieldValueRequired", field, "Required value" + Detail(detail));

    /// <summary>A value that breaks a rule; <paramref name="value"/> is JSON.</summary>
    public static SchemaError Invalid(string field, string value, string detail)
        => new("FieldValueInvalid", field, $"Invalid value: {value}{Detail(detail)}");

    /// <summary>A value of a wrong type; <paramref name="value"/> is JSON.</summary>
    public static SchemaError TypeInvalid(string field, string value, string detail)
        => new("FieldValueTypeInvalid", field, $"Invalid value: {value}{Detail(detail)}");

    /// <summary>A value outside its enumeration; the values are JSON.</summary>
    public static SchemaError NotSupported(string field, string value, IEnumerable<string> supported)
        => new("FieldValueNotSupported", field, $"Unsupported value: {value}: supported values: {string.Join(", ", supported)}");

    /// <summary>A field that may not be there.</summary>
    public static SchemaError Forbidden(string field, string detail) => new("FieldValueForbidden", field, "Forbidden" + Detail(detail));

    /// <summary>A list item that is there twice; <paramref name="value"/> is JSON.</summary>
    public static SchemaError Duplicate(string field, string value) => new("FieldValueDuplicate", field, "Duplicate value: " + value);

    /// <summary>A text longer than allowed.</summary>
    public static SchemaError TooLong(string field, long most)
        => new("FieldValueTooLong", field, $"Too long: may not be more than {most} bytes");

    /// <summary>A list or object with more entries than allowed.</summary>
    public static SchemaError TooMany(string field, long count, long most)
        => new("FieldValueTooMany", field, $"Too many: {count}: must have at most {most} items");

    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {Message}";

    private static string Detail(string text) => text.Length == 0 ? "" : ": " + text;
}
