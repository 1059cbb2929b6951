using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Printing;

namespace StorageOperator.DevCluster.Tests.Printing;

public class PrintingTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(150, "2m30s")]
    [InlineData(600, "10m")]
    [InlineData(179 * 60, "179m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData((3 * 3600) + 900, "3h15m")]
    [InlineData(8 * 3600, "8h")]
    [InlineData(47 * 3600, "47h")]
    [InlineData(52 * 3600, "2d4h")]
    [InlineData(8 * 86400, "8d")]
    [InlineData(729 * 86400, "729d")]
    [InlineData(731 * 86400, "2y1d")]
    [InlineData(9 * 365 * 86400, "9y")]
    public void Ages_have_two_or_three_figures(long seconds, string printed) =>
        Assert.Equal(printed, HumanDuration.Print(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(".spec.size", "3")]
    [InlineData("{.spec.size}", "3")]
    [InlineData("$.spec.size", "3")]
    [InlineData(".spec['a key']", "v")]
    [InlineData(""".metadata.annotations.example\.com/x""", "y")]
    [InlineData(".items[0].name", "a")]
    [InlineData(".items[-1].name", "b")]
    [InlineData(".items[*].name", "a,b")]
    [InlineData(".items[0:1].name", "a")]
    [InlineData(".items[?(@.ready==true)].name", "b")]
    [InlineData(".items[?(@.name==\"a\")].n", "1")]
    [InlineData(".items[?(@.n>1)].name", "b")]
    [InlineData(".items[?(@.ready)].name", "b")]
    [InlineData("..name", "a,b")]
    [InlineData(".spec.gone.deeper", "")]
    [InlineData(".items[7].name", "")]
    public void Paths_find_what_they_say(string path, string found)
    {
        var root = JsonNode.Parse("""{"metadata":{"annotations":{"example.com/x":"y"}},"spec":{"size":3,"a key":"v"},"items":[{"name":"a","n":1},{"name":"b","n":2,"ready":true}]}""");
        Assert.Equal(found, string.Join(",", JsonPath.Parse(path).Find(root).Select(node => node!.ToString())));
    }

    [Theory]
    [InlineData(".a[")]
    [InlineData(".a[x]")]
    [InlineData(".a[?(@.b==]")]
    [InlineData(".a]")]
    public void Malformed_paths_are_refused(string path) => Assert.Throws<FormatException>(() => JsonPath.Parse(path));

    [Fact]
    public void A_bound_claim_shows_its_volume_and_what_it_got()
    {
        Assert.Equal(
            "Name=data|Status=Bound|Volume=pv-1|Capacity=2Gi|Access Modes=RWO,RWX|StorageClass=fast|VolumeAttributesClass=<unset>|Age=65s|VolumeMode=Filesystem",
            Row("", "persistentvolumeclaims", """{"spec":{"volumeName":"pv-1","storageClassName":"fast","volumeMode":"Filesystem","resources":{"requests":{"storage":"1Gi"}}},"status":{"phase":"Bound","capacity":{"storage":"2Gi"},"accessModes":["ReadWriteMany","ReadWriteOnce"]}}"""));
    }

    [Fact]
    public void A_pending_claim_has_no_capacity_yet() => Assert.Equal(
        "Name=data|Status=Pending|Volume=|Capacity=|Access Modes=|StorageClass=|VolumeAttributesClass=<unset>|Age=65s|VolumeMode=Block",
        Row("", "persistentvolumeclaims", """{"spec":{"volumeMode":"Block"},"status":{"phase":"Pending"}}"""));

    [Fact]
    public void A_volume_shows_the_claim_it_is_for() => Assert.Equal(
        "Name=data|Capacity=1Gi|Access Modes=RWO|Reclaim Policy=Retain|Status=Released|Claim=ns/c|StorageClass=|VolumeAttributesClass=<unset>|Reason=|Age=65s|VolumeMode=Filesystem",
        Row("", "persistentvolumes", """{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"persistentVolumeReclaimPolicy":"Retain","claimRef":{"namespace":"ns","name":"c"},"volumeMode":"Filesystem"},"status":{"phase":"Released"}}"""));

    [Fact]
    public void What_is_being_deleted_is_terminating()
    {
        Assert.Contains("Status=Terminating", Row("", "persistentvolumes", """{"spec":{},"status":{"phase":"Bound"}}""", deleting: true));
        Assert.Contains("Status=Terminating", Row("", "persistentvolumeclaims", """{"spec":{},"status":{"phase":"Bound"}}""", deleting: true));
        Assert.Contains("Status=Terminating", Row("", "pods", """{"spec":{},"status":{"phase":"Running"}}""", deleting: true));
        Assert.Contains("Status=Failed", Row("", "pods", """{"spec":{},"status":{"phase":"Failed"}}""", deleting: true));
    }

    [Fact]
    public void The_default_class_says_so() => Assert.Equal(
        "Name=data (default)|Provisioner=p|ReclaimPolicy=Delete|VolumeBindingMode=WaitForFirstConsumer|AllowVolumeExpansion=true|Age=65s",
        Row("storage.k8s.io", "storageclasses", """{"provisioner":"p","reclaimPolicy":"Delete","volumeBindingMode":"WaitForFirstConsumer","allowVolumeExpansion":true}""", annotations: """{"storageclass.kubernetes.io/is-default-class":"true"}"""));

    [Theory]
    [InlineData("""{"phase":"Running","containerStatuses":[{"ready":true,"restartCount":0,"state":{"running":{}}}]}""", "1/1", "Running", "0")]
    [InlineData("""{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ImagePullBackOff"}}}]}""", "0/1", "ImagePullBackOff", "0")]
    [InlineData("""{"phase":"Running","containerStatuses":[{"restartCount":2,"state":{"terminated":{"exitCode":1,"reason":"Error"}},"lastState":{"terminated":{"finishedAt":"2026-01-02T03:03:00Z"}}}]}""", "0/1", "Error", "2 (65s ago)")]
    [InlineData("""{"phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}""", "0/1", "Completed", "0")]
    [InlineData("""{"phase":"Pending","initContainerStatuses":[{"state":{"waiting":{"reason":"PodInitializing"}}}]}""", "0/1", "Init:0/0", "0")]
    [InlineData("""{"phase":"Pending","initContainerStatuses":[{"state":{"terminated":{"exitCode":3}}}]}""", "0/1", "Init:ExitCode:3", "0")]
    [InlineData("""{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulingGated"}]}""", "0/1", "SchedulingGated", "0")]
    public void A_pod_tells_how_its_containers_are(string status, string ready, string state, string restarts) => Assert.StartsWith(
        $"Name=data|Ready={ready}|Status={state}|Restarts={restarts}|Age=65s|IP=<none>|Node=<none>",
        Row("", "pods", """{"spec":{"containers":[{"name":"c"}]},"status":STATUS}""".Replace("STATUS", status)));

    [Fact]
    public void An_event_of_either_group_prints_the_same()
    {
        var core = Row("", "events", """{"type":"Normal","reason":"R","message":" m ","involvedObject":{"kind":"Pod","name":"p"},"source":{"component":"c"},"firstTimestamp":"2026-01-02T03:03:00Z","lastTimestamp":"2026-01-02T03:04:00Z","count":3}""");
        Assert.Equal("Last Seen=5s|Type=Normal|Reason=R|Object=pod/p|Subobject=|Source=c|Message=m|First Seen=65s|Count=3|Name=data", core);
        var events = Row("events.k8s.io", "events", """{"type":"Normal","reason":"R","note":"m","regarding":{"kind":"Pod","name":"p"},"reportingController":"c","reportingInstance":"i","eventTime":"2026-01-02T03:03:00.000000Z"}""");
        Assert.Equal("Last Seen=65s|Type=Normal|Reason=R|Object=pod/p|Subobject=|Source=c, i|Message=m|First Seen=65s|Count=1|Name=data",
            events);
    }

    [Fact]
    public void A_node_shows_its_roles_and_whether_it_takes_pods() => Assert.StartsWith(
        "Name=data|Status=Ready,SchedulingDisabled|Roles=a,b|Age=65s|Version=v1.36.0|Internal-IP=10.0.0.1|External-IP=<none>",
        Row("", "nodes", """{"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"True"}],"nodeInfo":{"kubeletVersion":"v1.36.0"},"addresses":[{"type":"InternalIP","address":"10.0.0.1"}]}}""", labels: """{"node-role.kubernetes.io/b":"","node-role.kubernetes.io/a":""}"""));

    [Fact]
    public void Workloads_count_what_is_ready()
    {
        const string template = "\"selector\":{\"matchLabels\":{\"app\":\"x\"}},\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";
        Assert.Equal("Name=data|Ready=1/2|Up-to-date=2|Available=1|Age=65s|Containers=c|Images=i|Selector=app=x", Row("apps", "deployments",
            "{\"spec\":{\"replicas\":2," + template + "},\"status\":{\"readyReplicas\":1,\"updatedReplicas\":2,\"availableReplicas\":1}}"));
        Assert.Equal("Name=data|Ready=0/3|Age=65s|Containers=c|Images=i", Row("apps", "statefulsets",
            "{\"spec\":{\"replicas\":3," + template + "}}"));
        Assert.StartsWith("Name=data|Status=Complete|Completions=1/1|Duration=60s|Age=65s", Row("batch", "jobs",
            "{\"spec\":{\"completions\":1," + template + "},\"status\":{\"succeeded\":1,\"startTime\":\"2026-01-02T03:00:00Z\",\"completionTime\":\"2026-01-02T03:01:00Z\",\"conditions\":[{\"type\":\"Complete\",\"status\":\"True\"}]}}"));
    }

    [Fact]
    public void Unknown_kinds_show_name_and_age_and_definitions_when_they_were_created()
    {
        Assert.Equal("Name=data|Age=65s", Row("example.com", "things", "{}"));
        Assert.Equal("Name=data|Created At=2026-01-02T03:03:00Z", Row("apiextensions.k8s.io", "customresourcedefinitions", "{}"));
    }

    [Fact]
    public void Custom_resources_have_the_columns_of_their_definition()
    {
        var columns = JsonNode.Parse("""
            [{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"},
             {"name":"Size","type":"integer","jsonPath":".spec.size","priority":1},
             {"name":"Seen","type":"date","jsonPath":".status.seen"},
             {"name":"Tags","type":"string","jsonPath":".spec.tags"},
             {"name":"Gone","type":"string","jsonPath":".spec.gone"}]
            """)!.AsArray();
        var resource = Resource("""{"spec":{"size":3,"tags":["a","b"]},"status":{"seen":"2026-01-02T03:03:00Z","conditions":[{"type":"Other","status":"False"},{"type":"Ready","status":"True"}]}}""");
        var printer = TablePrinter.ForCustomResource(columns);
        Assert.Equal("""["data","True",3,"65s","[\u0022a\u0022,\u0022b\u0022]",null]""", printer.Cells(resource, Now).ToJsonString());
        Assert.Equal(1, printer.Columns[2].Priority);
        Assert.Equal("""["data","65s"]""", TablePrinter.ForCustomResource(null).Cells(resource, Now).ToJsonString());
    }

    private static string Row(string group, string resource, string json, bool deleting = false, string? annotations = null,
        string? labels = null)
    {
        var parsed = Resource(json);
        var metadata = parsed["metadata"]!.AsObject();
        metadata["deletionTimestamp"] = deleting ? "2026-01-02T03:04:00Z" : null;
        metadata["annotations"] = annotations is null ? null : JsonNode.Parse(annotations);
        metadata["labels"] = labels is null ? null : JsonNode.Parse(labels);
        var printer = TablePrinters.For(group, resource);
        var cells = printer.Cells(parsed, Now);
        Assert.Equal(printer.Columns.Count, cells.Count);
        return string.Join("|", printer.Columns.Zip(cells, (column, cell) => $"{column.Name}={cell}"));
    }

    private static JsonObject Resource(string json)
    {
        var parsed = JsonNode.Parse(json)!.AsObject();
        parsed["metadata"] = new JsonObject { ["name"] = "data", ["creationTimestamp"] = "2026-01-02T03:03:00Z" };
        return parsed;
    }
}
