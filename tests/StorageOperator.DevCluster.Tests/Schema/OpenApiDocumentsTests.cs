using System.Text;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Schema;
using StorageOperator.DevCluster.Tests.Patching;

namespace StorageOperator.DevCluster.Tests.Schema;

public class OpenApiDocumentsTests
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private static readonly OpenApiDocuments Documents = new(
    [
        new(new("", "v1", "PersistentVolumeClaim"), "persistentvolumeclaims", true, Verbs, ["status"], "PersistentVolumeClaimList"),
        new(new("", "v1", "Pod"), "pods", true, Verbs, ["status"], "PodList"),
        new(new("apps", "v1", "Deployment"), "deployments", true, Verbs, ["status", "scale"], "DeploymentList"),
        new(new("apiextensions.k8s.io", "v1", "CustomResourceDefinition"), "customresourcedefinitions", false, Verbs, ["status"],
            "CustomResourceDefinitionList"),
        new(new("example.com", "v1", "Widget"), "widgets", false, Verbs, [], "WidgetList", Json.Object("""
            {"type":"object","description":"A widget.","properties":{"spec":{"type":"object","required":["size"],"properties":{
              "size":{"type":"integer","minimum":1,"x-kubernetes-validations":[{"rule":"self > 0"}]},"note":{"type":"string","nullable":true}}}}}
            """)),
    ]);

    [Fact]
    public void The_index_names_a_document_for_each_group_and_version()
        => Assert.Equal(
            ["api/v1", "apis/apiextensions.k8s.io/v1", "apis/apps/v1", "apis/example.com/v1"],
            Documents.Index()["paths"]!.AsObject().Select(path => path.Key));

    [Theory]
    [InlineData("api/v1")]
    [InlineData("apis/apiextensions.k8s.io/v1")]
    [InlineData("apis/apps/v1")]
    [InlineData("apis/example.com/v1")]
    public void Every_reference_of_a_document_leads_somewhere(string path)
    {
        var document = JsonNode.Parse(Documents.Third(path)!.Value.Span)!;
        var schemas = document["components"]!["schemas"]!.AsObject();
        Assert.All(References(document), reference
            => Assert.True(schemas.ContainsKey(reference["#/components/schemas/".Length..]), reference));
    }

    [Fact]
    public void The_older_document_is_whole_too()
    {
        var document = JsonNode.Parse(Documents.Second().Span)!;
        var definitions = document["definitions"]!.AsObject();
        Assert.All(References(document), reference
            => Assert.True(definitions.ContainsKey(reference["#/definitions/".Length..]), reference));
        Json.Equal("\"string\"", definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"]!["type"]);
    }

    [Fact]
    public void A_patch_tells_that_the_server_validates_fields_and_can_run_dry()
    {
        var document = JsonNode.Parse(Documents.Third("api/v1")!.Value.Span)!;
        var patch = document["paths"]!["/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}"]!["patch"]!;
        Json.Equal("""{"group":"","version":"v1","kind":"PersistentVolumeClaim"}""", patch["x-kubernetes-group-version-kind"]);
        Assert.Equal(["dryRun", "fieldManager", "fieldValidation", "force"],
            patch["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!));
    }

    [Fact]
    public void A_custom_kind_is_described_with_its_metadata()
    {
        var document = JsonNode.Parse(Documents.Third("apis/example.com/v1")!.Value.Span)!;
        var widget = document["components"]!["schemas"]!["com.example.v1.Widget"]!;
        Assert.Equal(["apiVersion", "kind", "metadata", "spec"], widget["properties"]!.AsObject().Select(field => field.Key).Order());
        Json.Equal("""[{"rule":"self > 0"}]""", widget["properties"]!["spec"]!["properties"]!["size"]!["x-kubernetes-validations"]);
        Json.Equal("""[{"group":"example.com","version":"v1","kind":"Widget"}]""", widget["x-kubernetes-group-version-kind"]);
    }

    [Fact]
    public void The_protobuf_form_has_every_path_and_definition_of_the_json_form()
    {
        var json = JsonNode.Parse(Documents.Second().Span)!;
        var document = Fields(Documents.SecondInProtobuf().Span);
        Assert.Equal("2.0", Encoding.UTF8.GetString(document[1][0]));
        Assert.Equal(json["paths"]!.AsObject().Select(path => path.Key), Names(document[8][0], 2));
        Assert.Equal(json["definitions"]!.AsObject().Select(definition => definition.Key), Names(document[9][0], 1));
        var claim = Fields(document[9][0])[1].Select(pair
            => Fields(pair)).First(pair => Encoding.UTF8.GetString(pair[1][0]) == "io.k8s.api.core.v1.PersistentVolumeClaim");
        var extension = Fields(Fields(claim[2][0])[31][0]);
        Assert.Equal("x-kubernetes-group-version-kind", Encoding.UTF8.GetString(extension[1][0]));
        Json.Equal("""[{"group":"","version":"v1","kind":"PersistentVolumeClaim"}]""", Json.Parse(Encoding.UTF8.GetString(Fields(extension[2][0])[2][0])));
    }

    [Fact]
    public void What_is_not_served_has_no_document() => Assert.Null(Documents.Third("apis/nowhere/v1"));

    private static IEnumerable<string> Names(byte[] pairs, int number)
        => Fields(pairs)[number].Select(pair => Encoding.UTF8.GetString(Fields(pair)[1][0]));

    /// <summary>The length-delimited fields of a protobuf message, by number.</summary>
    private static Dictionary<int, List<byte[]>> Fields(ReadOnlySpan<byte> message)
    {
        var fields = new Dictionary<int, List<byte[]>>();
        while (!message.IsEmpty)
        {
            var tag = Varint(ref message);
            if ((tag & 7) == 0)
            {
                Varint(ref message);
                continue;
            }

            var length = (tag & 7) == 1 ? 8 : (int)Varint(ref message);
            if (!fields.TryGetValue((int)(tag >> 3), out var values))
            {
                fields[(int)(tag >> 3)] = values = [];
            }

            values.Add(message[..length].ToArray());
            message = message[length..];
        }

        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject fields
            => fields.SelectMany(field => field.Key == "$ref" && field.Value is JsonValue text ? [(string)text!] : References(field.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };
}
