using System.Buffers;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Faults;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Patching;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Serving;

/// <summary>Requests for objects: each verb of <see cref="RequestTarget"/> is one method.</summary>
internal sealed class ResourceEndpoint(
    ObjectStore store, ObjectWriter writer, ReviewEndpoint reviews, TimeProvider time, TimeSpan bookmarkInterval)
{
    private static readonly string[] SubresourceVerbs = ["get", "update", "patch", "create"];

    private readonly ScaleEndpoint _scale = new(store, writer);

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext http, RequestTarget target, CancellationToken stopping, CancellationToken cut)
    {
        bool lacksNamespace = target is { Verb: "create", Kind.Namespaced: true, Namespace: "" };
        if (lacksNamespace || (target.Subresource.Length == 0 && !target.Kind.Verbs.Contains(target.Verb)))
        {
            throw ApiException.MethodNotAllowed(target.Verb);
        }
        if (target.Subresource.Length > 0 && !HasSubresource(target))
        {
            throw IsSubresource(target) ? ApiException.MethodNotAllowed(target.Verb) : ApiException.NoSuchPath();
        }
        bool namesWrongly = target.Verb == "create" ? target.Name.Length > 0 : target is { Verb: "update" or "patch", Name: "" };
        if (target.Subresource.Length == 0 && namesWrongly)
        {
            throw ApiException.MethodNotAllowed(target.Verb);
        }
        switch (target.Verb)
        {
            case "create" when ReviewEndpoint.IsReview(target.Kind):
                await ReviewAsync(http, target);
                break;
            case "create" when target.Subresource == "binding":
                await BindAsync(http, target);
                break;
            case "get" or "update" or "patch" when target.Subresource == "scale":
                await ScaleAsync(http, target);
                break;
            case "get":
                Get(http, target);
                break;
            case "list":
                List(http, target);
                break;
            case "watch":
                await WatchAsync(http, target, stopping, cut);
                return;
            case "create":
                await CreateAsync(http, target);
                break;
            case "update":
                await UpdateAsync(http, target);
                break;
            case "patch":
                await PatchAsync(http, target);
                break;
            case "delete":
                await DeleteAsync(http, target);
                break;
            case "deletecollection":
                await DeleteCollectionAsync(http, target);
                break;
            default:
                throw ApiException.MethodNotAllowed(target.Verb);
        }
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static bool IsSubresource(RequestTarget target) =>
        SubresourceVerbs.Any(verb => HasSubresource(target with { Verb = verb }));

    private static bool HasSubresource(RequestTarget target) => target.Subresource switch
    {
        "status" => target.Kind.HasStatus && target.Verb is "get" or "update" or "patch",
        "scale" => target.Kind.HasScale && target.Verb is "get" or "update" or "patch",
        "binding" => target.Kind.StorageKey == "/pods" && target.Verb == "create",
        "finalize" => target.Kind.StorageKey == "/namespaces" && target.Verb == "update",
        _ => false,
    };

    private void Get(HttpContext http, RequestTarget target)
    {
        string key = StoredObject.KeyOf(target.Namespace, target.Name);
        Snapshot snapshot = StaleRead.Of(http) is { } stale
            ? store.ReadNear(target.Kind.StorageKey, stale)
            : store.Read(target.Kind.StorageKey);
        if (long.TryParse(http.Request.Query["resourceVersion"], out long asked) && asked > snapshot.Revision)
        {
            throw ApiException.TooLarge(asked, snapshot.Revision);
        }
        Answer(http, target.Kind, snapshot.Find(key) ?? throw ApiException.NotFound(target.Kind, target.Name));
    }

    private void List(HttpContext http, RequestTarget target)
    {
        Page page = ListQuery.Parse(http.Request, target).Run(store, StaleRead.Of(http));
        http.Response.ContentType = "application/json";
        Rendering(http, target.Kind).WriteList(http.Response.BodyWriter, page.Items, page.Revision, page.Continue, page.Remaining);
    }

    private async Task WatchAsync(HttpContext http, RequestTarget target, CancellationToken stopping, CancellationToken cut)
    {
        IQueryCollection query = http.Request.Query;
        ListQuery selection = ListQuery.Parse(http.Request, target);
        bool initialEvents = RequestTarget.IsTrue(query["sendInitialEvents"]);
        if (initialEvents && selection.Match != "NotOlderThan")
        {
            throw ApiException.BadRequest(
                "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }
        ResponseForm form = Negotiation.FormOf(http.Request);
        var stream = new WatchStream(target.Kind, selection, Rendering(http, target.Kind), form, time, bookmarkInterval)
        {
            Bookmarks = RequestTarget.IsTrue(query["allowWatchBookmarks"]),
            InitialEvents = initialEvents,
            Timeout = long.TryParse(query["timeoutSeconds"], out long seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : null,
        };
        await stream.RunAsync(store, http.Response, stopping, cut);
    }

    private async Task CreateAsync(HttpContext http, RequestTarget target)
    {
        RequestBody body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        JsonObject value = body.AsObject();
        RequestOptions.CheckType(target.Kind, value);
        WriteContext context = RequestOptions.ContextOf(http, body);
        StoredObject stored = writer.Create(target.Kind, target.Namespace, value, context);
        Answer(http, target.Kind, stored, context, StatusCodes.Status201Created);
    }

    private async Task UpdateAsync(HttpContext http, RequestTarget target)
    {
        RequestBody body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        JsonObject value = body.AsObject();
        RequestOptions.CheckType(target.Kind, value);
        RequestOptions.CheckName(target, value);
        WriteContext context = RequestOptions.ContextOf(http, body);
        JsonObject Replace() => (JsonObject)value.DeepClone();
        bool created = false;
        StoredObject stored = ObjectRules.CreatesOnUpdate(target.Kind) && target.Subresource.Length == 0
            ? writer.CreateOrUpdate(target.Kind, target.Namespace, target.Name, _ => Replace(), context, out created, isReplacement: true)
            : writer.Update(
                target.Kind, target.Namespace, target.Name, target.Subresource, _ => Replace(), context, isReplacement: true);
        Answer(http, target.Kind, stored, context, created ? 201 : 200);
    }

    private async Task PatchAsync(HttpContext http, RequestTarget target)
    {
        RequestBody body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        PatchRequest patch = PatchRequest.Read(http.Request, target, body);
        WriteContext context = RequestOptions.ContextOf(http, body, patch.IsApply);
        bool created = false;
        StoredObject stored;
        try
        {
            stored = patch.IsApply && target.Subresource.Length == 0
                ? writer.CreateOrUpdate(
                    target.Kind, target.Namespace, target.Name, live => patch.Apply(live, context, time.GetUtcNow()), context, out created)
                : writer.Update(
                    target.Kind, target.Namespace, target.Name, target.Subresource,
                    existing => Patched(target, patch, existing, context), context);
        }
        catch (PatchException failure)
        {
            throw new ApiException(failure.Code, failure.Reason, failure.Message) { Details = failure.Code == 422 ? [] : null };
        }
        catch (ApplyConflictException failure)
        {
            throw ApiException.ApplyConflict(
                failure.Message,
                [.. failure.Conflicts.Select(conflict => new StatusCause("FieldManagerConflict", conflict.Message, conflict.Path))]);
        }
        Answer(http, target.Kind, stored, context, created ? 201 : 200);
    }

    // What a patch makes must still be the object that the path names.
    private JsonObject Patched(RequestTarget target, PatchRequest patch, JsonObject existing, WriteContext context)
    {
        JsonObject patched = patch.Apply(existing, context, time.GetUtcNow())!;
        RequestOptions.CheckName(target, patched);
        return patched;
    }

    private async Task ReviewAsync(HttpContext http, RequestTarget target)
    {
        RequestBody body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        RequestOptions.CheckType(target.Kind, body.AsObject());
        WriteJson(http, 201, reviews.Answer(target.Kind, body.AsObject(), http.Features.Get<UserInfo>()!));
    }

    private async Task ScaleAsync(HttpContext http, RequestTarget target)
    {
        if (target.Verb == "get")
        {
            WriteJson(http, 200, _scale.Get(target));
            return;
        }
        RequestBody body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        WriteContext context = RequestOptions.ContextOf(http, body);
        JsonObject Change(JsonObject scale) => RequestBody.MediaType(http.Request) switch
        {
            _ when target.Verb == "update" => body.AsObject(),
            "application/json-patch+json" => JsonPatch.Apply(scale, body.Root),
            _ => MergePatch.Apply(scale, body.Root),
        };
        WriteJson(http, 200, _scale.Update(target, Change, context));
    }

    // What a scheduler does: k/k:pkg/registry/core/pod/storage#assignPod.
    private async Task BindAsync(HttpContext http, RequestTarget target)
    {
        RequestBody body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        string node = ObjectMeta.TextOf(body.AsObject()["target"]?["name"]);
        writer.Bind(target.Kind, target.Namespace, target.Name, node, RequestOptions.ContextOf(http, body));
        WriteJson(http, 201, new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["code"] = 201,
        });
    }

    private async Task DeleteAsync(HttpContext http, RequestTarget target)
    {
        RequestBody body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        DeleteOptions options = RequestOptions.ReadDeleteOptions(http, body);
        WriteContext context = RequestOptions.ContextOf(http, body);
        (StoredObject state, bool isGone) = writer.Delete(target.Kind, target.Namespace, target.Name, options, context);
        if (isGone && !target.Kind.AnswersDeletionWithObject)
        {
            WriteJson(http, 200, DeletedStatus(target.Kind, state));
            return;
        }
        bool isAccepted = !isGone && (options.IsForeground || options.OrphanDependents == false);
        Answer(http, target.Kind, state, code: isAccepted ? 202 : 200);
    }

    private async Task DeleteCollectionAsync(HttpContext http, RequestTarget target)
    {
        RequestBody body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        DeleteOptions options = RequestOptions.ReadDeleteOptions(http, body);
        WriteContext context = RequestOptions.ContextOf(http, body);
        Page page = ListQuery.Parse(http.Request, target).Run(store, null);
        foreach (StoredObject stored in page.Items)
        {
            try
            {
                writer.Delete(target.Kind, stored.Namespace, stored.Name, options, context);
            }
            catch (ApiException gone) when (gone.Code == 404)
            {
                // Someone else was faster; that is what was asked for.
            }
        }
        http.Response.ContentType = "application/json";
        Rendering(http, target.Kind).WriteList(http.Response.BodyWriter, page.Items, page.Revision, page.Continue, page.Remaining);
    }

    private static JsonObject DeletedStatus(ResourceKind kind, StoredObject deleted)
    {
        var details = new JsonObject { ["name"] = deleted.Name, ["group"] = kind.Group, ["kind"] = kind.Plural, ["uid"] = deleted.Uid };
        if (kind.Group.Length == 0)
        {
            details.Remove("group");
        }
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }

    private ObjectRendering Rendering(HttpContext http, ResourceKind kind) => new(kind, Negotiation.FormOf(http.Request), time)
    {
        IncludeObject = http.Request.Query["includeObject"].ToString() is { Length: > 0 } included ? included : "Metadata",
    };

    private void Answer(HttpContext http, ResourceKind kind, StoredObject stored, WriteContext? context = null, int code = 200)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json";
        foreach (string warning in context?.Warnings ?? [])
        {
            http.Response.Headers.Append("Warning", $"299 - \"{warning.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"");
        }
        Rendering(http, kind).WriteSingle(http.Response.BodyWriter, stored);
    }

    private static void WriteJson(HttpContext http, int code, JsonNode body)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json";
        http.Response.BodyWriter.Write(JsonBytes.Of(body));
    }
}
