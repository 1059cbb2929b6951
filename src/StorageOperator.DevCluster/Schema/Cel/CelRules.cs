using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema.Cel;

/// <summary>
/// The CEL rules of custom schemas (<c>x-kubernetes-validations</c>): whether they are expressions at all, and what they say of an object.
/// A rule that names <c>oldSelf</c> is a transition rule and runs only where there is an old value to compare with. Fields, list items with
/// keys and map entries have one; items of other lists have not.
/// Beyond CEL proper, Kubernetes' libraries for strings, lists, regular expressions, optionals and quantities are known; URLs, IP addresses
/// and <c>format</c> are not, and a rule that uses them is refused when it is defined.
/// </summary>
public static class CelRules
{
    private static readonly ConcurrentDictionary<string, CelProgram> Parsed = new(StringComparer.Ordinal);

    /// <summary>What is wrong with the rules of a schema; empty if all of them can be run.</summary>
    /// <param name="schema">The schema tree of one version.</param>
    /// <param name="path">Where it stands: <c>spec.validation.openAPIV3Schema</c>.</param>
    public static IReadOnlyList<SchemaError> CheckDefinition(SchemaNode schema, string path)
    {
        var errors = new List<SchemaError>();
        CheckNode(schema, path, errors);
        return errors;
    }

    /// <summary>Runs all rules.</summary>
    /// <param name="value">The object, pruned, defaulted and valid by its schema.</param>
    /// <param name="before">The stored object, or null for a create.</param>
    /// <param name="schema">The schema.</param>
    public static IReadOnlyList<SchemaError> Check(JsonObject value, JsonObject? before, SchemaNode schema)
    {
        var errors = new List<SchemaError>();
        CheckValue(value, before, schema, "", errors);
        return errors;
    }

    private static void CheckNode(SchemaNode node, string path, List<SchemaError> errors)
    {
        for (var index = 0; index < node.Validations.Count; index++)
        {
            var rule = node.Validations[index];
            CheckExpression(rule.Rule, node, $"{path}.x-kubernetes-validations[{index}].rule", errors);
            if (rule.MessageExpression is { } message)
            {
                CheckExpression(message, node, $"{path}.x-kubernetes-validations[{index}].messageExpression", errors);
            }
        }

        foreach (var (name, field) in node.Properties)
        {
            CheckNode(field, $"{path}.properties[{name}]", errors);
        }

        if (node.Items is not null)
        {
            CheckNode(node.Items, path + ".items", errors);
        }

        if (node.AdditionalProperties is not null)
        {
            CheckNode(node.AdditionalProperties, path + ".additionalProperties", errors);
        }
    }

    private static void CheckExpression(string text, SchemaNode self, string path, List<SchemaError> errors)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            errors.Add(SchemaError.Required(path, "rule is not specified"));
            return;
        }

        try
        {
            CelChecker.Check(CelParser.Parse(text), self);
        }
        catch (CelSyntaxException fault)
        {
            errors.Add(SchemaError.Invalid(path, JsonText.Quote(text),
                $"compilation failed: ERROR: <input>:1:{fault.Position + 1}: {fault.Message}"));
        }
    }

    private static void CheckValue(JsonNode? value, JsonNode? before, SchemaNode schema, string path, List<SchemaError> errors)
    {
        if (value is null)
        {
            return;
        }

        foreach (var rule in schema.Validations)
        {
            Run(rule, value, before, schema, path, errors);
        }

        switch (value)
        {
            case JsonObject fields:
                foreach (var (name, field) in fields)
                {
                    if (schema.Field(name) is { } below)
                    {
                        CheckValue(field, (before as JsonObject)?[name], below, path.Length == 0 ? name : path + "." + name, errors);
                    }
                }

                break;
            case JsonArray items when schema.Item is { } item:
                for (var index = 0; index < items.Count; index++)
                {
                    CheckValue(items[index], Earlier(items[index], before as JsonArray, schema), item, $"{path}[{index}]", errors);
                }

                break;
        }
    }

    /// <summary>The old value of a list item: the one with the same keys.</summary>
    private static JsonNode? Earlier(JsonNode? item, JsonArray? before, SchemaNode list)
        => list.ListType != ListType.Map ? null
            : before?.FirstOrDefault(old
                => list.ListMapKeys.All(key => JsonNode.DeepEquals((old as JsonObject)?[key], (item as JsonObject)?[key])));

    private static void Run(ValidationRule rule, JsonNode value, JsonNode? before, SchemaNode schema, string path, List<SchemaError> errors)
    {
        try
        {
            var program = Parsed.GetOrAdd(rule.Rule, CelParser.Parse);
            if (program.NamesOldSelf && before is null && !rule.OptionalOldSelf)
            {
                return;
            }

            var variables = Variables(value, before, schema, rule.OptionalOldSelf);
            if (CelEvaluator.Evaluate(program, variables) is not true)
            {
                errors.Add(Error(rule, path, schema, MessageOf(rule, variables)));
            }
        }
        catch (Exception fault) when (fault is CelEvaluationException or CelSyntaxException)
        {
            errors.Add(SchemaError.Invalid(path, Shown(schema), $"{fault.Message} evaluating rule: {rule.Message ?? rule.Rule}"));
        }
    }

    private static Dictionary<string, object?> Variables(JsonNode value, JsonNode? before, SchemaNode schema, bool optionalOld)
    {
        var variables = new Dictionary<string, object?>(StringComparer.Ordinal) { ["self"] = CelValues.Of(value, schema) };
        if (optionalOld)
        {
            variables["oldSelf"] = before is null ? CelOptional.None : new CelOptional(true, CelValues.Of(before, schema));
        }
        else if (before is not null)
        {
            variables["oldSelf"] = CelValues.Of(before, schema);
        }

        return variables;
    }

    private static string MessageOf(ValidationRule rule, Dictionary<string, object?> variables)
    {
        if (rule.MessageExpression is { } text)
        {
            try
            {
                if (CelEvaluator.Evaluate(Parsed.GetOrAdd(text, CelParser.Parse), variables) is string message
                    && !string.IsNullOrWhiteSpace(message) && !message.Contains('\n', StringComparison.Ordinal))
                {
                    return message.Trim();
                }
            }
            catch (Exception fault) when (fault is CelEvaluationException or CelSyntaxException)
            {
                // As on the real server, a message that cannot be made gives way to the fixed one.
            }
        }

        return rule.Message?.Trim() ?? "failed rule: " + rule.Rule.Trim();
    }

    private static SchemaError Error(ValidationRule rule, string path, SchemaNode schema, string message)
    {
        var field = rule.FieldPath is { } below ? (path + below).TrimStart('.') : path;
        return rule.Reason switch
        {
            "FieldValueRequired" => SchemaError.Required(field, message),
            "FieldValueForbidden" => SchemaError.Forbidden(field, message),
            "FieldValueDuplicate" => SchemaError.Duplicate(field, Shown(schema)),
            _ => SchemaError.Invalid(field, Shown(schema), message),
        };
    }

    /// <summary>The server shows the type instead of the value, which may be large.</summary>
    private static string Shown(SchemaNode schema)
        => $"\"{(schema.Type == SchemaType.Any ? "" : schema.Type.ToString().ToLowerInvariant())}\"";
}
