using System.Globalization;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Patching;

/// <summary>
/// JSON patch, RFC 6902: <c>application/json-patch+json</c>, with the API server's limits: at most 10,000 operations,
/// an index may count from the end (-1 is the last item), and a test for null is true of an absent field.
/// </summary>
public static class JsonPatch
{
    /// <summary>The most operations one patch may have.</summary>
    public const int MostOperations = 10_000;

    /// <summary>
    /// Returns <paramref name="original"/> with all operations of <paramref name="patch"/> applied in order. Neither argument is changed.
    /// </summary>
    /// <exception cref="PatchException">Not a list of operations (400), too many (413), or one of them does not apply (422).</exception>
    public static JsonObject Apply(JsonObject original, JsonNode? patch)
    {
        var operations = Read(patch);
        JsonNode? document = original.DeepClone();
        foreach (var operation in operations)
        {
            document = operation.ApplyTo(document);
        }

        return document as JsonObject ?? throw PatchException.Unprocessable("the patched document is not an object");
    }

    private static List<Operation> Read(JsonNode? patch)
    {
        if (patch is not JsonArray list)
        {
            throw PatchException.BadRequest("json: cannot unmarshal " + Kind(patch) + " into Go value of type jsonpatch.Patch");
        }

        if (list.Count > MostOperations)
        {
            throw PatchException.TooLarge($"The allowed maximum operations in a JSON patch is {MostOperations}, got {list.Count}");
        }

        return [.. list.Select(Operation.Read)];
    }

    private static string Kind(JsonNode? node) => node switch
    {
        JsonObject => "object",
        JsonValue value
            => value.GetValueKind().ToString().ToLowerInvariant() is "true" or "false" ? "bool"
            : value.GetValueKind().ToString().ToLowerInvariant(),
        _ => "null",
    };

    private sealed record Operation(string Op, Pointer Path, Pointer? From, JsonNode? Value)
    {
        public static Operation Read(JsonNode? node)
        {
            if (node is not JsonObject fields)
            {
                throw PatchException.BadRequest("json: cannot unmarshal " + Kind(node) + " into Go value of type jsonpatch.Operation");
            }

            var op = Text(fields, "op") ?? "unknown";
            if (op is not ("add" or "remove" or "replace" or "move" or "copy" or "test"))
            {
                throw PatchException.Unprocessable("Unexpected kind: " + op);
            }

            var path = Text(fields, "path") ?? throw PatchException.Unprocessable(op + " operation failed to decode path: missing value");
            var from = op is "move" or "copy" ? Text(fields, "from")
                ?? throw PatchException.Unprocessable(op + " operation failed to decode from: missing value") : null;
            return new Operation(op, Pointer.Parse(path), from is null ? null : Pointer.Parse(from), fields["value"]);
        }

        public JsonNode? ApplyTo(JsonNode? document) => Op switch
        {
            "add" => Path.Add(document, Value?.DeepClone(), Op),
            "remove" => Path.Remove(document, Op).Document,
            "replace" => Path.Replace(document, Value?.DeepClone()),
            "move" => Move(document),
            "copy" => Path.Add(document, From!.Get(document, Op)?.DeepClone(), Op),
            _ => Test(document),
        };

        private JsonNode? Move(JsonNode? document)
        {
            var (rest, moved) = From!.Remove(document, Op);
            return Path.Add(rest, moved, Op);
        }

        private JsonNode? Test(JsonNode? document)
        {
            var found = Path.Find(document, out var value);
            if (found ? JsonNode.DeepEquals(value, Value) : Value is null)
            {
                return document;
            }

            throw PatchException.Unprocessable($"testing value {Path} failed: test failed");
        }

        private static string? Text(JsonObject fields, string name)
            => fields[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }

    /// <summary>A JSON pointer, RFC 6901.</summary>
    private sealed record Pointer(string Text, IReadOnlyList<string> Steps)
    {
        public static Pointer Parse(string text)
        {
            if (text.Length > 0 && text[0] != '/')
            {
                throw PatchException.Unprocessable($"jsonpointer {text} does not begin with a slash");
            }

            return new Pointer(text, [.. text.Split('/').Skip(1).Select(Unescaped)]);
        }

        private static string Unescaped(string step)
            => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

        public bool Find(JsonNode? document, out JsonNode? value)
        {
            value = document;
            foreach (var step in Steps)
            {
                if (!Step(ref value, step))
                {
                    return false;
                }
            }

            return true;
        }

        public JsonNode? Get(JsonNode? document, string op) => Find(document, out var value) ? value : throw Missing(op);

        public JsonNode? Add(JsonNode? document, JsonNode? value, string op)
        {
            if (Steps.Count == 0)
            {
                return value;
            }

            switch (Parent(document, op))
            {
                case JsonObject fields:
                    fields[Steps[^1]] = value;
                    return document;
                case JsonArray items:
                    items.Insert(Steps[^1] == "-" ? items.Count : Index(Steps[^1], items.Count, items.Count) ?? throw Missing(op), value);
                    return document;
                default:
                    throw Missing(op);
            }
        }

        public JsonNode? Replace(JsonNode? document, JsonNode? value)
        {
            if (Steps.Count == 0)
            {
                return value;
            }

            switch (Parent(document, "replace"))
            {
                case JsonObject fields when fields.ContainsKey(Steps[^1]):
                    fields[Steps[^1]] = value;
                    return document;
                case JsonArray items when Index(Steps[^1], items.Count, items.Count - 1) is { } index:
                    items[index] = value;
                    return document;
                default:
                    throw Missing("replace");
            }
        }

        public (JsonNode? Document, JsonNode? Removed) Remove(JsonNode? document, string op)
        {
            if (Steps.Count == 0)
            {
                return (null, document);
            }

            switch (Parent(document, op))
            {
                case JsonObject fields when fields.TryGetPropertyValue(Steps[^1], out var value):
                    fields.Remove(Steps[^1]);
                    return (document, value);
                case JsonArray items when Index(Steps[^1], items.Count, items.Count - 1) is { } index:
                    var item = items[index];
                    items.RemoveAt(index);
                    return (document, item);
                default:
                    throw Missing(op);
            }
        }

        public override string ToString() => Text;

        private JsonNode? Parent(JsonNode? document, string op)
        {
            var node = document;
            foreach (var step in Steps.Take(Steps.Count - 1))
            {
                if (!Step(ref node, step))
                {
                    throw Missing(op);
                }
            }

            return node;
        }

        private static bool Step(ref JsonNode? node, string step)
        {
            switch (node)
            {
                case JsonObject fields when fields.TryGetPropertyValue(step, out var value):
                    node = value;
                    return true;
                case JsonArray items when Index(step, items.Count, items.Count - 1) is { } index:
                    node = items[index];
                    return true;
                default:
                    return false;
            }
        }

        private static int? Index(string step, int count, int greatest)
        {
            if (!int.TryParse(step, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
            {
                return null;
            }

            index = index < 0 ? index + count : index;
            return index >= 0 && index <= greatest ? index : null;
        }

        private PatchException Missing(string op)
            => PatchException.Unprocessable($"{op} operation does not apply: doc is missing path: \"{Text}\": missing value");
    }
}
