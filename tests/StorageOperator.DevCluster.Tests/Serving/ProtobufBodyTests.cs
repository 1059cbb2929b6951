using System.Text;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Serving;

namespace StorageOperator.DevCluster.Tests.Serving;

public class ProtobufBodyTests
{
    [Fact]
    public void Texts_maps_lists_inlined_parts_and_quantities_are_read()
    {
        byte[] metadata = [.. Text(1, "pv"), .. Text(3, ""), .. Part(11, [.. Text(1, "tier"), .. Text(2, "db")])];
        byte[] hostPath = Text(1, "/data");
        byte[] spec =
        [
            .. Part(1, [.. Text(1, "storage"), .. Part(2, Text(1, "1Gi"))]),
            .. Part(2, Part(3, hostPath)),
            .. Text(3, "ReadWriteOnce"), .. Text(3, "ReadOnlyMany"),
            .. Text(6, ""),
        ];
        JsonNode expected = JsonNode.Parse("""
            {"kind":"PersistentVolume","apiVersion":"v1","metadata":{"name":"pv","labels":{"tier":"db"}},
             "spec":{"capacity":{"storage":"1Gi"},"hostPath":{"path":"/data"},"accessModes":["ReadWriteOnce","ReadOnlyMany"]}}
            """)!;
        JsonNode? read = ProtobufBody.Parse(Envelope("v1", "PersistentVolume", [.. Part(1, metadata), .. Part(2, spec)])).Root;
        Assert.True(JsonNode.DeepEquals(expected, read), read?.ToJsonString());
    }

    [Fact]
    public void Zero_is_kept_only_where_go_has_a_pointer()
    {
        // spec: replicas (a pointer) 0, minReadySeconds (none) 0, template with terminationGracePeriodSeconds 0.
        byte[] spec = [0x08, 0x00, .. Part(3, Part(2, [0x20, 0x00])), 0x28, 0x00];
        JsonNode read = ProtobufBody.Parse(Envelope("apps/v1", "Deployment", Part(2, spec))).Root!;
        Assert.Equal(0, read["spec"]!["replicas"]!.GetValue<int>());
        Assert.Null(read["spec"]!["minReadySeconds"]);
        Assert.Equal(0, read["spec"]!["template"]!["spec"]!["terminationGracePeriodSeconds"]!.GetValue<int>());
    }

    [Fact]
    public void Options_of_a_deletion_are_read_in_any_group()
    {
        byte[] options = [0x08, 0x05, .. Part(2, Text(1, "uid-1")), .. Text(4, "Foreground")];
        JsonNode read = ProtobufBody.Parse(Envelope("storage.k8s.io/v1", "DeleteOptions", options)).Root!;
        Assert.Equal(5, read["gracePeriodSeconds"]!.GetValue<int>());
        Assert.Equal("uid-1", (string?)read["preconditions"]!["uid"]);
        Assert.Equal("Foreground", (string?)read["propagationPolicy"]);
    }

    [Theory]
    [InlineData("not protobuf", 400)]
    [InlineData("k8s\0\u0012\u007f", 400)]
    [InlineData("k8s\0", 415)]
    public void What_cannot_be_read_is_refused(string body, int code) =>
        Assert.Equal(code, Assert.Throws<ApiException>(() => ProtobufBody.Parse(Encoding.UTF8.GetBytes(body))).Code);

    private static byte[] Envelope(string apiVersion, string kind, byte[] raw) =>
        [.. "k8s\0"u8, .. Part(1, [.. Text(1, apiVersion), .. Text(2, kind)]), .. Part(2, raw)];

    private static byte[] Text(int number, string text) => Part(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Part(int number, byte[] content)
    {
        Assert.InRange(content.Length, 0, 127);
        return [(byte)((number << 3) | 2), (byte)content.Length, .. content];
    }
}
