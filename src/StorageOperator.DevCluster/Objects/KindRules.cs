using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Printing;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Schema;
using StorageOperator.DevCluster.Schema.Cel;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Objects;

/// <summary>A kind's schema and strategy, found once.</summary>
internal sealed class KindRules
{
    private static readonly ConditionalWeakTable<ResourceKind, KindRules> Known = [];
    private static readonly SchemaNode Metadata =
        BuiltInSchemas.Instance.Definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")!;

    private readonly ResourceKind _kind;

    private KindRules(ResourceKind kind)
    {
        _kind = kind;
        Strategy = kind.IsCustom
            ? new CustomResourceStrategy(kind.Namespaced, kind.HasStatus)
            : ResourceStrategies.For(kind.Group, kind.Plural, kind.Namespaced);
        Schema = kind.CustomVersion is { } version
            ? version["schema"]?["openAPIV3Schema"] is JsonObject schema ? CustomSchemas.Read(schema) : null
            : BuiltInSchemas.Instance.Of(new GroupVersionKind(kind.Group, kind.Version, kind.Kind));
        Printer = kind.CustomVersion is null
            ? TablePrinters.For(kind.Group, kind.Plural)
            : TablePrinter.ForCustomResource(kind.CustomVersion["additionalPrinterColumns"] as JsonArray);
    }

    /// <summary>What the server fills in, keeps and refuses.</summary>
    public ResourceStrategy Strategy { get; }

    /// <summary>The kind's schema, or null where there is none.</summary>
    public SchemaNode? Schema { get; }

    /// <summary>The columns and cells of its table.</summary>
    public TablePrinter Printer { get; }

    /// <summary>The rules of a kind.</summary>
    public static KindRules Of(ResourceKind kind) => Known.GetValue(kind, found => new KindRules(found));

    /// <summary>Drops what the schema does not know and fills in its defaults; gives the paths of the unknown fields.</summary>
    /// <exception cref="DecodeException">A value has a type that the schema forbids.</exception>
    public IReadOnlyList<string> Decode(JsonObject value)
    {
        if (!_kind.IsCustom)
        {
            return Schema is null ? [] : BuiltInDecoding.Decode(value, Schema);
        }
        IReadOnlyList<string> unknown = Schema is null ? [] : StructuralPruning.Prune(value, Schema);
        if (value["metadata"] is JsonObject metadata)
        {
            unknown = [.. unknown, .. BuiltInDecoding.Decode(metadata, Metadata).Select(path => "metadata." + path)];
        }
        if (Schema is not null)
        {
            StructuralDefaults.Apply(value, Schema);
        }
        return unknown;
    }

    /// <summary>What a custom resource's schema finds wrong with it; its rules run only if the schema itself finds nothing.</summary>
    public IEnumerable<StatusCause> CheckSchema(JsonObject value, JsonObject? before)
    {
        if (!_kind.IsCustom || Schema is null)
        {
            return [];
        }
        IReadOnlyList<SchemaError> errors = SchemaValidation.Check(value, Schema, "");
        errors = errors.Count > 0 ? errors : CelRules.Check(value, before, Schema);
        return errors.Select(error => new StatusCause(error.Reason, error.Message, error.Field));
    }
}
