using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Admission;
using StorageOperator.DevCluster.Patching;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Schema;
using StorageOperator.DevCluster.Storage;
using StorageOperator.DevCluster.Validation;

using Endpoint = StorageOperator.DevCluster.Validation.Endpoint;

namespace StorageOperator.DevCluster.Objects;

/// <summary>
/// What a write must pass, kind by kind: schema, admission, strategy, tracking of field managers, and what follows a write.
/// </summary>
internal sealed class ObjectRules(ObjectStore store, ResourceRegistry registry)
{
    private const string Claims = "/persistentvolumeclaims", Pods = "/pods", Namespaces = "/namespaces", Nodes = "/nodes";
    private const string Definitions = "apiextensions.k8s.io/customresourcedefinitions";

    private static readonly string[] StatusOnly = ["status"], AllButStatus = ["spec", "metadata"];

    /// <summary>Brings an object from the wire into the form it is kept in.</summary>
    /// <exception cref="ApiException">
    /// 400 (422 for a patch) when it cannot be one of its kind, 400 when it has unknown fields and may not.
    /// </exception>
    public static void Decode(ResourceKind kind, JsonObject value, WriteContext context)
    {
        kind.Stamp(value);
        KindRules rules = KindRules.Of(kind);
        try
        {
            IReadOnlyList<string> unknown = rules.Decode(value);
            JudgeFields(kind, unknown, context);
        }
        catch (DecodeException failure)
        {
            throw Unreadable(kind, failure.Message, context);
        }
        if (rules.Strategy.Decode(value) is { } problem)
        {
            throw Unreadable(kind, problem, context);
        }
        if (kind.StorageKey == Definitions)
        {
            CustomResources.Complete(value);
        }
        kind.Stamp(value);
    }

    /// <summary>Whether a PUT needs no resourceVersion.</summary>
    public static bool AllowsUnconditionalUpdate(ResourceKind kind) => KindRules.Of(kind).Strategy.AllowsUnconditionalUpdate;

    /// <summary>Whether a PUT to a name that does not exist creates the object.</summary>
    public static bool CreatesOnUpdate(ResourceKind kind) => KindRules.Of(kind).Strategy.CreatesOnUpdate;

    /// <summary>Admission of a new object: its namespace must exist and live; defaults that depend on other objects.</summary>
    public void AdmitCreation(ResourceKind kind, string ns, JsonObject value)
    {
        if (kind.Namespaced)
        {
            RequireLivingNamespace(kind, ns, ObjectMeta.Text(value, "name"));
        }
        if (kind.IsCustom)
        {
            return;
        }
        StorageAdmission.ProtectInUse(kind.Group, kind.Plural, value);
        if (kind.StorageKey == Nodes)
        {
            NodeAdmission.Taint(value);
        }
        if (kind.StorageKey == Claims)
        {
            StorageAdmission.DefaultClass(value, store.Read("storage.k8s.io/storageclasses").Objects.Select(found => found.ToJson()));
        }
        if (kind.StorageKey == Pods
            && PodAdmission.Admit(value, name => Find("scheduling.k8s.io/priorityclasses", name)) is { } refusal)
        {
            throw ApiException.Forbidden(kind, ObjectMeta.Text(value, "name"), refusal);
        }
    }

    /// <summary>Admission of a change.</summary>
    public void AdmitUpdate(ResourceKind kind, JsonObject updated, JsonObject existing)
    {
        if (kind.StorageKey == Claims
            && StorageAdmission.RefuseResize(updated, existing, name => Find("storage.k8s.io/storageclasses", name)) is { } refusal)
        {
            throw ApiException.Forbidden(kind, ObjectMeta.Text(existing, "name"), refusal);
        }
    }

    /// <summary>Admission of a deletion.</summary>
    public static void AdmitDeletion(ResourceKind kind, string name)
    {
        if (kind.StorageKey == Namespaces && StorageAdmission.RefuseNamespaceDeletion(name) is { } refusal)
        {
            throw ApiException.Forbidden(kind, name, refusal);
        }
    }

    /// <summary>Strategy and validation of a new object.</summary>
    /// <exception cref="ApiException">422 with every field that is wrong.</exception>
    public static void BeforeCreate(ResourceKind kind, JsonObject created, WriteContext context, DateTimeOffset now)
    {
        KindRules rules = KindRules.Of(kind);
        List<StatusCause> causes = [.. Causes(rules.Strategy.BeforeCreate(created, now)), .. rules.CheckSchema(created, null)];
        if (rules.Strategy is PlainStrategy)
        {
            PreparePlain(kind, created, null);
        }
        if (kind.StorageKey == Definitions)
        {
            causes.AddRange(CustomResources.Check(created));
            RefuseInvalid(kind, created, causes);
            CustomResources.Establish(created, ObjectMeta.Timestamp(now));
        }
        RefuseInvalid(kind, created, causes);
        context.Warn(rules.Strategy.Warnings(created));
    }

    /// <summary>Strategy and validation of a change.</summary>
    /// <exception cref="ApiException">422 with every field that is wrong.</exception>
    public static void BeforeUpdate(
        ResourceKind kind, JsonObject updated, JsonObject existing, string subresource, WriteContext context, DateTimeOffset now)
    {
        KindRules rules = KindRules.Of(kind);
        Endpoint endpoint = subresource switch
        {
            "status" => Endpoint.Status,
            "finalize" => Endpoint.Finalize,
            _ => Endpoint.Main,
        };
        List<StatusCause> causes =
            [.. Causes(rules.Strategy.BeforeUpdate(updated, existing, endpoint, now)), .. rules.CheckSchema(updated, existing)];
        if (rules.Strategy is PlainStrategy && endpoint == Endpoint.Main)
        {
            PreparePlain(kind, updated, existing);
        }
        if (kind.StorageKey == Definitions && endpoint == Endpoint.Main)
        {
            causes.AddRange(CustomResources.Check(updated));
            RefuseInvalid(kind, updated, causes);
            CustomResources.Establish(updated, ObjectMeta.Timestamp(now));
        }
        RefuseInvalid(kind, updated, causes);
        if (endpoint == Endpoint.Main)
        {
            context.Warn(rules.Strategy.Warnings(updated));
        }
    }

    /// <summary>Notes in metadata.managedFields which fields a new object's writer has set, but for a status that is not taken.</summary>
    public static void TrackCreation(ResourceKind kind, JsonObject created, WriteContext context, DateTimeOffset now)
    {
        JsonNode? status = created["status"];
        if (kind.HasStatus)
        {
            created.Remove("status");
        }
        Track(kind, null, created, "", context, now);
        if (kind.HasStatus && status is not null)
        {
            created["status"] = status;
        }
    }

    /// <summary>Notes in metadata.managedFields which fields a write made its writer's. An apply has noted them itself.</summary>
    public static void Track(
        ResourceKind kind, JsonObject? existing, JsonObject written, string subresource, WriteContext context, DateTimeOffset now)
    {
        if (!context.IsApply)
        {
            ManagedFields.Track(existing, written, KindRules.Of(kind).Schema, WriterOf(kind, subresource, context, now));
        }
    }

    /// <summary>Who writes, for managed fields.</summary>
    public static FieldWriter WriterOf(ResourceKind kind, string subresource, WriteContext context, DateTimeOffset now) => new(
        context.FieldManager, kind.ApiVersion, now, subresource.Length == 0 ? null : subresource,
        subresource.Length == 0 ? kind.HasStatus ? StatusOnly : [] : AllButStatus);

    /// <summary>Puts a write into effect beyond the store: a definition's kinds are served from now on, or no longer.</summary>
    public void AfterWrite(ResourceKind kind, StoredObject written, bool isGone)
    {
        if (kind.StorageKey != Definitions)
        {
            return;
        }
        if (isGone)
        {
            registry.Undefine(written.Name);
        }
        else
        {
            registry.Define(ObjectWriter.ToKind(kind, written));
        }
    }

    private static void JudgeFields(ResourceKind kind, IReadOnlyList<string> unknown, WriteContext context)
    {
        if (context.Validation == FieldValidation.Ignore || (unknown.Count == 0 && context.DuplicateFields.Count == 0))
        {
            return;
        }
        if (context.Validation == FieldValidation.Strict)
        {
            throw CannotBeHandled(kind, BuiltInDecoding.StrictMessage(context.DuplicateFields, unknown));
        }
        context.Warn(BuiltInDecoding.Warnings(context.DuplicateFields, unknown));
    }

    // What a patch has made is refused with 422, without kind or name, where the same in a body of its own is a 400.
    private static ApiException Unreadable(ResourceKind kind, string why, WriteContext context) => context.IsPatch && !kind.IsCustom
        ? ApiException.Invalid(ResourceKind.Nameless, "", [new StatusCause("FieldValueInvalid", $"Invalid value: {why}", "patch")])
        : CannotBeHandled(kind, why);

    private static ApiException CannotBeHandled(ResourceKind kind, string why) =>
        ApiException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {why}");

    private static IEnumerable<StatusCause> Causes(IReadOnlyList<FieldError> errors) =>
        errors.Select(error => new StatusCause(error.Type.ToString(), error.Body, error.Field));

    private static void RefuseInvalid(ResourceKind kind, JsonObject value, List<StatusCause> causes)
    {
        if (causes.Count > 0)
        {
            // Events of both groups are one type inside the real server, and it is reported as the older.
            ResourceKind reported = kind.StorageKey == "/events" ? kind with { Group = "" } : kind;
            throw ApiException.Invalid(reported, ObjectMeta.Text(value, "name"), causes);
        }
    }

    // What the real server's strategies have in common, for kinds of which no more is known here.
    private static void PreparePlain(ResourceKind kind, JsonObject value, JsonObject? existing)
    {
        if (existing is null && kind.HasStatus)
        {
            value.Remove("status");
        }
        if (kind.CountsGenerations && (existing is null || !JsonNode.DeepEquals(value["spec"], existing["spec"])))
        {
            ObjectMeta.CountGeneration(value, existing);
        }
    }

    private JsonObject? Find(string resource, string name) => store.Get(resource, StoredObject.KeyOf("", name))?.ToJson();

    private void RequireLivingNamespace(ResourceKind kind, string ns, string name)
    {
        ResourceKind namespaces = registry.Find("", "v1", "namespaces")!;
        StoredObject found = store.Get(namespaces.StorageKey, StoredObject.KeyOf("", ns)) ?? throw ApiException.NotFound(namespaces, ns);
        if (found.IsTerminating)
        {
            throw ApiException.NamespaceTerminating(kind, name, ns);
        }
    }
}
