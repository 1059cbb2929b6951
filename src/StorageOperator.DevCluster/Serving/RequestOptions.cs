using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Patching;
using StorageOperator.DevCluster.Resources;

namespace StorageOperator.DevCluster.Serving;

/// <summary>What a writing request says about itself beside its verb and its object.</summary>
internal static class RequestOptions
{
    /// <summary>Who writes and how: dryRun, fieldManager, fieldValidation.</summary>
    /// <exception cref="ApiException">A value that there is not.</exception>
    public static WriteContext ContextOf(HttpContext http, RequestBody body, bool isApply = false)
    {
        IQueryCollection query = http.Request.Query;
        string dryRun = query["dryRun"].ToString();
        if (dryRun is not ("" or "All"))
        {
            string verb = http.Request.Method == HttpMethods.Post ? "Create" : http.Request.Method == HttpMethods.Put ? "Update" : "Patch";
            throw ApiException.InvalidOptions(
                http.Request.Method == HttpMethods.Delete ? "DeleteOptions" : verb + "Options",
                new StatusCause(
                    "FieldValueNotSupported", $"Unsupported value: []string{{\"{dryRun}\"}}: supported values: \"All\"", "dryRun"));
        }
        string manager = query["fieldManager"].ToString();
        FieldValidation validation = query["fieldValidation"].ToString() switch
        {
            "" or "Warn" => FieldValidation.Warn,
            "Strict" => FieldValidation.Strict,
            "Ignore" => FieldValidation.Ignore,
            string other => throw ApiException.BadRequest(
                $"fieldValidation: Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\""),
        };
        return new WriteContext
        {
            FieldManager = manager.Length > 0 ? manager : ManagedFields.ManagerOf(http.Request.Headers.UserAgent.ToString()),
            IsApply = isApply,
            IsPatch = http.Request.Method == HttpMethods.Patch && !isApply,
            DryRun = dryRun == "All",
            Validation = validation,
            DuplicateFields = body.DuplicateFields,
        };
    }

    /// <summary>How to delete, from body and query.</summary>
    /// <exception cref="ApiException">422 for a policy that there is not, or two at once.</exception>
    public static DeleteOptions ReadDeleteOptions(HttpContext http, RequestBody body)
    {
        DeleteOptions options = DeleteOptions.Read(body.Root as JsonObject, name => http.Request.Query[name].FirstOrDefault());
        if (options.PropagationPolicy is { } policy and not ("Foreground" or "Background" or "Orphan"))
        {
            throw ApiException.InvalidOptions("DeleteOptions", new StatusCause(
                "FieldValueNotSupported",
                $"Unsupported value: \"{policy}\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"",
                "propagationPolicy"));
        }
        if (options is { PropagationPolicy: { } both, OrphanDependents: not null })
        {
            throw ApiException.InvalidOptions("DeleteOptions", new StatusCause(
                "FieldValueInvalid", $"Invalid value: \"{both}\": orphanDependents and deletionPropagation cannot be both set",
                "propagationPolicy"));
        }
        return options;
    }

    /// <summary>Refuses a body of another kind or version than the path's; a body that names none is taken to be meant.</summary>
    public static void CheckType(ResourceKind kind, JsonObject value)
    {
        string apiVersion = ObjectMeta.TextOf(value["apiVersion"]), named = ObjectMeta.TextOf(value["kind"]);
        if (apiVersion.Length == 0 && named.Length == 0)
        {
            return;
        }
        if (apiVersion != kind.ApiVersion)
        {
            throw ApiException.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({kind.ApiVersion})");
        }
        if (named != kind.Kind)
        {
            throw ApiException.BadRequest($"the kind in the data ({named}) does not match the expected kind ({kind.Kind})");
        }
    }

    /// <summary>Refuses a body of another name or namespace than the path's, and puts those into one that has none.</summary>
    public static void CheckName(RequestTarget target, JsonObject value)
    {
        JsonObject metadata = ObjectMeta.MetadataOf(value);
        string name = ObjectMeta.TextOf(metadata["name"]), ns = ObjectMeta.TextOf(metadata["namespace"]);
        if (name.Length > 0 && name != target.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({target.Name})");
        }
        if (ns.Length > 0 && ns != target.Namespace)
        {
            throw ApiException.BadRequest(
                $"the namespace of the object ({ns}) does not match the namespace on the URL ({target.Namespace})");
        }
        metadata["name"] = target.Name;
        if (target.Kind.Namespaced)
        {
            metadata["namespace"] = target.Namespace;
        }
    }
}
