using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>
/// Checks an object against its custom schema: types, bounds, enumerations, patterns, junctors, unique list items. The messages are those
/// of
/// kube-openapi's validator as apiextensions-apiserver turns them into causes. CEL rules are checked apart from it.
/// </summary>
public static class SchemaValidation
{
    /// <summary>Everything that is wrong with <paramref name="value"/>, in the order of the schema; empty if it is valid.</summary>
    /// <param name="value">The value; pruned and defaulted before.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="path">Its path; empty for a whole object.</param>
    public static IReadOnlyList<SchemaError> Check(JsonNode? value, SchemaNode schema, string path)
    {
        var errors = new List<SchemaError>();
        CheckValue(value, schema, path, errors);
        return errors;
    }

    private static void CheckValue(JsonNode? value, SchemaNode schema, string path, List<SchemaError> errors)
    {
        var target = schema.Target;
        if (value is null && schema.Nullable)
        {
            return;
        }

        if (!HasType(value, target))
        {
            var wanted = target.IntOrString ? "integer,string" : Name(target.Type);
            errors.Add(SchemaError.TypeInvalid(
                path, JsonText.Quote(JsonText.TypeOf(value)), $"{path} in body must be of type {wanted}: \"{JsonText.TypeOf(value)}\""));
            return;
        }

        CheckEnum(value, target, path, errors);
        switch (value?.GetValueKind())
        {
            case JsonValueKind.String:
                CheckText((string)value!, target, path, errors);
                break;
            case JsonValueKind.Number:
                CheckNumber(value, target, path, errors);
                break;
            case JsonValueKind.Array:
                CheckItems((JsonArray)value, schema, path, errors);
                break;
            case JsonValueKind.Object:
                CheckFields((JsonObject)value, target, path, errors);
                break;
        }

        CheckJunctors(value, target, path, errors);
    }

    private static bool HasType(JsonNode? value, SchemaNode schema)
    {
        if (schema.IntOrString)
        {
            return value?.GetValueKind() == JsonValueKind.String || IsWhole(value);
        }

        return schema.Type switch
        {
            SchemaType.Any => true,
            SchemaType.Object => value is JsonObject,
            SchemaType.Array => value is JsonArray,
            SchemaType.String => value?.GetValueKind() == JsonValueKind.String,
            SchemaType.Boolean => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            SchemaType.Integer => IsWhole(value),
            _ => value?.GetValueKind() == JsonValueKind.Number,
        };
    }

    private static bool IsWhole(JsonNode? value)
        => JsonNumbers.IsInteger(value) || (JsonNumbers.Double(value) is { } number && number == Math.Floor(number));

    private static void CheckEnum(JsonNode? value, SchemaNode schema, string path, List<SchemaError> errors)
    {
        if (schema.Enum.Count > 0 && !schema.Enum.Any(allowed => JsonNode.DeepEquals(allowed, value)))
        {
            var supported = schema.Enum.Select(allowed
                => allowed is JsonValue text && text.TryGetValue<string>(out _) ? JsonText.Of(allowed)
                : JsonText.Quote(JsonText.Of(allowed)));
            errors.Add(SchemaError.NotSupported(path, JsonText.Of(value), supported));
        }
    }

    private static void CheckText(string text, SchemaNode schema, string path, List<SchemaError> errors)
    {
        var length = text.EnumerateRunes().Count();
        if (length > schema.MaxLength)
        {
            errors.Add(SchemaError.TooLong(path, schema.MaxLength.Value));
        }

        if (length < schema.MinLength)
        {
            errors.Add(SchemaError.Invalid(path, JsonText.Quote(text), $"{path} in body should be at least {schema.MinLength} chars long"));
        }

        if (schema.Pattern is { Length: > 0 } pattern && Re2.Fault(pattern) is null && !Re2.IsMatch(pattern, text))
        {
            errors.Add(SchemaError.Invalid(path, JsonText.Quote(text), $"{path} in body should match '{pattern}'"));
        }

        if (schema.Format is { } format && !schema.IntOrString && !Formats.Accepts(format, text))
        {
            errors.Add(SchemaError.Invalid(path, JsonText.Quote(text), $"{path} in body must be of type {format}: {JsonText.Quote(text)}"));
        }
    }

    private static void CheckNumber(JsonNode value, SchemaNode schema, string path, List<SchemaError> errors)
    {
        if (JsonNumbers.Decimal(value) is not { } number)
        {
            return;
        }

        void Add(string rule) => errors.Add(SchemaError.Invalid(path, JsonText.Of(value), $"{path} in body should be {rule}"));
        if (schema.Maximum is { } most && (schema.ExclusiveMaximum ? number >= most : number > most))
        {
            Add($"less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{Plain(most)}");
        }

        if (schema.Minimum is { } least && (schema.ExclusiveMinimum ? number <= least : number < least))
        {
            Add($"greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{Plain(least)}");
        }

        if (schema.MultipleOf is { } factor and not 0 && number % factor != 0)
        {
            Add($"a multiple of {Plain(factor)}");
        }

        if ((schema.Format == "int32" && number is < int.MinValue or > int.MaxValue)
            || (schema.Format == "int64" && number is < long.MinValue or > long.MaxValue))
        {
            Add($"of type {schema.Format}");
        }
    }

    private static void CheckItems(JsonArray items, SchemaNode schema, string path, List<SchemaError> errors)
    {
        var target = schema.Target;
        if (items.Count > target.MaxItems)
        {
            errors.Add(SchemaError.TooMany(path, items.Count, target.MaxItems.Value));
        }

        if (items.Count < target.MinItems)
        {
            errors.Add(SchemaError.Invalid(path, items.Count.ToString(CultureInfo.InvariantCulture),
                $"{path} in body should have at least {target.MinItems} items"));
        }

        if (schema.Item is { } item)
        {
            for (var index = 0; index < items.Count; index++)
            {
                CheckValue(items[index], item, $"{path}[{index}]", errors);
            }
        }

        CheckUnique(items, schema, path, errors);
    }

    private static void CheckUnique(JsonArray items, SchemaNode schema, string path, List<SchemaError> errors)
    {
        if (schema.ListType is not (ListType.Set or ListType.Map))
        {
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < items.Count; index++)
        {
            var identity = schema.ListType == ListType.Set ? JsonText.Of(items[index])
                : KeyText(items[index] as JsonObject, schema.ListMapKeys);
            if (!seen.Add(identity))
            {
                errors.Add(SchemaError.Duplicate($"{path}[{index}]", identity));
            }
        }
    }

    private static string KeyText(JsonObject? item, IReadOnlyList<string> keys)
        => JsonText.Of(new JsonObject(keys.Where(key
            => item?.ContainsKey(key) == true).Select(key => KeyValuePair.Create(key, item![key]?.DeepClone()))));

    private static void CheckFields(JsonObject fields, SchemaNode schema, string path, List<SchemaError> errors)
    {
        if (fields.Count > schema.MaxProperties)
        {
            errors.Add(SchemaError.TooMany(path, fields.Count, schema.MaxProperties.Value));
        }

        if (fields.Count < schema.MinProperties)
        {
            errors.Add(SchemaError.Invalid(path, fields.Count.ToString(CultureInfo.InvariantCulture),
                $"{path} in body should have at least {schema.MinProperties} properties"));
        }

        foreach (var name in schema.Required.Where(name => !fields.ContainsKey(name)))
        {
            errors.Add(SchemaError.Required(Below(path, name)));
        }

        foreach (var (name, value) in fields)
        {
            if (schema.Field(name) is { } field)
            {
                CheckValue(value, field, Below(path, name), errors);
            }
        }
    }

    private static void CheckJunctors(JsonNode? value, SchemaNode schema, string path, List<SchemaError> errors)
    {
        if (schema.AllOf.Count == 0 && schema.AnyOf.Count == 0 && schema.OneOf.Count == 0 && schema.Not is null)
        {
            return;
        }

        void Add(string rule) => errors.Add(SchemaError.Invalid(path, "\"\"", $"\"{path}\" must {rule}"));
        if (schema.AnyOf.Count > 0 && Results(schema.AnyOf) is var any && any.TrueForAll(result => result.Count > 0))
        {
            Add("validate at least one schema (anyOf)");
            errors.AddRange(any.MinBy(result => result.Count)!);
        }

        if (schema.OneOf.Count > 0 && Results(schema.OneOf) is var one && one.Count(result => result.Count == 0) is var valid && valid != 1)
        {
            Add("validate one and only one schema (oneOf). " + (valid == 0 ? "Found none valid" : $"Found {valid} valid alternatives"));
            errors.AddRange(valid == 0 ? one.MinBy(result => result.Count)! : []);
        }

        if (schema.AllOf.Count > 0 && Results(schema.AllOf) is var all && all.Exists(result => result.Count > 0))
        {
            Add("validate all the schemas (allOf)" + (all.TrueForAll(result => result.Count > 0) ? ". None validated" : ""));
            errors.AddRange(all.SelectMany(result => result));
        }

        if (schema.Not is not null && Check(value, schema.Not, path).Count == 0)
        {
            Add("not validate the schema (not)");
        }

        List<IReadOnlyList<SchemaError>> Results(IReadOnlyList<SchemaNode> schemas)
            => [.. schemas.Select(nested => Check(value, nested, path))];
    }

    private static string Below(string path, string name) => path.Length == 0 ? name : path + "." + name;

    private static string Plain(decimal number) => number.ToString("0.#############################", CultureInfo.InvariantCulture);

    private static string Name(SchemaType type) => type.ToString().ToLowerInvariant();
}
