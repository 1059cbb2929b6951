using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace StorageOperator.Runtime.Tests.Fakes;

/// <summary>One Lease with merge patches and versions, served by a <see cref="FakeApiServer"/>.</summary>
internal sealed class FakeLease
{
    private readonly Lock _gate = new();
    private JsonObject? _lease;
    private int _version = 100;

    /// <summary>Called before every request; what it throws or answers is up to the test. True: answered already.</summary>
    public Func<SeenRequest, HttpContext, Task<bool>> Intercept { get; set; } = (_, _) => Task.FromResult(false);

    public bool MayCreate { get; set; } = true;

    public string? Holder => Spec("holderIdentity")?.GetValue<string>();

    public int? Transitions => Spec("leaseTransitions")?.GetValue<int>();

    public JsonNode? Spec(string name)
    {
        lock (_gate)
        {
            return _lease?["spec"]?[name];
        }
    }

    /// <summary>Another's write.</summary>
    public void Set(string specJson)
    {
        lock (_gate)
        {
            _lease ??= new JsonObject { ["metadata"] = new JsonObject { ["name"] = "it" } };
            _lease["metadata"]!["resourceVersion"] = $"{++_version}";
            if (specJson.Length > 0)
            {
                _lease["spec"] = JsonNode.Parse(specJson);
            }
        }
    }

    public async Task AnswerAsync(SeenRequest request, HttpContext context)
    {
        if (await Intercept(request, context))
        {
            return;
        }

        var (status, body) = Handle(request);
        await FakeApiServer.Json(context, body, status);
    }

    private (int Status, string Body) Handle(SeenRequest request)
    {
        lock (_gate)
        {
            switch (request.Method)
            {
                case "GET":
                    return _lease is null ? (404, FakeApiServer.StatusJson(404, "NotFound", "no lease")) : (200, _lease.ToJsonString());
                case "POST" when !MayCreate:
                    return (403, FakeApiServer.StatusJson(403, "Forbidden", "may not create"));
                case "POST":
                    _lease = JsonNode.Parse(request.Body)!.AsObject();
                    _lease["metadata"]!["resourceVersion"] = $"{++_version}";
                    return (201, _lease.ToJsonString());
                case "PATCH":
                    var patch = JsonNode.Parse(request.Body)!;
                    if (_lease is null || patch["metadata"]!["resourceVersion"]!.GetValue<string>() != _lease["metadata"]!["resourceVersion"]!.GetValue<string>())
                    {
                        return (409, FakeApiServer.StatusJson(409, "Conflict", "the object has been modified"));
                    }

                    _lease["spec"] = patch["spec"]!.DeepClone();
                    _lease["metadata"]!["resourceVersion"] = $"{++_version}";
                    return (200, _lease.ToJsonString());
                default:
                    return (405, "");
            }
        }
    }
}
