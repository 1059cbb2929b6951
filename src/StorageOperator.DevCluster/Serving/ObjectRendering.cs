using System.Buffers;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Printing;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Serving;

/// <summary>Stored objects as bytes of an answer, in each of the forms a client may ask for.</summary>
internal sealed class ObjectRendering(ResourceKind kind, ResponseForm form, TimeProvider time)
{
    /// <summary>How much of the object a table's row carries: None, Metadata or Object.</summary>
    public string IncludeObject { get; init; } = "Metadata";

    /// <summary>Writes one object, as an answer or in a watch event.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="stored">The object.</param>
    /// <param name="withColumns">For a table: whether it names its columns.</param>
    public void WriteSingle(IBufferWriter<byte> output, StoredObject stored, bool withColumns = true)
    {
        switch (form)
        {
            case ResponseForm.Table:
                output.Write(JsonBytes.Of(TableOf([stored], StoredObject.RevisionText(stored.Revision), null, null, withColumns)));
                break;
            case ResponseForm.PartialMetadata:
                output.Write(JsonBytes.Of(PartialOf(stored)));
                break;
            default:
                WriteWhole(output, stored);
                break;
        }
    }

    /// <summary>Writes a list.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="objects">The items.</param>
    /// <param name="revision">The list's resourceVersion.</param>
    /// <param name="next">The continue token, or null.</param>
    /// <param name="remaining">How many items follow, where that is known.</param>
    public void WriteList(IBufferWriter<byte> output, IReadOnlyList<StoredObject> objects, long revision, string? next, long? remaining)
    {
        if (form == ResponseForm.Table)
        {
            output.Write(JsonBytes.Of(TableOf(objects, StoredObject.RevisionText(revision), next, remaining, withColumns: true)));
            return;
        }
        bool isPartial = form == ResponseForm.PartialMetadata;
        JsonObject list = new()
        {
            ["kind"] = isPartial ? "PartialObjectMetadataList" : kind.ListKind,
            ["apiVersion"] = isPartial ? "meta.k8s.io/v1" : kind.ApiVersion,
            // A list of custom resources always has the field.
            ["metadata"] = ListMetadata(StoredObject.RevisionText(revision), kind.IsCustom && !isPartial ? next ?? "" : next, remaining),
        };
        output.Write(JsonBytes.Of(list).AsSpan()[..^1]);
        output.Write(",\"items\":["u8);
        for (int index = 0; index < objects.Count; index++)
        {
            if (index > 0)
            {
                output.Write(","u8);
            }
            WriteItem(output, objects[index], isPartial);
        }
        output.Write("]}"u8);
    }

    // Items of typed lists do not repeat kind and apiVersion; custom resources and metadata do.
    private void WriteItem(IBufferWriter<byte> output, StoredObject stored, bool isPartial)
    {
        if (isPartial)
        {
            output.Write(JsonBytes.Of(PartialOf(stored)));
        }
        else if (kind.IsCustom)
        {
            WriteWhole(output, stored);
        }
        else if (kind.FromStored is { } convert)
        {
            output.Write(JsonBytes.Of(convert(stored.ToJson())));
        }
        else
        {
            output.Write(stored.Body.Span);
        }
    }

    private void WriteWhole(IBufferWriter<byte> output, StoredObject stored)
    {
        if (kind.FromStored is not null)
        {
            output.Write(JsonBytes.Of(ObjectWriter.ToKind(kind, stored)));
            return;
        }
        output.Write(kind.Head.Span);
        output.Write(","u8);
        output.Write(stored.Body.Span[1..]);
    }

    private static JsonObject PartialOf(StoredObject stored) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = stored.ToJson()["metadata"]!.DeepClone(),
    };

    private JsonObject TableOf(IReadOnlyList<StoredObject> objects, string revision, string? next, long? remaining, bool withColumns)
    {
        TablePrinter printer = KindRules.Of(kind).Printer;
        var rows = new JsonArray();
        foreach (StoredObject stored in objects)
        {
            JsonObject value = ObjectWriter.ToKind(kind, stored);
            JsonObject? included = IncludeObject switch
            {
                "None" => null,
                "Object" => value,
                _ => PartialOf(stored),
            };
            rows.Add(new JsonObject { ["cells"] = printer.Cells(value, time.GetUtcNow()), ["object"] = included });
        }
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = ListMetadata(revision, next, remaining),
            ["columnDefinitions"] = withColumns ? printer.ColumnDefinitions() : [],
            ["rows"] = rows,
        };
    }

    private static JsonObject ListMetadata(string revision, string? next, long? remaining)
    {
        var metadata = new JsonObject { ["resourceVersion"] = revision };
        if (next is not null)
        {
            metadata["continue"] = next;
        }
        if (remaining is not null)
        {
            metadata["remainingItemCount"] = remaining;
        }
        return metadata;
    }
}
