using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Printing;

/// <summary>One column of a server-side table (<c>meta.k8s.io/v1 TableColumnDefinition</c>).</summary>
/// <param name="Name">Header, as kubectl prints it in upper case.</param>
/// <param name="Type">OpenAPI type of its cells.</param>
/// <param name="Priority">0 is always printed, 1 only with <c>-o wide</c>.</param>
/// <param name="Format">OpenAPI format, empty if none; <c>name</c> marks the object's name.</param>
/// <param name="Description">For people.</param>
public sealed record TableColumn(string Name, string Type = "string", int Priority = 0, string Format = "", string Description = "")
{
    /// <summary>The definition as it stands in a Table.</summary>
    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["type"] = Type,
        ["format"] = Format,
        ["description"] = Description,
        ["priority"] = Priority,
    };
}

/// <summary>Prints the objects of one kind as rows, the way kube-apiserver does for <c>kubectl get</c>.</summary>
public sealed class TablePrinter
{
    private readonly Func<JsonObject, Clock, IEnumerable<JsonNode?>> _cells;

    internal TablePrinter(IReadOnlyList<TableColumn> columns, Func<JsonObject, Clock, IEnumerable<JsonNode?>> cells) =>
        (Columns, _cells) = (columns, cells);

    /// <summary>The columns, wide ones included; kubectl leaves out what it does not want.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>The column definitions as they stand in a Table.</summary>
    public JsonArray ColumnDefinitions() => [.. Columns.Select(column => (JsonNode)column.ToJson())];

    /// <summary>An object's cells, one a column.</summary>
    /// <param name="resource">The object in the form in which it is served.</param>
    /// <param name="now">The server's time, for ages.</param>
    public JsonArray Cells(JsonObject resource, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return [.. _cells(resource, new Clock(now)).Select(cell => cell?.Parent is null ? cell : cell.DeepClone())];
    }

    /// <summary>The printer of a custom resource.</summary>
    /// <param name="additionalPrinterColumns">The version's <c>additionalPrinterColumns</c>, or null for the default, which is its age.</param>
    public static TablePrinter ForCustomResource(JsonArray? additionalPrinterColumns)
    {
        var custom = (additionalPrinterColumns?.OfType<JsonObject>() ?? [AgeColumn]).Select(definition => new CustomColumn(definition))
            .ToList();
        return new TablePrinter(
            [TablePrinters.Name, .. custom.Select(column => column.Definition)],
            (resource, clock) => custom.Select(column => column.Cell(resource, clock)).Prepend(resource.Name() ?? ""));
    }

    private static JsonObject AgeColumn => new() { ["name"] = "Age", ["type"] = "date", ["jsonPath"] = ".metadata.creationTimestamp" };

    private sealed class CustomColumn
    {
        private readonly JsonPath? _path;

        public CustomColumn(JsonObject definition)
        {
            var path = definition.Text("jsonPath") ?? "";
            try
            {
                _path = JsonPath.Parse(path);
            }
            catch (FormatException)
            {
                // The definition was stored before its columns were checked: an unreadable column stays empty, the others are printed.
                _path = null;
            }

            Definition = new TableColumn(
                definition.Text("name") ?? "",
                definition.Text("type") ?? "string",
                (int)(definition.Number("priority") ?? 0),
                definition.Text("format") ?? "",
                definition.Text("description") is { Length: > 0 } text ? text
                    : $"Custom resource definition column (in JSONPath format): {path}");
        }

        public TableColumn Definition { get; }

        public JsonNode? Cell(JsonObject resource, Clock clock) =>
            _path?.Find(resource) is { Count: > 0 } found && found[0] is { } value ? Convert(value, clock) : null;

        private JsonNode? Convert(JsonNode value, Clock clock) => (Definition.Type, value.GetValueKind()) switch
        {
            ("string", JsonValueKind.String) => value.GetValue<string>(),
            ("string", _) => value.ToJsonString(),
            ("integer", JsonValueKind.Number) => (long)double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture),
            ("number", JsonValueKind.Number) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture),
            ("boolean", JsonValueKind.True) => true,
            ("boolean", JsonValueKind.False) => false,
            ("date", JsonValueKind.String) => Timestamps.TryParse(value.GetValue<string>(), out _) ? clock.Since(value.GetValue<string>())
                : "<invalid>",
            _ => null,
        };
    }
}

/// <summary>Ages at one moment.</summary>
internal readonly record struct Clock(DateTimeOffset Now)
{
    public string Age(JsonObject resource) => Since(resource.Metadata().Text("creationTimestamp"));

    public string Since(string? timestamp) => Timestamps.TryParse(timestamp, out var time) ? HumanDuration.Print(Now - time) : "<unknown>";
}
