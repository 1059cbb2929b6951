using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Tests.Validation;

public class ClaimRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly ResourceStrategy Claims = ResourceStrategies.For("", "persistentvolumeclaims", namespaced: true);

    [Fact]
    public void A_new_claim_is_pending_and_has_the_defaults()
    {
        var claim = Claim("""{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1024Mi"}}}""");
        claim["status"] = new JsonObject { ["phase"] = "Bound" };

        Assert.Empty(Create(claim));

        Assert.Equal("""{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"volumeMode":"Filesystem"}""", claim["spec"]!.ToJsonString());
        Assert.Equal("""{"phase":"Pending"}""", claim["status"]!.ToJsonString());
    }

    [Fact]
    public void A_claim_says_what_it_wants()
    {
        var errors = Create(Claim("{}"));
        Assert.Equal(["spec.accessModes: Required value: at least 1 access mode is required", "spec.resources[storage]: Required value"],
            Messages(errors));
    }

    [Theory]
    [InlineData("\"0\"", "spec.resources[storage]: Invalid value: \"0\": must be greater than zero")]
    [InlineData("\"-1Gi\"", "spec.resources[storage]: Invalid value: \"-1Gi\": must be greater than zero")]
    public void An_impossible_request_is_refused(string request, string message)
    {
        var errors = Create(Claim("""{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":REQUEST}}}""".Replace("REQUEST", request)));
        Assert.Equal([message], Messages(errors));
    }

    [Fact]
    public void A_quantity_that_cannot_be_read_is_refused_when_decoding()
    {
        var claim = Claim("""{"resources":{"requests":{"storage":"ten"}}}""");
        Assert.Equal(ResourceQuantity.FormatError, Claims.Decode(claim));
    }

    [Theory]
    [InlineData("""["ReadWriteMaybe"]""", """spec.accessModes: Unsupported value: "ReadWriteMaybe": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod".""")]
    [InlineData("""["ReadWriteOncePod","ReadWriteOnce"]""", "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes.")]
    public void Access_modes_are_checked(string modes, string message)
    {
        var errors = Create(Claim("""{"accessModes":MODES,"resources":{"requests":{"storage":"1Gi"}}}""".Replace("MODES", modes)));
        Assert.Equal([message.TrimEnd('.')], Messages(errors));
    }

    [Fact]
    public void A_volume_name_is_set_once()
    {
        var pending = Stored();
        var named = Change(pending, spec => spec["volumeName"] = "pv-1");
        Assert.Empty(Update(named, pending));

        var renamed = Change(named, spec => spec["volumeName"] = "pv-2");
        Assert.Equal(["spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"], Messages(Update(renamed, named)));
    }

    [Fact]
    public void A_class_is_set_once_from_none()
    {
        var unclassed = Stored();
        var classed = Change(unclassed, spec => spec["storageClassName"] = "fast");
        Assert.Empty(Update(classed, unclassed));
        Assert.NotEmpty(Update(Change(classed, spec => spec["storageClassName"] = "slow"), classed));
        Assert.NotEmpty(Update(Change(classed, spec => spec.Remove("storageClassName")), classed));

        var empty = Stored(spec => spec["storageClassName"] = "");
        Assert.NotEmpty(Update(Change(empty, spec => spec["storageClassName"] = "fast"), empty));
    }

    [Fact]
    public void Only_a_bound_claim_changes_its_request()
    {
        var pending = Stored();
        Assert.NotEmpty(Update(Change(pending, spec => Request(spec, "2Gi")), pending));

        var bound = Bound(capacity: "1Gi");
        Assert.Empty(Update(Change(bound, spec => Request(spec, "2Gi")), bound));
    }

    [Theory]
    [InlineData("3Gi", true)]
    [InlineData("2Gi", false)]
    [InlineData("1Gi", false)]
    public void A_failed_expansion_can_be_taken_back_to_above_what_was_granted(string request, bool allowed)
    {
        var expanding = Bound(capacity: "2Gi");
        Request(expanding["spec"]!.AsObject(), "4Gi");

        var errors = Update(Change(expanding, spec => Request(spec, request)), expanding);

        Assert.Equal(allowed ? [] : ["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"],
            Messages(errors));
    }

    [Fact]
    public void The_main_endpoint_leaves_status_alone_and_the_status_endpoint_leaves_spec_alone()
    {
        var bound = Bound(capacity: "1Gi");
        var updated = Change(bound, _ => { });
        updated["status"] = new JsonObject { ["phase"] = "Lost" };
        Update(updated, bound);
        Assert.Equal("Bound", (string?)updated["status"]!["phase"]);

        var status = Change(bound, spec => spec["volumeName"] = "other");
        status["status"]!["phase"] = "Lost";
        Assert.Empty(Claims.BeforeUpdate(status, bound, Endpoint.Status, Now));
        Assert.Null(status["spec"]!["volumeName"]);
        Assert.Equal("Lost", (string?)status["status"]!["phase"]);
    }

    [Fact]
    public void An_applied_attributes_class_can_be_changed_but_not_removed()
    {
        var bound = Bound(capacity: "1Gi");
        bound["spec"]!["volumeAttributesClassName"] = "silver";
        bound["status"]!["currentVolumeAttributesClassName"] = "silver";

        Assert.Empty(Update(Change(bound, spec => spec["volumeAttributesClassName"] = "gold"), bound));
        Assert.Equal(["spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil"], Messages(Update(Change(bound, spec => spec.Remove("volumeAttributesClassName")), bound)));
    }

    [Fact]
    public void A_data_source_mirrors_into_the_reference_and_unknown_kinds_are_dropped()
    {
        var clone = Claim("""{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"dataSource":{"kind":"PersistentVolumeClaim","name":"a"}}""");
        Assert.Empty(Create(clone));
        Assert.Equal("""{"kind":"PersistentVolumeClaim","name":"a"}""", clone["spec"]!["dataSourceRef"]!.ToJsonString());

        var odd = Claim("""{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"dataSource":{"kind":"Pod","name":"a"}}""");
        Assert.Empty(Create(odd));
        Assert.Null(odd["spec"]!["dataSource"]);
    }

    [Fact]
    public void No_finalizer_is_added_to_a_claim_that_is_being_deleted()
    {
        var deleting = Stored();
        deleting["metadata"]!["deletionTimestamp"] = "2026-01-02T03:04:05Z";
        deleting["metadata"]!["finalizers"] = new JsonArray("kubernetes.io/pvc-protection");
        var updated = Change(deleting, _ => { });
        updated["metadata"]!["finalizers"] = new JsonArray("kubernetes.io/pvc-protection", "example.com/hold");

        Assert.Equal(["metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"example.com/hold\"}"], Messages(Update(updated, deleting)));
    }

    private static JsonObject Claim(string spec) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "PersistentVolumeClaim",
        ["metadata"] = new JsonObject { ["name"] = "data", ["namespace"] = "default", ["uid"] = "u-1" },
        ["spec"] = JsonNode.Parse(spec),
    };

    private static JsonObject Stored(Action<JsonObject>? change = null)
    {
        var claim = Claim("""{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}""");
        change?.Invoke(claim["spec"]!.AsObject());
        Assert.Empty(Create(claim));
        claim["metadata"]!["resourceVersion"] = "1";
        return claim;
    }

    private static JsonObject Bound(string capacity)
    {
        var claim = Stored();
        claim["status"] = new JsonObject { ["phase"] = "Bound", ["capacity"] = new JsonObject { ["storage"] = capacity } };
        return claim;
    }

    private static JsonObject Change(JsonObject claim, Action<JsonObject> change)
    {
        var changed = claim.DeepClone().AsObject();
        change(changed["spec"]!.AsObject());
        return changed;
    }

    private static void Request(JsonObject spec, string size) => spec["resources"]!["requests"]!["storage"] = size;

    private static IReadOnlyList<FieldError> Create(JsonObject claim)
    {
        Assert.Null(Claims.Decode(claim));
        return Claims.BeforeCreate(claim, Now);
    }

    private static IReadOnlyList<FieldError> Update(JsonObject updated, JsonObject existing)
    {
        Assert.Null(Claims.Decode(updated));
        return Claims.BeforeUpdate(updated, existing, Endpoint.Main, Now);
    }

    private static List<string> Messages(IReadOnlyList<FieldError> errors) => errors.Select(error => error.Message).Distinct().ToList();
}
