using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;

namespace StorageOperator.DevCluster.Serving;

/// <summary>
/// Reviews: who a token belongs to, who oneself is, and who may do what. Every user that the server knows may do everything; nothing here
/// evaluates RBAC objects.
/// </summary>
internal sealed class ReviewEndpoint(Authenticator authenticator)
{
    /// <summary>Whether a kind is a review.</summary>
    public static bool IsReview(ResourceKind kind) => kind.Group is "authentication.k8s.io" or "authorization.k8s.io";

    /// <summary>Answers a review.</summary>
    public JsonObject Answer(ResourceKind kind, JsonObject review, UserInfo asker)
    {
        JsonObject answer = kind.Stamp((JsonObject)review.DeepClone());
        ObjectMeta.MetadataOf(answer);
        answer["status"] = kind.Kind switch
        {
            "TokenReview" => TokenStatus(ObjectMeta.TextOf(review["spec"]?["token"])),
            "SelfSubjectReview" => new JsonObject { ["userInfo"] = Describe(asker) },
            "SelfSubjectRulesReview" => Rules(),
            _ => new JsonObject { ["allowed"] = true, ["reason"] = "every user of this server may do everything" },
        };
        return answer;
    }

    private JsonObject TokenStatus(string token) => authenticator.Find(token) is { } user
        ? new JsonObject
        {
            ["authenticated"] = true,
            ["user"] = Describe(user),
            ["audiences"] = new JsonArray("https://kubernetes.default.svc"),
        }
        : new JsonObject { ["user"] = new JsonObject(), ["error"] = "[invalid bearer token]" };

    private static JsonObject Describe(UserInfo user)
    {
        var described = new JsonObject
        {
            ["username"] = user.Name,
            ["groups"] = new JsonArray([.. user.Groups.Select(group => JsonValue.Create(group))]),
        };
        if (user.Uid.Length > 0)
        {
            described["uid"] = user.Uid;
        }
        return described;
    }

    private static JsonObject Rules() => new()
    {
        ["resourceRules"] = new JsonArray(new JsonObject
        {
            ["verbs"] = new JsonArray("*"),
            ["apiGroups"] = new JsonArray("*"),
            ["resources"] = new JsonArray("*"),
        }),
        ["nonResourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") }),
        ["incomplete"] = false,
    };
}
