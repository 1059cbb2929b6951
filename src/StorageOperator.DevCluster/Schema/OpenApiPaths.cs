using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>Writes the paths part of an OpenAPI document: each resource's operations with their query parameters.</summary>
internal sealed class OpenApiPaths(SchemaWriter writer, int version)
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private static readonly (string Name, string Type, string Text)[] Listing =
    [
        ("allowWatchBookmarks", "boolean", "allowWatchBookmarks requests watch events with type \"BOOKMARK\"."),
        ("continue", "string", "Where a list that was cut by limit goes on."),
        ("fieldSelector", "string", "Restricts the list to objects whose fields match."),
        ("labelSelector", "string", "Restricts the list to objects whose labels match."),
        ("limit", "integer", "The greatest number of objects to return."),
        ("resourceVersion", "string", "Which version the answer may or must have."),
        ("resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."),
        ("sendInitialEvents", "boolean", "Begin a watch with the objects there are."),
        ("timeoutSeconds", "integer", "How long the call may last."),
        ("watch", "boolean", "Watch for changes instead of listing."),
    ];

    private static readonly (string Name, string Type, string Text)[] Writing =
    [
        ("dryRun", "string", "All: go through every stage but do not store."),
        ("fieldManager", "string", "The name that metadata.managedFields records for the change."),
        ("fieldValidation", "string", "What to do with unknown and duplicate fields: Ignore, Warn or Strict."),
    ];

    private static readonly (string Name, string Type, string Text)[] Forcing =
        [("force", "boolean", "Take over the fields that other managers own; only for apply.")];

    private static readonly (string Name, string Type, string Text)[] Deleting =
    [
        ("dryRun", "string", "All: go through every stage but do not delete."),
        ("gracePeriodSeconds", "integer", "How long the object may take to end."),
        ("orphanDependents", "boolean", "Deprecated: use propagationPolicy."),
        ("propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground."),
    ];

    private static readonly (string Verb, string Method, string Action)[] OnObject =
        [("get", "get", "get"), ("update", "put", "put"), ("patch", "patch", "patch"), ("delete", "delete", "delete")];

    private static readonly (string Verb, string Method, string Action)[] OnCollection =
        [("list", "get", "list"), ("create", "post", "post"), ("deletecollection", "delete", "deletecollection")];

    private static readonly string[] PathNames = ["name", "namespace"];

    /// <summary>The paths so far.</summary>
    internal JsonObject Paths { get; } = [];

    /// <summary>Adds the paths of one resource.</summary>
    internal void Add(ServedResource resource, string definition, string listDefinition)
    {
        var root = resource.Kind.Group.Length == 0 ? $"/api/{resource.Kind.Version}"
            : $"/apis/{resource.Kind.Group}/{resource.Kind.Version}";
        var collection = resource.Namespaced ? $"{root}/namespaces/{{namespace}}/{resource.Plural}" : $"{root}/{resource.Plural}";
        AddPath(resource, collection, OnCollection, definition, listDefinition);
        AddPath(resource, collection + "/{name}", OnObject, definition, listDefinition);
        foreach (var subresource in resource.Subresources)
        {
            var shape = subresource == "scale" ? "io.k8s.api.autoscaling.v1.Scale" : definition;
            AddPath(resource, $"{collection}/{{name}}/{subresource}", [.. OnObject.Where(operation => operation.Verb != "delete")], shape,
                listDefinition);
        }

        if (resource.Namespaced && resource.Verbs.Contains("list"))
        {
            AddPath(resource, $"{root}/{resource.Plural}", [OnCollection[0]], definition, listDefinition);
        }
    }

    private void AddPath(
        ServedResource resource, string path, (string Verb, string Method, string Action)[] operations, string definition,
            string listDefinition)
    {
        var item = new JsonObject();
        foreach (var (verb, method, action) in operations.Where(operation => resource.Verbs.Contains(operation.Verb)))
        {
            item[method] = Operation(resource, path, verb, action, verb == "list" ? listDefinition : definition);
        }

        if (item.Count > 0)
        {
            item["parameters"] = new JsonArray([.. PathParameters(path),
                Query("pretty", "string", "If 'true', then the output is pretty printed.")]);
            Paths[path] = item;
        }
    }

    private JsonObject Operation(ServedResource resource, string path, string verb, string action, string definition)
    {
        var (parameters, body) = verb switch
        {
            "list" => (Listing, null),
            "create" or "update" => (Writing, definition),
            "patch" => ([.. Writing, .. Forcing], Meta + "Patch"),
            "delete" => (Deleting, Meta + "DeleteOptions"),
            "deletecollection"
                => ([.. Deleting, .. Listing.Where(parameter => parameter.Name.EndsWith("Selector", StringComparison.Ordinal))],
                Meta + "DeleteOptions"),
            _ => (Array.Empty<(string, string, string)>(), (string?)null),
        };
        var operation = new JsonObject
        {
            ["description"] = $"{verb} {resource.Kind.Kind}",
            ["operationId"] = verb + string.Concat(path.Split('/', '{', '}', '.', '-').Where(part
                => part.Length > 0).Select(part => char.ToUpperInvariant(part[0]) + part[1..])),
            ["parameters"] = new JsonArray([.. parameters.Select(parameter => Query(parameter.Item1, parameter.Item2, parameter.Item3))]),
        };
        AddBody(operation, body, verb, isCustom: resource.CustomSchema is not null);
        operation["responses"] = Responses(verb is "delete" or "deletecollection" ? Meta + "Status" : definition);
        operation["x-kubernetes-action"] = action;
        operation["x-kubernetes-group-version-kind"] = OpenApiDocuments.KindOf(resource.Kind);
        return operation;
    }

    private void AddBody(JsonObject operation, string? definition, string verb, bool isCustom)
    {
        if (definition is null)
        {
            return;
        }

        // kubectl apply takes the type of its patches from here: a strategic merge needs a kind's Go type, which custom ones lack.
        string[] types = verb == "patch" && isCustom
            ? ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"]
            : verb == "patch"
            ? ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
                "application/apply-patch+yaml"]
            : ["*/*"];
        if (version == 2)
        {
            operation["consumes"] = new JsonArray([.. types.Select(type => JsonValue.Create(type))]);
            ((JsonArray)operation["parameters"]!).Add((JsonNode)new JsonObject
            {
                ["in"] = "body",
                ["name"] = "body",
                ["required"] = verb is not ("delete" or "deletecollection"),
                ["schema"] = writer.Reference(definition),
            });
            return;
        }

        operation["requestBody"] = new JsonObject
        {
            ["content"] = new JsonObject(types.Select(type
                => KeyValuePair.Create(type, (JsonNode?)new JsonObject { ["schema"] = writer.Reference(definition) }))),
        };
    }

    private JsonObject Responses(string definition)
    {
        var answer = new JsonObject { ["description"] = "OK" };
        if (version == 2)
        {
            answer["schema"] = writer.Reference(definition);
        }
        else
        {
            answer["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = writer.Reference(definition) } };
        }

        return new JsonObject { ["200"] = answer };
    }

    private IEnumerable<JsonObject> PathParameters(string path)
        => PathNames.Where(name => path.Contains($"{{{name}}}", StringComparison.Ordinal)).Select(name =>
        {
            var parameter = Parameter("path", name, "string", name == "name" ? "name of the object"
                : "object name and auth scope, such as for teams and projects");
            parameter["required"] = true;
            return parameter;
        });

    private JsonObject Query(string name, string type, string text) => Parameter("query", name, type, text);

    private JsonObject Parameter(string place, string name, string type, string text)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["description"] = text };
        if (version == 2)
        {
            parameter["type"] = type;
            parameter["uniqueItems"] = true;
        }
        else
        {
            parameter["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true };
        }

        return parameter;
    }
}
