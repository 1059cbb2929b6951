using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Serving;

/// <summary>
/// Bodies in Kubernetes' protobuf, which Go clients from 1.32 on write for built-in kinds (<c>kubectl create namespace</c> does): an
/// envelope with kind and apiVersion around the object. Only read: answers are always JSON, which those clients accept.
/// </summary>
internal static class ProtobufBody
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static readonly FrozenDictionary<string, Message> Messages = ReadTable();

    /// <summary>Reads an object.</summary>
    /// <exception cref="ApiException">400 when it cannot be read, 415 for a kind of which the form is not known.</exception>
    public static RequestBody Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return new RequestBody(null, []);
        }
        if (!body.StartsWith("k8s\0"u8))
        {
            throw ApiException.BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }
        try
        {
            // Through bytes, so that values behave like those of a JSON body in every conversion.
            return new RequestBody(JsonNode.Parse(JsonBytes.Of(ReadEnvelope(body[4..]))), []);
        }
        catch (Exception failure) when (failure is IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            throw ApiException.BadRequest("the protobuf message is cut off or malformed");
        }
    }

    private static JsonObject ReadEnvelope(ReadOnlySpan<byte> envelope)
    {
        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = default;
        var fields = new WireReader(envelope);
        while (fields.Next(out int number, out ReadOnlySpan<byte> bytes, out _))
        {
            if (number == 1)
            {
                ReadTypeMeta(bytes, out apiVersion, out kind);
            }
            else if (number == 2)
            {
                raw = bytes;
            }
        }
        JsonObject value = ReadMessage(MessageOf(apiVersion, kind), raw);
        value.Insert(0, "apiVersion", apiVersion);
        value.Insert(0, "kind", kind);
        return value;
    }

    private static void ReadTypeMeta(ReadOnlySpan<byte> bytes, out string apiVersion, out string kind)
    {
        (apiVersion, kind) = ("", "");
        var fields = new WireReader(bytes);
        while (fields.Next(out int number, out ReadOnlySpan<byte> text, out _))
        {
            (apiVersion, kind) = number == 1 ? (Encoding.UTF8.GetString(text), kind) : (apiVersion, Encoding.UTF8.GetString(text));
        }
    }

    private static Message MessageOf(string apiVersion, string kind)
    {
        string[] parts = apiVersion.Split('/');
        string package = kind == "DeleteOptions" ? "meta.v1"
            : parts.Length == 1 ? "core." + apiVersion
            : $"{parts[0].Split('.')[0]}.{parts[1]}";
        return Messages.GetValueOrDefault($"{package}.{kind}")
            ?? throw ApiException.UnsupportedMediaType($"{MediaType} of {apiVersion} {kind}", "application/json", "application/yaml");
    }

    private static JsonObject ReadMessage(Message message, ReadOnlySpan<byte> bytes)
    {
        var value = new JsonObject();
        var fields = new WireReader(bytes);
        while (fields.Next(out int number, out ReadOnlySpan<byte> content, out ulong scalar))
        {
            if (message.Fields.TryGetValue(number, out Field? field))
            {
                Put(value, field, content, scalar);
            }
        }
        return value;
    }

    private static void Put(JsonObject value, Field field, ReadOnlySpan<byte> content, ulong scalar)
    {
        switch (field.Shape)
        {
            case '^':
                foreach ((string name, JsonNode? inner) in ReadMessage(Messages[field.Message], content).ToList())
                {
                    value[name] = inner?.DeepClone();
                }
                break;
            case '*':
                if (value[field.Name] is not JsonArray items)
                {
                    value[field.Name] = items = [];
                }
                items.Add(ReadValue(field, content, scalar));
                break;
            case '%':
                if (value[field.Name] is not JsonObject map)
                {
                    value[field.Name] = map = [];
                }
                PutEntry(map, field, content);
                break;
            default:
                JsonNode? single = ReadValue(field, content, scalar);
                if (field.Shape == '?' || !IsZero(single))
                {
                    value[field.Name] = single;
                }
                break;
        }
    }

    private static void PutEntry(JsonObject map, Field field, ReadOnlySpan<byte> entry)
    {
        string key = "";
        JsonNode? value = ReadValue(field, [], 0);
        var parts = new WireReader(entry);
        while (parts.Next(out int number, out ReadOnlySpan<byte> content, out ulong scalar))
        {
            if (number == 1)
            {
                key = Encoding.UTF8.GetString(content);
            }
            else
            {
                value = ReadValue(field, content, scalar);
            }
        }
        map[key] = value;
    }

    // Go writes fields that are no pointers even when they say nothing; JSON leaves them out.
    private static bool IsZero(JsonNode? value) => value switch
    {
        null => true,
        JsonObject { Count: 0 } => true,
        JsonValue leaf => leaf.ToJsonString() is "\"\"" or "0" or "false",
        _ => false,
    };

    private static JsonNode? ReadValue(Field field, ReadOnlySpan<byte> content, ulong scalar) => field.Type switch
    {
        's' => JsonValue.Create(Encoding.UTF8.GetString(content)),
        'b' => JsonValue.Create(scalar != 0),
        'i' => JsonValue.Create((long)scalar),
        'f' => JsonValue.Create(BitConverter.UInt64BitsToDouble(scalar)),
        'y' => JsonValue.Create(Convert.ToBase64String(content)),
        'q' => JsonValue.Create(ReadText(content, 1)),
        't' => ReadTime(content, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        'u' => ReadTime(content, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        'o' => ReadIntOrText(content),
        'r' => ReadText(content, 1) is { Length: > 0 } raw ? JsonNode.Parse(raw) : null,
        _ => ReadMessage(Messages[field.Message], content),
    };

    private static string ReadText(ReadOnlySpan<byte> message, int wanted)
    {
        var fields = new WireReader(message);
        while (fields.Next(out int number, out ReadOnlySpan<byte> content, out _))
        {
            if (number == wanted)
            {
                return Encoding.UTF8.GetString(content);
            }
        }
        return "";
    }

    private static JsonValue? ReadTime(ReadOnlySpan<byte> message, string format)
    {
        if (message.IsEmpty)
        {
            return null;
        }
        long seconds = 0, nanoseconds = 0;
        var fields = new WireReader(message);
        while (fields.Next(out int number, out _, out ulong scalar))
        {
            (seconds, nanoseconds) = number == 1 ? ((long)scalar, nanoseconds) : (seconds, (long)scalar);
        }
        DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100);
        return JsonValue.Create(time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture));
    }

    private static JsonValue ReadIntOrText(ReadOnlySpan<byte> message)
    {
        long type = 0, number = 0;
        string text = "";
        var fields = new WireReader(message);
        while (fields.Next(out int field, out ReadOnlySpan<byte> content, out ulong scalar))
        {
            switch (field)
            {
                case 1:
                    type = (long)scalar;
                    break;
                case 2:
                    number = (long)scalar;
                    break;
                default:
                    text = Encoding.UTF8.GetString(content);
                    break;
            }
        }
        return type == 0 ? JsonValue.Create(number) : JsonValue.Create(text)!;
    }

    private static FrozenDictionary<string, Message> ReadTable()
    {
        using var table = new StreamReader(typeof(ProtobufBody).Assembly.GetManifestResourceStream("ProtobufFields.txt")!);
        var messages = new Dictionary<string, Message>(StringComparer.Ordinal);
        while (table.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                string[] parts = line.Split(' ');
                string package = parts[0][..parts[0].LastIndexOf('.')];
                IEnumerable<Field> fields = parts[1..].Select(text => Field.Read(text, package));
                messages.Add(parts[0], new Message(fields.ToFrozenDictionary(field => field.Number)));
            }
        }
        return messages.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private sealed record Message(FrozenDictionary<int, Field> Fields);

    /// <summary>One line entry: <c>name=number:type</c>.</summary>
    private sealed record Field(string Name, int Number, char Shape, char Type, string Message)
    {
        public static Field Read(string text, string package)
        {
            string[] parts = text.Split('=', ':');
            string type = parts.ElementAtOrDefault(2) ?? "s";
            char shape = "*%?^".Contains(type[0], StringComparison.Ordinal) ? type[0] : ' ';
            string rest = type.TrimStart('*', '%', '?', '^');
            string message = rest[0] != '@' ? "" : rest.Contains('.', StringComparison.Ordinal) ? rest[1..] : $"{package}.{rest[1..]}";
            return new Field(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), shape, rest[0], message);
        }
    }

    /// <summary>The fields of one message, in the order of the bytes.</summary>
    private ref struct WireReader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public bool Next(out int number, out ReadOnlySpan<byte> content, out ulong scalar)
        {
            number = 0;
            content = default;
            scalar = 0;
            if (_rest.IsEmpty)
            {
                return false;
            }
            ulong tag = Varint();
            number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    scalar = Varint();
                    break;
                case 1:
                    scalar = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
                    _rest = _rest[8..];
                    break;
                case 2:
                    int length = checked((int)Varint());
                    content = _rest[..length];
                    _rest = _rest[length..];
                    break;
                default:
                    scalar = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
                    _rest = _rest[4..];
                    break;
            }
            return true;
        }

        private ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = _rest[0];
                _rest = _rest[1..];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }
    }
}
