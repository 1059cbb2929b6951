using System.Text.Json;

namespace StorageOperator.Runtime.Informers;

/// <summary>What a line of a watch says.</summary>
internal enum WatchEventType
{
    Unknown,
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,
}

/// <summary>One line of a watch: its type, and where in the line its object is.</summary>
internal readonly record struct WatchEvent(WatchEventType Type, int ObjectStart, int ObjectLength)
{
    /// <summary>Finds type and object in a line without decoding the object.</summary>
    /// <remarks>
    /// The API server writes the type first and nothing after the object, so normally the object is not even scanned here: it
    /// reaches to the line's last brace, and the decoder finds out whether it is whole.
    /// </remarks>
    /// <exception cref="JsonException">The line is not a watch event.</exception>
    public static WatchEvent Parse(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a watch line is not a JSON object");
        }

        var type = WatchEventType.Unknown;
        var (start, length) = (-1, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = TypeOf(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                start = (int)reader.TokenStartIndex;
                if (type != WatchEventType.Unknown && line[^1] == (byte)'}' && reader.TokenType == JsonTokenType.StartObject)
                {
                    return new WatchEvent(type, start, line.Length - 1 - start);
                }

                reader.Skip();
                length = (int)reader.BytesConsumed - start;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return start >= 0 ? new WatchEvent(type, start, length) : throw new JsonException("a watch line has no object");
    }

    private static WatchEventType TypeOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("MODIFIED"u8) ? WatchEventType.Modified
        : reader.ValueTextEquals("ADDED"u8) ? WatchEventType.Added
        : reader.ValueTextEquals("DELETED"u8) ? WatchEventType.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchEventType.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? WatchEventType.Error
        : WatchEventType.Unknown;
}
