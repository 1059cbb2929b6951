using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;

namespace StorageOperator.DevCluster.Serving;

/// <summary>The columns and cells that <c>kubectl get</c> shows for a kind.</summary>
internal static class TablePrinting
{
    /// <summary>columnDefinitions of a table.</summary>
    public static JsonArray Columns(ResourceKind kind) =>
    [
        new JsonObject { ["name"] = "Name", ["type"] = "string", ["format"] = "name", ["description"] = "Name", ["priority"] = 0 },
        new JsonObject { ["name"] = "Created At", ["type"] = "date", ["format"] = "", ["description"] = "Creation time", ["priority"] = 0 },
    ];

    /// <summary>One row's cells.</summary>
    public static JsonArray Cells(ResourceKind kind, JsonObject value, DateTimeOffset now) =>
        [ObjectMeta.Text(value, "name"), ObjectMeta.Text(value, "creationTimestamp")];
}
