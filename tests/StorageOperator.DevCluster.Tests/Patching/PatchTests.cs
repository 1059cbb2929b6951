using System.Text.Json.Nodes;
using CsCheck;
using StorageOperator.DevCluster.Patching;
using StorageOperator.DevCluster.Schema;

namespace StorageOperator.DevCluster.Tests.Patching;

public class PatchTests
{
    private static readonly SchemaNode Pod = BuiltInSchemas.Instance.Of(new GroupVersionKind("", "v1", "Pod"))!;

    [Fact]
    public void A_merge_patch_of_the_difference_makes_the_second_document_of_the_first()
        => Gen.Select(Json.Document, Json.Document).Sample((from, to) =>
            Json.Equal(to, MergePatch.Apply(from, MergePatch.Difference(from, to))));

    [Fact]
    public void Applying_a_merge_patch_twice_changes_nothing_more()
        => Gen.Select(Json.Document, Json.Document).Sample((original, patch) =>
        {
            var once = MergePatch.Apply(original, patch);
            Json.Equal(once, MergePatch.Apply(once, patch));
        });

    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Merge_patches_follow_the_examples_of_RFC_7386(string original, string patch, string expected)
        => Json.Equal(expected, MergePatch.Apply(Json.Object(original), Json.Parse(patch)));

    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"baz":"qux","foo":"bar"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":1}]""", """{"foo":["bar",1]}""")]
    [InlineData("""{"foo":["bar","qux"]}""", """[{"op":"remove","path":"/foo/-1"}]""", """{"foo":["bar"]}""")]
    [InlineData("""{"a":{"b":1},"c":{}}""", """[{"op":"move","from":"/a/b","path":"/c/d"}]""", """{"a":{},"c":{"d":1}}""")]
    [InlineData("""{"a":{"b":1}}""", """[{"op":"copy","from":"/a","path":"/c"},{"op":"replace","path":"/c/b","value":2}]""", """{"a":{"b":1},"c":{"b":2}}""")]
    [InlineData("""{"a/b":1,"m~n":2}""", """[{"op":"remove","path":"/a~1b"},{"op":"test","path":"/m~0n","value":2}]""", """{"m~n":2}""")]
    [InlineData("""{}""", """[{"op":"test","path":"/metadata/annotations","value":null}]""", """{}""")]
    public void Json_patches_apply_in_order(string original, string patch, string expected)
        => Json.Equal(expected, JsonPatch.Apply(Json.Object(original), Json.Parse(patch)));

    [Theory]
    [InlineData("""{"op":"add"}""", 400)]
    [InlineData("""["add"]""", 400)]
    [InlineData("""[{"op":"replace","path":"/spec/x","value":1}]""", 422)]
    [InlineData("""[{"op":"remove","path":"/list/7"}]""", 422)]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", 422)]
    [InlineData("""[{"op":"add","path":"/x/y","value":2}]""", 422)]
    [InlineData("""[{"op":"frob","path":"/a"}]""", 422)]
    public void A_json_patch_that_cannot_be_read_is_400_and_one_that_does_not_apply_is_422(string patch, int code)
        => Assert.Equal(code, Assert.Throws<PatchException>(() => JsonPatch.Apply(Json.Object("""{"a":1,"list":[1]}"""), Json.Parse(patch))).Code);

    [Fact]
    public void A_json_patch_of_too_many_operations_is_refused()
    {
        var patch = new JsonArray([.. Enumerable.Range(0, JsonPatch.MostOperations + 1).Select(_ => Json.Parse("""{"op":"test","path":"/x","value":null}"""))]);
        var error = Assert.Throws<PatchException>(() => JsonPatch.Apply([], patch));
        Assert.Equal((413, "The allowed maximum operations in a JSON patch is 10000, got 10001"), (error.Code, error.Message));
    }

    [Fact]
    public void An_empty_strategic_merge_patch_is_the_identity()
        => Json.Document.Sample(document =>
        {
            var pod = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = document.DeepClone() },
                ["spec"] = new JsonObject { ["hostAliases"] = new JsonArray() }
            };
            Json.Equal(pod, StrategicMergePatch.Apply(pod, new JsonObject(), Pod));
        });

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}}""",
        """{"spec":{"containers":[{"name":"b","image":"3"}]}}""",
        """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"3"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"}]}}""",
        """{"spec":{"containers":[{"name":"new"}]}}""",
        """{"spec":{"containers":[{"name":"new"},{"name":"a"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
        """{"spec":{"containers":[{"$patch":"delete","name":"a"}]}}""",
        """{"spec":{"containers":[{"name":"b"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
        """{"spec":{"containers":[{"name":"c"},{"$patch":"replace"}]}}""",
        """{"spec":{"containers":[{"name":"c"}]}}""")]
    [InlineData("""{"spec":{"tolerations":[{"key":"a"}]}}""",
        """{"spec":{"tolerations":[{"key":"b"}]}}""",
        """{"spec":{"tolerations":[{"key":"b"}]}}""")]
    [InlineData("""{"metadata":{"finalizers":["x","y"]}}""",
        """{"metadata":{"finalizers":["y","z"]}}""",
        """{"metadata":{"finalizers":["x","y","z"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["x","y"]}}""",
        """{"metadata":{"$deleteFromPrimitiveList/finalizers":["x"]}}""",
        """{"metadata":{"finalizers":["y"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["x","y","w"]}}""",
        """{"metadata":{"$setElementOrder/finalizers":["y","x","z"],"finalizers":["z"]}}""",
        """{"metadata":{"finalizers":["y","x","z","w"]}}""")]
    [InlineData("""{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}""",
        """{"spec":{"volumes":[{"name":"v","$retainKeys":["name","hostPath"],"hostPath":{"path":"/x"}}]}}""",
        """{"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1","b":"2"}}}""",
        """{"metadata":{"labels":{"$patch":"replace","c":"3"}}}""",
        """{"metadata":{"labels":{"c":"3"}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1","b":"2"}}}""",
        """{"metadata":{"labels":{"a":null}}}""",
        """{"metadata":{"labels":{"b":"2"}}}""")]
    [InlineData("""{"metadata":{}}""",
        """{"metadata":{"ownerReferences":[{"uid":"1","name":"o","$patch":"delete"},{"uid":"2","name":"p"}]}}""",
        """{"metadata":{"ownerReferences":[{"uid":"2","name":"p"}]}}""")]
    public void Strategic_merge_patches_know_the_lists_of_a_pod(string original, string patch, string expected)
        => Json.Equal(expected, StrategicMergePatch.Apply(Json.Object(original), Json.Parse(patch), Pod));

    [Theory]
    [InlineData("""{"spec":{"$patch":"frob"}}""", 500)]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""", 500)]
    [InlineData("""{"spec":{"volumes":[{"name":"v","$retainKeys":["name"],"hostPath":{"path":"/x"}}]}}""", 422)]
    [InlineData("""{"metadata":{"$deleteFromPrimitiveList/finalizers":"x"}}""", 400)]
    [InlineData("""["x"]""", 400)]
    public void A_strategic_merge_patch_that_makes_no_sense_is_refused(string patch, int code)
    {
        var pod = Json.Object("""{"metadata":{"finalizers":["a"]},"spec":{"containers":[{"name":"a"}],"volumes":[{"name":"v"}]}}""");
        Assert.Equal(code, Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(pod, Json.Parse(patch), Pod)).Code);
    }
}
