using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Faults.CrashPoints;

/// <summary>Something that users do, up to the state that the operator brings it to.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Act">What users do while the operator runs; it waits for what the operator does in between.</param>
internal sealed record Flow(string Name, Func<Instance, Task> Act)
{
    /// <summary>The default class of the cluster while the operator runs.</summary>
    public const string DefaultClass = "crash-default";

    private const string BoundByController = "pv.kubernetes.io/bound-by-controller";

    /// <summary>What is there before the operator starts.</summary>
    public Func<Instance, Task> Arrange { get; init; } = _ => Task.CompletedTask;

    /// <summary>The first version of the API server on which it is possible.</summary>
    public ServerVersion Since { get; init; }

    /// <summary>Every flow of the operator.</summary>
    public static IReadOnlyList<Flow> All { get; } =
    [
        new("bind", x => x.Bind()),
        new("bind a claim that names its volume", BindNamed),
        new("bind a reserved volume", BindReserved),
        new("release and retain", ReleaseRetained),
        new("delete", ReleaseDeleted),
        new("recycle", ReleaseRecycled),
        new("unbind what a controller chose", x => Unbind(x, chosenByController: true)),
        new("unbind what a user reserved", x => Unbind(x, chosenByController: false)),
        // Before that version the API server lets nobody give a class to a claim that was made without one.
        new("default class", BindByDefaultClass) { Arrange = x => x.CreateClaim("c", ForDefaultClass), Since = new ServerVersion(1, 26) },
        new("protection of a claim", ReleaseUsedClaim),
        new("protection of a volume", ReleaseDeletedVolume),
        new("lost and healed", LoseAndHeal),
        new("hand-over to a provisioner", HandOver),
        new("upkeep of finalizers", LoseFinalizers),
    ];

    public override string ToString() => Name;

    private static async Task BindNamed(Instance x)
    {
        await x.CreateVolume();
        await x.CreateVolume("other");
        await x.UntilVolume("v", "Available");
        await x.UntilVolume("other", "Available");
        await x.CreateClaim("c", claim => claim["spec"]!["volumeName"] = $"{x.Name}-v");
        await x.UntilBound();
    }

    private static async Task BindReserved(Instance x)
    {
        await x.CreateVolume("v", with: volume => volume["spec"]!["claimRef"] = Reference(x, uid: null));
        await x.UntilVolume("v", "Available");
        await x.CreateClaim();
        await x.UntilBound();
    }

    private static async Task ReleaseRetained(Instance x)
    {
        await x.Bind();
        await x.Delete(x.Claim());
        await x.UntilVolume("v", "Released");
        await x.UntilGone(x.Claim());
    }

    private static async Task ReleaseDeleted(Instance x)
    {
        await x.Bind("Delete");
        await x.Delete(x.Claim());
        await x.UntilGone(x.Volume());
    }

    private static async Task ReleaseRecycled(Instance x)
    {
        await x.Bind("Recycle");
        await x.Delete(x.Claim());
        await x.UntilGone(x.Claim());
        await x.Until("scrubbed volume to be Available", x.Volume(), volume => Instance.Phase(volume) == "Available" && volume!["spec"]!["claimRef"] is null, async () =>
        {
            // The kubelet's part. Whichever scrubber there is succeeds, whether the operator has restarted since or not.
            if (await x.Find(x.Scrubber()) is { } scrubber && Instance.Phase(scrubber) != "Succeeded")
            {
                await x.Patch(x.Scrubber() + "/status", """{"status":{"phase":"Succeeded"}}""");
            }
        });
        await x.UntilGone(x.Scrubber());
    }

    private static async Task Unbind(Instance x, bool chosenByController)
    {
        await x.Bind();
        await x.CreateVolume("other");
        await x.UntilVolume("other", "Available");
        var claim = await x.Find(x.Claim());
        var patch = new JsonObject { ["spec"] = new JsonObject { ["claimRef"] = Reference(x, (string?)claim!["metadata"]!["uid"]) } };
        if (chosenByController)
        {
            patch["metadata"] = JsonNode.Parse($$"""{ "annotations": { "{{BoundByController}}": "yes" } }""");
        }

        await x.Patch(x.Volume("other"), patch.ToJsonString());
        await x.Until("the volume to be let go", x.Volume("other"), volume => volume!["spec"]!["claimRef"]?["uid"] is null && Instance.Phase(volume) == "Available");
    }

    private static async Task BindByDefaultClass(Instance x)
    {
        await x.CreateVolume("v", with: volume => volume["spec"]!["storageClassName"] = DefaultClass);
        await x.UntilBound();
    }

    private static async Task ReleaseUsedClaim(Instance x)
    {
        await x.Bind();
        await x.Create(JsonNode.Parse($$"""
            {
              "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "user", "namespace": "{{x.Name}}" },
              "spec": {
                "nodeName": "a-node", "terminationGracePeriodSeconds": 0,
                "containers": [{ "name": "main", "image": "registry.k8s.io/pause:3.9", "volumeMounts": [{ "name": "data", "mountPath": "/data" }] }],
                "volumes": [{ "name": "data", "persistentVolumeClaim": { "claimName": "c" } }]
              }
            }
            """)!);
        await x.Delete(x.Claim());
        await x.Delete(x.Pod("user"));
        await x.UntilGone(x.Claim());
        await x.UntilVolume("v", "Released");
    }

    private static async Task ReleaseDeletedVolume(Instance x)
    {
        await x.Bind();
        await x.Delete(x.Volume());
        await x.Delete(x.Claim());
        await x.UntilGone(x.Volume());
        await x.UntilGone(x.Claim());
    }

    private static async Task LoseAndHeal(Instance x)
    {
        await x.Bind();
        await x.Delete(x.Volume());
        await x.Patch(x.Volume(), """{"metadata":{"finalizers":null}}""");
        await x.UntilClaim("c", "Lost");
        var uid = (string?)(await x.Find(x.Claim()))!["metadata"]!["uid"];
        await x.CreateVolume("v", with: volume => volume["spec"]!["claimRef"] = Reference(x, uid));
        await x.UntilBound();
    }

    private static async Task HandOver(Instance x)
    {
        await x.Create(JsonNode.Parse($$"""
            {
              "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": "{{x.Name}}" },
              "provisioner": "example.com/provisioner", "volumeBindingMode": "Immediate"
            }
            """)!);
        await x.CreateClaim();
        var claim = await x.Until("the provisioner to be asked", x.Claim(), claim =>
            (string?)claim!["metadata"]!["annotations"]?["volume.kubernetes.io/storage-provisioner"] == "example.com/provisioner");
        await x.CreateVolume("v", with: volume =>
        {
            volume["metadata"]!["annotations"] = JsonNode.Parse("""{ "pv.kubernetes.io/provisioned-by": "example.com/provisioner" }""");
            volume["spec"]!["claimRef"] = Reference(x, (string?)claim!["metadata"]!["uid"]);
        });
        await x.UntilBound();
    }

    private static async Task LoseFinalizers(Instance x)
    {
        await x.Bind();
        await x.Patch(x.Claim(), """{"metadata":{"finalizers":null}}""");
        await x.Patch(x.Volume(), """{"metadata":{"finalizers":null}}""");
        await x.Until("the claim to be protected", x.Claim(), HasFinalizer);
        await x.Until("the volume to be protected", x.Volume(), HasFinalizer);
    }

    private static bool HasFinalizer(JsonNode? found) => found?["metadata"]?["finalizers"] is JsonArray { Count: > 0 };

    private static void ForDefaultClass(JsonNode claim)
    {
        claim["spec"]!.AsObject().Remove("storageClassName");
        claim["spec"]!["selector"] = JsonNode.Parse($$"""{ "matchLabels": { "instance": "{{claim["metadata"]!["namespace"]}}" } }""");
    }

    private static JsonObject Reference(Instance x, string? uid)
    {
        var reference = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "PersistentVolumeClaim", ["namespace"] = x.Name, ["name"] = "c" };
        if (uid is not null)
        {
            reference["uid"] = uid;
        }

        return reference;
    }
}
