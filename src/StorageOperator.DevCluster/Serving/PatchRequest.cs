using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Patching;

namespace StorageOperator.DevCluster.Serving;

/// <summary>A PATCH of any of the four kinds, ready to be applied as often as a compare-and-swap needs.</summary>
internal sealed class PatchRequest
{
    private const string Json = "application/json-patch+json", Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json", ServerSide = "application/apply-patch+yaml";

    private readonly RequestTarget _target;
    private readonly string _type;
    private readonly JsonNode? _patch;
    private readonly bool _force;

    private PatchRequest(RequestTarget target, string type, JsonNode? patch, bool force)
    {
        _target = target;
        _type = type;
        _patch = patch;
        _force = force;
    }

    /// <summary>Whether it is a server-side apply.</summary>
    public bool IsApply => _type == ServerSide;

    /// <summary>Reads a request.</summary>
    /// <exception cref="ApiException">415 for a type that the kind does not take, 400 or 422 for what an apply lacks.</exception>
    public static PatchRequest Read(HttpRequest request, RequestTarget target, RequestBody body)
    {
        string type = RequestBody.MediaType(request);
        string[] supported = target.Kind.IsCustom ? [Json, Merge, ServerSide] : [Json, Merge, Strategic, ServerSide];
        if (!supported.Contains(type))
        {
            throw ApiException.UnsupportedMediaType(type, supported);
        }
        bool force = RequestTarget.IsTrue(request.Query["force"]);
        if (type == ServerSide)
        {
            CheckApply(target, body.AsObject(), request.Query["fieldManager"].ToString());
        }
        else if (force)
        {
            throw ApiException.InvalidOptions("PatchOptions", new StatusCause(
                "FieldValueForbidden", "Forbidden: may not be specified for non-apply patch", "force"));
        }
        return new PatchRequest(target, type, body.Root, force);
    }

    /// <summary>The object after the patch.</summary>
    /// <param name="live">The present state; null only for an apply to an object that does not exist. It may be changed.</param>
    /// <param name="context">Who applies.</param>
    /// <param name="now">The time of an apply.</param>
    /// <exception cref="PatchException">The patch cannot be read or does not fit.</exception>
    /// <exception cref="ApplyConflictException">Fields belong to others, and the apply does not force.</exception>
    public JsonObject Apply(JsonObject? live, WriteContext context, DateTimeOffset now) => _type switch
    {
        Json => JsonPatch.Apply(live!, _patch),
        Merge => MergePatch.Apply(live!, _patch),
        Strategic => StrategicMergePatch.Apply(live!, _patch, KindRules.Of(_target.Kind).Schema ?? Schema.SchemaNode.Anything),
        _ => ServerSideApply.Apply(
            live, (JsonObject)_patch!, KindRules.Of(_target.Kind).Schema,
            ObjectRules.WriterOf(_target.Kind, _target.Subresource, context, now), _force),
    };

    private static void CheckApply(RequestTarget target, JsonObject intent, string manager)
    {
        if (manager.Length == 0)
        {
            throw ApiException.InvalidOptions("PatchOptions", new StatusCause(
                "FieldValueRequired", "Required value: is required for apply patch", "fieldManager"));
        }
        string apiVersion = ObjectMeta.TextOf(intent["apiVersion"]), kind = ObjectMeta.TextOf(intent["kind"]);
        if (apiVersion != target.Kind.ApiVersion || kind != target.Kind.Kind)
        {
            throw ApiException.BadRequest(
                $"the applied object must say apiVersion \"{target.Kind.ApiVersion}\" and kind \"{target.Kind.Kind}\", "
                + $"not \"{apiVersion}\" and \"{kind}\"");
        }
        RequestOptions.CheckName(target, intent);
    }
}
