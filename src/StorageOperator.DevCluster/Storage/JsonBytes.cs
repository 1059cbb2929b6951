using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Storage;

/// <summary>JSON trees to bytes, the same way everywhere.</summary>
internal static class JsonBytes
{
    /// <summary>Readable text is kept readable: these documents are never embedded in HTML.</summary>
    public static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = 1000,
    };

    /// <summary>A tree as compact UTF-8.</summary>
    public static byte[] Of(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            node.WriteTo(writer);
        }
        return buffer.WrittenSpan.ToArray();
    }
}
