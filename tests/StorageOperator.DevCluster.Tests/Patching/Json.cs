using System.Text.Json.Nodes;
using CsCheck;

namespace StorageOperator.DevCluster.Tests.Patching;

/// <summary>JSON for tests: literals in, canonical text out, and generators of small documents.</summary>
internal static class Json
{
    private static readonly Gen<string> Name = Gen.OneOf("a", "b", "c", "d");

    private static readonly Gen<JsonNode?> Scalar = Gen.OneOf(
        Gen.Int[0, 3].Select(number => (JsonNode?)JsonValue.Create(number)),
        Gen.OneOf("x", "y").Select(text => (JsonNode?)JsonValue.Create(text)),
        Gen.Bool.Select(flag => (JsonNode?)JsonValue.Create(flag)));

    /// <summary>An object of at most four fields, nested at most three deep, without nulls.</summary>
    internal static Gen<JsonObject> Document { get; } = ObjectGen(3);

    internal static JsonObject Object(string text) => (JsonObject)JsonNode.Parse(text)!;

    internal static JsonNode? Parse(string text) => JsonNode.Parse(text);

    internal static void Equal(string expected, JsonNode? actual)
        => Assert.True(JsonNode.DeepEquals(Parse(expected), actual),
            $"expected {Parse(expected)?.ToJsonString()}\n but got {actual?.ToJsonString()}");

    internal static void Equal(JsonNode? expected, JsonNode? actual)
        => Assert.True(JsonNode.DeepEquals(expected, actual), $"expected {expected?.ToJsonString()}\n but got {actual?.ToJsonString()}");

    private static Gen<JsonObject> ObjectGen(int depth)
        => Gen.Dictionary(Name, Value(depth - 1))[0, 4].Select(fields => new JsonObject(
            fields.OrderBy(field
                => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))));

    private static Gen<JsonNode?> Value(int depth)
        => depth <= 0 ? Scalar : Gen.OneOf(
            Scalar,
            ObjectGen(depth).Select(node => (JsonNode?)node),
            Scalar.Array[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])));
}
