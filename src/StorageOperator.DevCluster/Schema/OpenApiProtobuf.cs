using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>
/// Writes an OpenAPI 2 document as <c>application/com.github.proto-openapi.spec.v2@v1.0+protobuf</c>: the message openapi.v2.Document of
/// gnostic's OpenAPIv2.proto. kubectl up to 1.28 reads no other form. Only what <see cref="OpenApiDocuments"/> writes is covered.
/// </summary>
internal static class OpenApiProtobuf
{
    private static readonly (string Name, int Number)[] Operations = [("get", 2), ("put", 3), ("post", 4), ("delete", 5), ("patch", 8)];

    private static readonly (string Name, int Number)[] SchemaDoubles = [("multipleOf", 6), ("maximum", 7), ("minimum", 9)];

    private static readonly (string Name, int Number)[] SchemaCounts =
        [("maxLength", 11), ("minLength", 12), ("maxItems", 14), ("minItems", 15), ("maxProperties", 17), ("minProperties", 18)];

    internal static byte[] Write(JsonObject document) => new Message()
        .Text(1, document["swagger"])
        .Embed(2, new Message().Text(1, document["info"]!["title"]).Text(2, document["info"]!["version"]))
        .Embed(8, Each(document["paths"], 2, PathItem))
        .Embed(9, Each(document["definitions"], 1, Schema))
        .ToArray();

    private static Message PathItem(JsonNode? node)
    {
        var message = new Message();
        foreach (var (name, number) in Operations)
        {
            if (node![name] is JsonObject operation)
            {
                message.Embed(number, Operation(operation));
            }
        }

        return Parameters(message, 9, node!["parameters"]);
    }

    private static Message Operation(JsonObject operation)
    {
        var message = new Message().Text(3, operation["description"]).Text(5, operation["operationId"]);
        foreach (var type in operation["consumes"] as JsonArray ?? [])
        {
            message.Text(7, type);
        }

        Parameters(message, 8, operation["parameters"]);
        message.Embed(9, Each(operation["responses"], 1, Response));
        return Extensions(message, 13, operation);
    }

    private static Message Response(JsonNode? response)
        => new Message().Embed(1,
            new Message().Text(1, response!["description"]).Embed(2, new Message().Embed(1, Schema(response["schema"]))));

    private static Message Parameters(Message message, int number, JsonNode? parameters)
    {
        foreach (var parameter in parameters as JsonArray ?? [])
        {
            message.Embed(number, new Message().Embed(1, Parameter((JsonObject)parameter!)));
        }

        return message;
    }

    private static Message Parameter(JsonObject parameter)
    {
        switch ((string)parameter["in"]!)
        {
            case "body":
                return new Message().Embed(1, new Message().Text(2, parameter["name"]).Text(3, parameter["in"])
                    .Flag(4, parameter["required"]).Embed(5, Schema(parameter["schema"])));
            case "path":
                return new Message().Embed(2, new Message().Embed(4, new Message().Flag(1, parameter["required"]).Text(2, parameter["in"])
                    .Text(3, parameter["description"]).Text(4, parameter["name"]).Text(5, parameter["type"]).Flag(19,
                        parameter["uniqueItems"])));
            default:
                return new Message().Embed(2, new Message().Embed(3, new Message().Text(2, parameter["in"])
                    .Text(3, parameter["description"]).Text(4, parameter["name"]).Text(6, parameter["type"]).Flag(20,
                        parameter["uniqueItems"])));
        }
    }

    private static Message Schema(JsonNode? node)
    {
        var schema = (JsonObject)node!;
        var message = new Message()
            .Text(1, schema["$ref"]).Text(2, schema["format"]).Text(3, schema["title"]).Text(4, schema["description"])
            .Any(5, schema["default"]).Flag(8, schema["exclusiveMaximum"]).Flag(10, schema["exclusiveMinimum"]).Text(13, schema["pattern"]);
        foreach (var (name, number) in SchemaDoubles)
        {
            message.Double(number, JsonNumbers.Double(schema[name]));
        }

        foreach (var (name, number) in SchemaCounts)
        {
            message.Count(number, (long?)JsonNumbers.Decimal(schema[name]));
        }

        foreach (var name in schema["required"] as JsonArray ?? [])
        {
            message.Text(19, name);
        }

        foreach (var value in schema["enum"] as JsonArray ?? [])
        {
            message.Any(20, value);
        }

        if (schema["additionalProperties"] is JsonObject values)
        {
            message.Embed(21, new Message().Embed(1, Schema(values)));
        }

        if (schema["type"] is { } type)
        {
            message.Embed(22, new Message().Text(1, type));
        }

        if (schema["items"] is JsonObject items)
        {
            message.Embed(23, new Message().Embed(1, Schema(items)));
        }

        if (schema["properties"] is JsonObject properties)
        {
            message.Embed(25, Each(properties, 1, Schema));
        }

        return Extensions(message, 31, schema);
    }

    private static Message Extensions(Message message, int number, JsonObject node)
    {
        foreach (var (name, value) in node)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal))
            {
                message.Embed(number, new Message().Text(1, name).Any(2, value));
            }
        }

        return message;
    }

    /// <summary>A message with one pair of name and value for each field of <paramref name="node"/>.</summary>
    private static Message Each(JsonNode? node, int number, Func<JsonNode?, Message> value)
    {
        var message = new Message();
        foreach (var (name, field) in (JsonObject)node!)
        {
            message.Embed(number, new Message().Text(1, JsonValue.Create(name)).Embed(2, value(field)));
        }

        return message;
    }

    /// <summary>A protobuf message under construction.</summary>
    private sealed class Message
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        internal byte[] ToArray() => _bytes.WrittenSpan.ToArray();

        internal Message Text(int number, JsonNode? text)
        {
            if (text is JsonValue value && value.TryGetValue<string>(out var words))
            {
                Bytes(number, Encoding.UTF8.GetBytes(words));
            }

            return this;
        }

        internal Message Flag(int number, JsonNode? flag)
        {
            if (flag is JsonValue value && value.TryGetValue<bool>(out var isSet) && isSet)
            {
                Varint((ulong)number << 3);
                Varint(1);
            }

            return this;
        }

        internal Message Count(int number, long? count)
        {
            if (count is { } value)
            {
                Varint((ulong)number << 3);
                Varint((ulong)value);
            }

            return this;
        }

        internal Message Double(int number, double? value)
        {
            if (value is { } wide)
            {
                Varint(((ulong)number << 3) | 1);
                Span<byte> bytes = stackalloc byte[8];
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, wide);
                _bytes.Write(bytes);
            }

            return this;
        }

        /// <summary>Any value, as YAML; JSON is YAML.</summary>
        internal Message Any(int number, JsonNode? value)
            => value is null ? this : Embed(number, new Message().Text(2, JsonValue.Create(JsonText.Of(value))));

        internal Message Embed(int number, Message message)
        {
            Bytes(number, message._bytes.WrittenSpan);
            return this;
        }

        private void Bytes(int number, ReadOnlySpan<byte> bytes)
        {
            Varint(((ulong)number << 3) | 2);
            Varint((ulong)bytes.Length);
            _bytes.Write(bytes);
        }

        private void Varint(ulong value)
        {
            var bytes = _bytes.GetSpan(10);
            var length = 0;
            while (value >= 0x80)
            {
                bytes[length++] = (byte)(value | 0x80);
                value >>= 7;
            }

            bytes[length++] = (byte)value;
            _bytes.Advance(length);
        }
    }
}
