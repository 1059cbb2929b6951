using System.Text.Json.Nodes;
using CsCheck;
using StorageOperator.DevCluster.Patching;
using StorageOperator.DevCluster.Schema;

namespace StorageOperator.DevCluster.Tests.Patching;

public class ServerSideApplyTests
{
    private static readonly SchemaNode Pod = BuiltInSchemas.Instance.Of(new GroupVersionKind("", "v1", "Pod"))!;
    private static readonly SchemaNode Claim = BuiltInSchemas.Instance.Of(new GroupVersionKind("", "v1", "PersistentVolumeClaim"))!;
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_create_is_tracked_as_the_real_server_does()
    {
        var claim = Json.Object("""
            {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c","namespace":"d","uid":"u","labels":{"a":"b"}},
             "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"volumeMode":"Filesystem",
                     "selector":{"matchLabels":{"x":"y"}}},"status":{"phase":"Pending"}}
            """);
        ManagedFields.Track(null, claim, Claim, By("kubectl-create", ignored: "status"));
        Json.Equal("""
            [{"manager":"kubectl-create","operation":"Update","apiVersion":"v1","time":"2026-01-02T12:00:00Z","fieldsType":"FieldsV1","fieldsV1":{
               "f:metadata":{"f:labels":{".":{},"f:a":{}}},
               "f:spec":{"f:accessModes":{},"f:resources":{"f:requests":{".":{},"f:storage":{}}},"f:selector":{},"f:volumeMode":{}},
               "f:status":{"f:phase":{}}}}]
            """, claim["metadata"]!["managedFields"]);
    }

    [Fact]
    public void An_applier_owns_what_it_says_and_list_items_by_their_keys()
    {
        var pod = Apply(null, """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","finalizers":["x"]},
             "spec":{"containers":[{"name":"a","image":"i","ports":[{"containerPort":80}]}]}}
            """, "me", Pod);
        Json.Equal("""
            {"f:metadata":{"f:finalizers":{"v:\"x\"":{}}},
             "f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{},"f:name":{},
               "f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}
            """, pod["metadata"]!["managedFields"]![0]!["fieldsV1"]);
    }

    [Fact]
    public void Changing_what_another_manager_owns_is_a_conflict_in_the_servers_words()
    {
        var claim = Updated("kubectl-client-side-apply", """{"metadata":{"name":"c","labels":{"a":"1"}},"spec":{"volumeName":"x"}}""");
        var error = Assert.Throws<ApplyConflictException>(() => Apply(claim, """{"metadata":{"name":"c"},"spec":{"volumeName":"y"}}""", "me", Claim));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .spec.volumeName", error.Message);
        Assert.Equal([(".spec.volumeName", "conflict with \"kubectl-client-side-apply\" using v1")],
            error.Conflicts.Select(conflict => (conflict.Path, conflict.Message)));

        error = Assert.Throws<ApplyConflictException>(
            () => Apply(claim, """{"metadata":{"name":"c","labels":{"a":"2"}},"spec":{"volumeName":"y"}}""", "me", Claim));
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"kubectl-client-side-apply\" using v1:\n- .metadata.labels.a\n- .spec.volumeName", error.Message);
    }

    [Fact]
    public void Force_takes_the_ownership_over()
    {
        var claim = Updated("other", """{"metadata":{"name":"c"},"spec":{"volumeName":"x","volumeMode":"Block"}}""");
        var applied = Apply(claim, """{"metadata":{"name":"c"},"spec":{"volumeName":"y"}}""", "me", Claim, force: true);
        Assert.Equal("y", (string?)applied["spec"]!["volumeName"]);
        Assert.Equal(["me: .spec.volumeName", "other: .spec.volumeMode"], Owners(applied));
    }

    [Fact]
    public void The_same_value_is_owned_together_and_stays_until_the_last_owner_gives_it_up()
    {
        var one = Apply(null, """{"metadata":{"name":"c","labels":{"a":"1","b":"1"}}}""", "one", Claim);
        var both = Apply(one, """{"metadata":{"name":"c","labels":{"a":"1"}}}""", "two", Claim);
        Assert.Equal(["one: .metadata.labels.a", "one: .metadata.labels.b", "two: .metadata.labels.a"], Owners(both));
        var left = Apply(both, """{"metadata":{"name":"c"}}""", "one", Claim);
        Json.Equal("""{"a":"1"}""", left["metadata"]!["labels"]);
        Assert.Equal(["two: .metadata.labels.a"], Owners(left));
        var none = Apply(left, """{"metadata":{"name":"c"}}""", "two", Claim);
        Assert.Null(none["metadata"]!["labels"]);
        Assert.Empty(Owners(none));
    }

    [Fact]
    public void A_list_item_that_is_no_longer_applied_goes_with_the_defaults_in_it()
    {
        var pod = Apply(null, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}""", "me", Pod);
        pod["spec"]!["containers"]![1]!["imagePullPolicy"] = "Always";
        var applied = Apply(pod, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"2"}]}}""", "me", Pod);
        Json.Equal("""[{"name":"a","image":"2"}]""", applied["spec"]!["containers"]);
    }

    [Fact]
    public void A_list_item_of_another_manager_stays_and_keeps_its_keys()
    {
        var pod = Apply(null, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"1"}]}}""", "me", Pod);
        var changed = (JsonObject)pod.DeepClone();
        changed["spec"]!["containers"]![0]!["image"] = "2";
        ManagedFields.Track(pod, changed, Pod, By("other"));
        var applied = Apply(changed, """{"metadata":{"name":"p"},"spec":{}}""", "me", Pod);
        Json.Equal("""[{"name":"a","image":"2"}]""", applied["spec"]!["containers"]);
    }

    [Fact]
    public void New_items_go_after_those_that_others_put_there()
    {
        var pod = Apply(null, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""", "one", Pod);
        var applied = Apply(pod, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c"},{"name":"b","image":"x"}]}}""", "two", Pod);
        Json.Equal("""[{"name":"a"},{"name":"c"},{"name":"b","image":"x"}]""", applied["spec"]!["containers"]);
    }

    [Fact]
    public void Finalizers_are_a_set()
    {
        var one = Apply(null, """{"metadata":{"name":"c","finalizers":["x/a"]}}""", "one", Claim);
        var both = Apply(one, """{"metadata":{"name":"c","finalizers":["x/b"]}}""", "two", Claim);
        Json.Equal("""["x/a","x/b"]""", both["metadata"]!["finalizers"]);
        var left = Apply(both, """{"metadata":{"name":"c"}}""", "one", Claim);
        Json.Equal("""["x/b"]""", left["metadata"]!["finalizers"]);
    }

    [Fact]
    public void An_object_that_nobody_tracked_belongs_to_before_first_apply()
    {
        var claim = Json.Object("""{"metadata":{"name":"c"},"spec":{"volumeName":"x"}}""");
        var error = Assert.Throws<ApplyConflictException>(() => Apply(claim, """{"metadata":{"name":"c"},"spec":{"volumeName":"y"}}""", "me", Claim));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .spec.volumeName", error.Message);
        Assert.Equal(["before-first-apply: .spec.volumeName", "me: .metadata.labels.a"],
            Owners(Apply(claim, """{"metadata":{"name":"c","labels":{"a":"1"}}}""", "me", Claim)));
    }

    [Fact]
    public void Kubectl_may_change_what_its_client_side_apply_wrote()
    {
        const string LastApplied = """{\"metadata\":{\"name\":\"c\"},\"spec\":{\"volumeName\":\"x\"}}""";
        var claim = Updated(
            "kubectl-client-side-apply",
            $$$"""{"metadata":{"name":"c","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{{{LastApplied}}}"}},"spec":{"volumeName":"x"}}""");
        var applied = Apply(claim, """{"metadata":{"name":"c"},"spec":{"volumeName":"y"}}""", "kubectl", Claim);
        Assert.Equal("y", (string?)applied["spec"]!["volumeName"]);
        Assert.Contains("\"volumeName\":\"y\"",
            (string?)applied["metadata"]!["annotations"]!["kubectl.kubernetes.io/last-applied-configuration"]);
        Assert.Throws<ApplyConflictException>(() => Apply(claim, """{"metadata":{"name":"c"},"spec":{"volumeName":"y"}}""", "another", Claim));
    }

    [Fact]
    public void Status_is_tracked_as_a_manager_of_its_own()
    {
        var claim = Updated("kubectl", """{"metadata":{"name":"c"},"spec":{"volumeName":"x"}}""");
        var bound = (JsonObject)claim.DeepClone();
        bound["status"] = Json.Parse("""{"phase":"Bound","conditions":[{"type":"Resizing","status":"True"}]}""");
        ManagedFields.Track(claim, bound, Claim, By("kubectl", subresource: "status"));
        var entries = ManagedFields.Read(bound);
        Assert.Equal([null, "status"], entries.Select(entry => entry.Subresource));
        Json.Equal("""{"f:status":{"f:conditions":{".":{},"k:{\"type\":\"Resizing\"}":{".":{},"f:status":{},"f:type":{}}},"f:phase":{}}}""", entries[1].Fields.Write());
        var error = Assert.Throws<ApplyConflictException>(() => Apply(bound, """{"status":{"phase":"Lost"}}""", "me", Claim));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"status\" using v1: .status.phase",
            error.Message);
    }

    [Fact]
    public void An_endpoint_owns_nothing_that_it_does_not_write()
    {
        var claim = ServerSideApply.Apply(
            null, Json.Object("""{"metadata":{"name":"c"},"spec":{"volumeName":"x"},"status":{"phase":"Lost"}}"""), Claim, By("me", ignored: "status"), false);
        Assert.Null(claim["status"]);
        Assert.Equal(["me: .spec.volumeName"], Owners(claim));
    }

    [Fact]
    public void The_reset_entry_empties_managed_fields_and_an_empty_list_does_not()
    {
        var claim = Updated("one", """{"metadata":{"name":"c"},"spec":{"volumeName":"x"}}""");
        var emptied = (JsonObject)claim.DeepClone();
        emptied["metadata"]!["managedFields"] = new JsonArray();
        ManagedFields.Track(claim, emptied, Claim, By("two"));
        Assert.Equal(["one: .spec.volumeName"], Owners(emptied));

        var reset = (JsonObject)claim.DeepClone();
        reset["metadata"]!["managedFields"] = Json.Parse("[{}]");
        ManagedFields.Track(claim, reset, Claim, By("two"));
        Assert.Null(reset["metadata"]!["managedFields"]);

        var later = (JsonObject)reset.DeepClone();
        later["spec"]!["volumeName"] = "z";
        ManagedFields.Track(reset, later, Claim, By("two"));
        Assert.Null(later["metadata"]!["managedFields"]);
    }

    [Theory]
    [InlineData("""[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsV1":{"x":{}}}]""")]
    [InlineData("""[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsV1":{"k:{bad":{}}}]""")]
    [InlineData("""[{"manager":7,"operation":"Update","apiVersion":"v1","fieldsV1":{}}]""")]
    public void Managed_fields_that_cannot_be_read_are_taken_for_none(string sent)
    {
        var claim = Updated("one", """{"metadata":{"name":"c"},"spec":{"volumeName":"x"}}""");
        var changed = (JsonObject)claim.DeepClone();
        changed["metadata"]!["managedFields"] = Json.Parse(sent);
        ManagedFields.Track(claim, changed, Claim, By("two"));
        Assert.Equal(["one: .spec.volumeName"], Owners(changed));
    }

    [Fact]
    public void The_oldest_updaters_are_merged_when_there_are_too_many()
    {
        var claim = Updated("m00", """{"metadata":{"name":"c","labels":{"l00":"1"}}}""");
        for (var number = 1; number < 13; number++)
        {
            var next = (JsonObject)claim.DeepClone();
            next["metadata"]!["labels"]![$"l{number:00}"] = "1";
            ManagedFields.Track(claim, next, Claim, new FieldWriter($"m{number:00}", "v1", Noon.AddMinutes(number)));
            claim = next;
        }

        var entries = ManagedFields.Read(claim);
        Assert.Equal(ManagedFields.MostUpdaters, entries.Count);
        Assert.Equal(ManagedFields.Ancient, entries[0].Manager);
        Assert.Equal([".metadata.labels", ".metadata.labels.l00", ".metadata.labels.l01", ".metadata.labels.l02", ".metadata.labels.l03"],
            entries[0].Fields.Paths());
    }

    [Fact]
    public void An_intent_with_managed_fields_is_refused()
        => Assert.Equal("metadata.managedFields must be nil", Assert.Throws<PatchException>(
            () => Apply(null, """{"metadata":{"managedFields":[]}}""", "me", Claim)).Message);

    [Fact]
    public void Applying_twice_changes_nothing()
        => Gen.Select(Json.Document, Json.Document).Sample((live, intent) =>
        {
            var once = ServerSideApply.Apply(Custom(live), Custom(intent), null, By("me"), force: true);
            Json.Equal(once, ServerSideApply.Apply(once, Custom(intent), null, By("me") with { Time = Noon.AddHours(1) }, force: false));
        });

    [Fact]
    public void Applying_nothing_after_something_leaves_what_was_there()
        => Gen.Select(Json.Document, Json.Document).Sample((live, intent) =>
        {
            var start = ServerSideApply.Apply(null, Custom(live), null, By("first"), false);
            var there = ServerSideApply.Apply(start,
                new JsonObject { ["metadata"] = new JsonObject(), ["spec"] = Additions(live, intent) }, null, By("me"), force: false);
            var gone = ServerSideApply.Apply(there, Custom([]), null, By("me"), force: false);
            Json.Equal(start["spec"], gone["spec"]);
        });

    [Fact]
    public void Managers_of_different_fields_never_conflict()
        => Gen.Select(Json.Document, Json.Document, Json.Document).Sample((one, two, three) =>
        {
            var first = new JsonObject { ["metadata"] = new JsonObject(), ["one"] = one.DeepClone() };
            var second = new JsonObject { ["metadata"] = new JsonObject(), ["two"] = two.DeepClone() };
            var third = new JsonObject { ["metadata"] = new JsonObject(), ["one"] = three.DeepClone() };
            var both = ServerSideApply.Apply(ServerSideApply.Apply(null, first, null, By("a"), false), second, null, By("b"), false);
            var changed = ServerSideApply.Apply(both, third, null, By("a"), false);
            Json.Equal(two, changed["two"]);
            Json.Equal(three, changed["one"]);
        });

    [Fact]
    public void A_field_set_survives_writing_and_reading()
        => Json.Document.Sample(document =>
        {
            var set = FieldSet.Of(document, null);
            Assert.True(set.SameAs(FieldSet.Read(set.Write())));
        });

    /// <summary>The fields of <paramref name="intent"/> that <paramref name="live"/> does not have at its top.</summary>
    private static JsonObject Additions(JsonObject live, JsonObject intent)
        => new(intent.Where(field
            => !live.ContainsKey(field.Key)).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));

    private static JsonObject Custom(JsonObject spec) => new() { ["metadata"] = new JsonObject(), ["spec"] = spec.DeepClone() };

    private static JsonObject Apply(JsonObject? live, string intent, string manager, SchemaNode schema, bool force = false)
        => ServerSideApply.Apply(live, Json.Object(intent), schema, By(manager), force);

    private static JsonObject Updated(string manager, string claim)
    {
        var result = Json.Object(claim);
        ManagedFields.Track(null, result, Claim, By(manager));
        return result;
    }

    private static FieldWriter By(string manager, string? subresource = null, string? ignored = null)
        => new(manager, "v1", Noon, subresource, ignored is null ? null : [ignored]);

    private static IEnumerable<string> Owners(JsonObject value)
        => ManagedFields.Read(value).SelectMany(entry
            => entry.Fields.Paths().Select(path => $"{entry.Manager}: {path}")).Order(StringComparer.Ordinal);
}
