using StorageOperator.DevCluster.Resources;

namespace StorageOperator.DevCluster.Serving;

/// <summary>What a request asks for, as Kubernetes' authorisers and audit logs put it: a verb on a resource.</summary>
internal sealed record RequestTarget(string Verb, ResourceKind Kind, string Namespace, string Name, string Subresource)
{
    /// <summary>Reads the target out of a request; null when the path is not one of a served resource.</summary>
    public static RequestTarget? Parse(HttpRequest request, ResourceRegistry registry)
    {
        string[] steps = [.. (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        return steps switch
        {
            ["api", string version, .. string[] rest] => Resource(request, registry, "", version, rest),
            ["apis", string group, string version, .. string[] rest] => Resource(request, registry, group, version, rest),
            _ => null,
        };
    }

    private static RequestTarget? Resource(HttpRequest request, ResourceRegistry registry, string group, string version, string[] rest)
    {
        string ns = "";
        if (rest is ["namespaces", string inNamespace, string resource, ..] && !(group.Length == 0 && resource is "status" or "finalize"))
        {
            ns = inNamespace;
            rest = rest[2..];
        }
        if (rest.Length is 0 or > 3 || registry.Find(group, version, rest[0]) is not { } kind || (ns.Length > 0 && !kind.Namespaced))
        {
            return null;
        }
        string name = rest.ElementAtOrDefault(1) ?? "";
        return new RequestTarget(VerbOf(request, name), kind, ns, name, rest.ElementAtOrDefault(2) ?? "");
    }

    private static string VerbOf(HttpRequest request, string name) => request.Method switch
    {
        "GET" or "HEAD" when IsTrue(request.Query["watch"]) => "watch",
        "GET" or "HEAD" => name.Length > 0 ? "get" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => name.Length > 0 ? "delete" : "deletecollection",
        _ => request.Method.ToLowerInvariant(),
    };

    /// <summary>A boolean query parameter as Go reads it.</summary>
    public static bool IsTrue(string? value) => value is "true" or "True" or "TRUE" or "1" or "t" or "T";
}
