using System.Globalization;
using System.Text.Json;
using StorageOperator.Model;

namespace StorageOperator.Runtime.Api;

/// <summary>What identifies a version of an object, for objects that are not decoded.</summary>
internal readonly record struct ObjectIdentity(ObjectKey Key, string Uid, ulong ResourceVersion, bool InitialEventsEnd)
{
    /// <summary>Reads the metadata of the object that starts the span.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static ObjectIdentity Read(ReadOnlySpan<byte> item)
    {
        var identity = new ObjectIdentity(new ObjectKey("", ""), "", 0, false);
        var reader = new Utf8JsonReader(item);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (isMetadata && reader.TokenType == JsonTokenType.StartObject)
            {
                identity = ReadMetadata(ref reader, identity);
            }
            else
            {
                reader.Skip();
            }
        }

        return identity;
    }

    private static ObjectIdentity ReadMetadata(ref Utf8JsonReader reader, ObjectIdentity identity)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                identity = identity with { Key = identity.Key with { Name = NextString(ref reader) } };
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                identity = identity with { Key = identity.Key with { Namespace = NextString(ref reader) } };
            }
            else if (reader.ValueTextEquals("uid"u8))
            {
                identity = identity with { Uid = NextString(ref reader) };
            }
            else if (reader.ValueTextEquals("resourceVersion"u8))
            {
                _ = ulong.TryParse(NextString(ref reader), NumberStyles.None, CultureInfo.InvariantCulture, out var version);
                identity = identity with { ResourceVersion = version };
            }
            else if (reader.ValueTextEquals("annotations"u8))
            {
                reader.Read();
                identity = identity with { InitialEventsEnd = HasInitialEventsEnd(ref reader) };
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return identity;
    }

    private static string NextString(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString()!;
        }

        reader.Skip();
        return "";
    }

    private static bool HasInitialEventsEnd(ref Utf8JsonReader reader)
    {
        var found = false;
        while (reader.TokenType == JsonTokenType.StartObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            found |= reader.ValueTextEquals("k8s.io/initial-events-end"u8);
            reader.Read();
            reader.Skip();
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                throw new JsonException("an annotation is not a string");
            }
        }

        return found;
    }
}
