using System.Globalization;
using System.Text.Json;

namespace StorageOperator.Runtime.Api;

/// <summary>One page of a list.</summary>
/// <param name="ResourceVersion">The version of the list.</param>
/// <param name="Continue">The token of the next page; null on the last.</param>
internal readonly record struct ListPage(ulong ResourceVersion, string? Continue)
{
    /// <summary>Takes the bytes of an object whose decoder threw.</summary>
    public delegate void Undecodable(ReadOnlySpan<byte> item, Exception error);

    /// <summary>Reads a page and adds its objects to <paramref name="into"/>.</summary>
    /// <param name="body">The whole answer.</param>
    /// <param name="decode">Decodes one object.</param>
    /// <param name="into">Where the objects go.</param>
    /// <param name="undecodable">Told of objects that could not be decoded; when null, the first one is thrown.</param>
    /// <exception cref="JsonException">The answer is not JSON.</exception>
    public static ListPage Read<TEntry>(
        ReadOnlySpan<byte> body, EntryDecoder<TEntry> decode, List<TEntry> into, Undecodable? undecodable = null)
        where TEntry : class
    {
        var page = default(ListPage);
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                page = ReadMetadata(ref reader);
            }
            else if (reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                ReadItems(body, ref reader, decode, into, undecodable);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return page;
    }

    private static ListPage ReadMetadata(ref Utf8JsonReader reader)
    {
        var page = default(ListPage);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("resourceVersion"u8))
            {
                reader.Read();
                page = page with { ResourceVersion = ulong.Parse(reader.GetString()!, NumberStyles.None, CultureInfo.InvariantCulture) };
            }
            else if (reader.ValueTextEquals("continue"u8))
            {
                reader.Read();
                page = page with { Continue = reader.GetString() is { Length: > 0 } token ? token : null };
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return page;
    }

    private static void ReadItems<TEntry>(
        ReadOnlySpan<byte> body, ref Utf8JsonReader reader, EntryDecoder<TEntry> decode, List<TEntry> into, Undecodable? undecodable)
        where TEntry : class
    {
        // "items": null is what some servers write for none.
        while (reader.TokenType != JsonTokenType.Null && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var start = reader;
            try
            {
                if (decode(ref reader) is { } entry)
                {
                    into.Add(entry);
                }
            }
            catch (Exception e) when (undecodable is not null && e is not OutOfMemoryException)
            {
                // Throws by itself when the fault is not the decoder's but the answer's.
                reader = start;
                reader.Skip();
                undecodable(body[(int)start.TokenStartIndex..(int)reader.BytesConsumed], e);
            }
        }
    }
}
