using System.Diagnostics;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Tests.Kubectl;

/// <summary>The verbs that people use, with the real program.</summary>
public class KubectlTests
{
    private const string Pair = """
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: pv1}
        spec:
          capacity: {storage: 1Gi}
          accessModes: [ReadWriteOnce]
          hostPath: {path: /tmp/x}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: c1}
        spec:
          accessModes: [ReadWriteOnce]
          storageClassName: ""
          resources: {requests: {storage: 1Gi}}
        """;

    private const string WidgetDefinition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
            additionalPrinterColumns:
            - {name: Size, type: integer, jsonPath: .spec.size}
            - {name: Phase, type: string, jsonPath: .status.phase}
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [size]
                    properties:
                      size: {type: integer, minimum: 1, description: How many.}
                      colour: {type: string, default: red}
                  status:
                    type: object
                    properties: {phase: {type: string}, size: {type: integer}}
          - name: v1beta1
            served: true
            storage: false
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
        """;

    private const string Widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w1}\nspec: {size: 3}\n";

    [Fact]
    public async Task Apply_creates_then_leaves_alone_then_changes()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        Assert.Contains("persistentvolumeclaim/c1 created", await kubectl.Run("apply -f -", Pair), StringComparison.Ordinal);
        Assert.Contains("persistentvolumeclaim/c1 unchanged", await kubectl.Run("apply -f -", Pair), StringComparison.Ordinal);
        string changed = Pair.Replace("metadata: {name: c1}", "metadata: {name: c1, labels: {tier: db}}", StringComparison.Ordinal);
        Assert.Contains("persistentvolumeclaim/c1 configured", await kubectl.Run("apply -f -", changed), StringComparison.Ordinal);
        Assert.Contains("persistentvolumeclaim/c1 configured", await kubectl.Run("apply -f -", Pair), StringComparison.Ordinal);
        Assert.Null((await cluster.Get("/api/v1/namespaces/default/persistentvolumeclaims/c1")).Json["metadata"]!["labels"]);
    }

    [Fact]
    public async Task Server_side_apply_takes_over_from_client_side_and_tells_conflicts()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        await kubectl.Run("apply -f -", Pair);
        Assert.Contains("c1 serverside-applied", await kubectl.Run("apply --server-side -f -", Pair), StringComparison.Ordinal);
        await kubectl.Run("label pvc c1 tier=db --field-manager=other");
        string labelled = Pair.Replace("metadata: {name: c1}", "metadata: {name: c1, labels: {tier: web}}", StringComparison.Ordinal);
        (int code, _, string errors) = await kubectl.Try("apply --server-side -f -", labelled);
        Assert.NotEqual(0, code);
        Assert.Contains("conflict with \"other\"", errors, StringComparison.Ordinal);
        await kubectl.Run("apply --server-side --force-conflicts -f -", labelled);
        Assert.Equal("web", await kubectl.Run("get pvc c1 -o jsonpath={.metadata.labels.tier}"));
    }

    [Fact]
    public async Task Get_prints_the_usual_columns_and_every_format()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        await kubectl.Run("apply -f -", Pair);
        string claims = await kubectl.Run("get pvc");
        foreach (string column in (string[])["NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "AGE"])
        {
            Assert.Contains(column, claims, StringComparison.Ordinal);
        }
        string volumes = await kubectl.Run("get pv -o wide");
        foreach (string column in (string[])["RECLAIM POLICY", "CLAIM", "REASON", "VOLUMEMODE"])
        {
            Assert.Contains(column, volumes, StringComparison.Ordinal);
        }
        Assert.Contains("Retain", volumes, StringComparison.Ordinal);
        Assert.Contains("volumeMode: Filesystem", await kubectl.Run("get pv pv1 -o yaml"), StringComparison.Ordinal);
        Assert.Equal("1Gi", (string?)JsonNode.Parse(await kubectl.Run("get pv pv1 -o json"))!["spec"]!["capacity"]!["storage"]);
        Assert.Equal("c1", await kubectl.Run("get pvc -o jsonpath={.items[*].metadata.name}"));
        Assert.Contains("persistentvolume/pv1", await kubectl.Run("get pv -o name"), StringComparison.Ordinal);
        Assert.Contains("kubernetes.io/pvc-protection", await kubectl.Run("describe pvc c1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_follows_changes()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        await kubectl.Run("apply -f -", Pair);
        using Process watch = kubectl.Start("get pvc -w");
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            deadline.CancelAfter(TimeSpan.FromSeconds(30));
            Assert.StartsWith("NAME", await watch.StandardOutput.ReadLineAsync(deadline.Token), StringComparison.Ordinal);
            Assert.Contains("Pending", await watch.StandardOutput.ReadLineAsync(deadline.Token), StringComparison.Ordinal);
            (await cluster.Patch(
                "/api/v1/namespaces/default/persistentvolumeclaims/c1/status", """{"status":{"phase":"Lost"}}""")).Must(200);
            Assert.Contains("Lost", await watch.StandardOutput.ReadLineAsync(deadline.Token), StringComparison.Ordinal);
        }
        finally
        {
            watch.Kill();
        }
    }

    [Fact]
    public async Task Delete_waits_until_the_finalizer_goes()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        await kubectl.Run("apply -f -", Pair);
        using Process delete = kubectl.Start("delete pvc c1");
        const string Claim = "/api/v1/namespaces/default/persistentvolumeclaims/c1";
        await TestCluster.Until(
            async () => (await cluster.Get(Claim)).Must(200)["metadata"]!["deletionTimestamp"] is not null, "the claim is terminating");
        Assert.False(delete.HasExited);
        Assert.Contains("Terminating", await kubectl.Run("get pvc c1"), StringComparison.Ordinal);
        (await cluster.Patch(Claim, """{"metadata":{"finalizers":null}}""")).Must(200);
        await delete.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, delete.ExitCode);
        (await cluster.Get(Claim)).Must(404);
    }

    [Fact]
    public async Task Wait_sees_conditions_paths_and_deletion()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        await kubectl.Run("apply -f -", Pair);
        await kubectl.Needs(23, "wait for a path");
        Task<string> waiting = kubectl.Run("wait pvc/c1 --for=jsonpath={.status.phase}=Bound --timeout=30s");
        (await cluster.Patch("/api/v1/namespaces/default/persistentvolumeclaims/c1/status", """{"status":{"phase":"Bound"}}""")).Must(200);
        Assert.Contains("condition met", await waiting, StringComparison.Ordinal);
        await kubectl.Run("create configmap gone");
        Task<string> deletion = kubectl.Run("wait configmap/gone --for=delete --timeout=30s");
        await kubectl.Run("delete configmap gone");
        await deletion;
    }

    [Fact]
    public async Task Patch_edit_label_annotate_and_replace_change_an_object()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        await kubectl.Run("apply -f -", Pair);
        await kubectl.Run("patch pv pv1 --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/persistentVolumeReclaimPolicy\",\"value\":\"Delete\"}]'");
        await kubectl.Run("patch pv pv1 --type=merge -p '{\"spec\":{\"mountOptions\":[\"ro\"]}}'");
        await kubectl.Run("patch pv pv1 -p '{\"metadata\":{\"finalizers\":[\"example.com/more\"]}}'");
        await kubectl.Run("label pv pv1 tier=db");
        await kubectl.Run("annotate pv pv1 note=kept");
        await kubectl.Run("edit pv pv1", editor: "sed -i s/tier:\\ db/tier:\\ web/");
        JsonObject volume = (await cluster.Get("/api/v1/persistentvolumes/pv1")).Must(200);
        Assert.Equal("Delete", (string?)volume["spec"]!["persistentVolumeReclaimPolicy"]);
        Assert.Equal("ro", (string?)volume["spec"]!["mountOptions"]![0]);
        Assert.Equal(2, volume["metadata"]!["finalizers"]!.AsArray().Count);
        Assert.Equal("web", (string?)volume["metadata"]!["labels"]!["tier"]);
        Assert.Equal("kept", (string?)volume["metadata"]!["annotations"]!["note"]);
        volume["metadata"]!["labels"]!["tier"] = "cache";
        Assert.Contains("replaced", await kubectl.Run("replace -f -", volume.ToJsonString()), StringComparison.Ordinal);
        (int code, _, string errors) = await kubectl.Try("replace -f -", volume.ToJsonString());
        Assert.NotEqual(0, code);
        Assert.Contains("the object has been modified", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dry_runs_and_validation_happen_on_the_server()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        Assert.Contains("created (server dry run)", await kubectl.Run("apply --dry-run=server -f -", Pair), StringComparison.Ordinal);
        (await cluster.Get("/api/v1/persistentvolumes/pv1")).Must(404);
        string misspelt = Pair.Replace("hostPath:", "hostPaht:", StringComparison.Ordinal);
        (int code, _, string errors) = await kubectl.Try("apply -f -", misspelt);
        Assert.NotEqual(0, code);
        Assert.Contains("hostPaht", errors, StringComparison.Ordinal);
        await kubectl.Run("apply -f -", Pair);
        (code, _, errors) = await kubectl.Try("patch pvc c1 -p '{\"spec\":{\"accessModes\":[\"ReadWriteMany\"]}}'");
        Assert.NotEqual(0, code);
        Assert.Contains("spec is immutable after creation", errors, StringComparison.Ordinal);
        (code, _, _) = await kubectl.Try("diff -f -", Pair.Replace("1Gi}\n  accessModes", "2Gi}\n  accessModes", StringComparison.Ordinal));
        Assert.Equal(1, code);
    }

    [Fact]
    public async Task Typed_clients_create_with_their_own_verbs()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        await kubectl.Run("create namespace space");
        await kubectl.Run("-n space create configmap settings --from-literal=a=b");
        await kubectl.Run("-n space create deployment web --image=nginx --replicas=0");
        await kubectl.Run("-n space run once --image=busybox --restart=Never -- true");
        Assert.Equal("b", (string?)(await cluster.Get("/api/v1/namespaces/space/configmaps/settings")).Json["data"]!["a"]);
        JsonObject deployment = (await cluster.Get("/apis/apps/v1/namespaces/space/deployments/web")).Must(200);
        Assert.Equal(0, deployment["spec"]!["replicas"]!.GetValue<long>());
        Assert.Equal("nginx", (string?)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]);
        Assert.Contains("pod/once", await kubectl.Run("-n space get all"), StringComparison.Ordinal);
        await kubectl.Run("delete namespace space");
        (await cluster.Get("/api/v1/namespaces/space")).Must(404);
    }

    [Fact]
    public async Task Custom_kinds_are_served_as_soon_as_they_are_defined()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        await kubectl.Run("apply -f -", WidgetDefinition);
        await kubectl.Run("wait --for=condition=Established crd/widgets.example.com --timeout=10s");
        await kubectl.Run("apply -f -", Widget);
        Assert.Contains("w1 unchanged", await kubectl.Run("apply -f -", Widget), StringComparison.Ordinal);
        Assert.Equal("red", await kubectl.Run("get wd w1 -o jsonpath={.spec.colour}"));
        Assert.Contains("How many.", await kubectl.Run("explain widget.spec.size"), StringComparison.Ordinal);
        (int code, _, string errors) = await kubectl.Try("patch wd w1 --type=merge -p '{\"spec\":{\"size\":0}}'");
        Assert.NotEqual(0, code);
        Assert.Contains("should be greater than or equal to 1", errors, StringComparison.Ordinal);
        await kubectl.Run("scale wd w1 --replicas=7");
        await kubectl.Needs(24, "patch of a subresource");
        await kubectl.Run("patch wd w1 --subresource=status --type=merge -p '{\"status\":{\"phase\":\"Ready\"}}'");
        Assert.Matches(@"NAME\s+SIZE\s+PHASE\s+w1\s+7\s+Ready", (await kubectl.Run("get widgets")).ReplaceLineEndings(" "));
        Assert.Equal("example.com/v1beta1", await kubectl.Run("get widgets.v1beta1.example.com w1 -o jsonpath={.apiVersion}"));
        Assert.Equal("2", await kubectl.Run("get widget w1 -o jsonpath={.metadata.generation}"));
        await kubectl.Run("delete crd widgets.example.com");
        Assert.NotEqual(0, (await kubectl.Try("get widgets")).Code);
    }

    [Fact]
    public async Task Discovery_explains_what_there_is()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        string resources = await kubectl.Run("api-resources");
        Assert.Matches(@"persistentvolumeclaims\s+pvc\s+v1\s+true\s+PersistentVolumeClaim", resources);
        Assert.Matches(@"storageclasses\s+sc\s+storage.k8s.io/v1\s+false\s+StorageClass", resources);
        Assert.Contains("storage.k8s.io/v1", await kubectl.Run("api-versions"), StringComparison.Ordinal);
        Assert.Contains("v1.36", await kubectl.Run("version"), StringComparison.Ordinal);
        Assert.Contains("accessModes", await kubectl.Run("explain pvc.spec"), StringComparison.Ordinal);
        Assert.Contains("yes", await kubectl.Run("auth can-i create pods"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_written_in_either_group_are_shown_and_described()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Kubectl kubectl = Kubectl.For(cluster);
        await kubectl.Run("apply -f -", Pair);
        string uid = await kubectl.Run("get pvc c1 -o jsonpath={.metadata.uid}");
        (await cluster.Post("/apis/events.k8s.io/v1/namespaces/default/events", $$$"""
            {"metadata":{"name":"c1.1"},"eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"example.com/binder",
             "reportingInstance":"one","action":"Binding","reason":"FailedBinding","note":"no volume fits","type":"Normal",
             "regarding":{"kind":"PersistentVolumeClaim","namespace":"default","name":"c1","uid":"{{{uid}}}","apiVersion":"v1"}}
            """)).Must(201);
        JsonObject core = (await cluster.Get("/api/v1/namespaces/default/events/c1.1")).Must(200);
        Assert.Equal("no volume fits", (string?)core["message"]);
        Assert.Equal("c1", (string?)core["involvedObject"]!["name"]);
        Assert.Equal("example.com/binder", (string?)core["reportingComponent"]);
        Assert.Contains("no volume fits", await kubectl.Run("get events"), StringComparison.Ordinal);
        Assert.Contains("no volume fits", await kubectl.Run("describe pvc c1"), StringComparison.Ordinal);
    }
}
