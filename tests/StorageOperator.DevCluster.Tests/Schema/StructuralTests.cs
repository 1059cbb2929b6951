using System.Text;
using StorageOperator.DevCluster.Schema;
using StorageOperator.DevCluster.Tests.Patching;

namespace StorageOperator.DevCluster.Tests.Schema;

public class StructuralTests
{
    private const string Widget = """
        {"type":"object","required":["spec"],"properties":{
          "spec":{"type":"object","required":["size"],"properties":{
            "size":{"type":"integer","minimum":1,"maximum":10},
            "mode":{"type":"string","enum":["a","b"],"default":"a"},
            "name":{"type":"string","pattern":"^[a-z]+$","minLength":2,"maxLength":5},
            "port":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]},
            "tags":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set","maxItems":3},
            "parts":{"type":"array","minItems":1,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["id"],
              "items":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"weight":{"type":"integer","default":1}}}},
            "note":{"type":"string","nullable":true},
            "when":{"type":"string","format":"date-time"},
            "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"known":{"type":"object","properties":{}}}},
            "labels":{"type":"object","additionalProperties":{"type":"string"}},
            "pod":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true},
            "source":{"type":"object","properties":{"left":{"type":"string"},"right":{"type":"string"}},
              "oneOf":[{"required":["left"]},{"required":["right"]}]}
          }}}}
        """;

    private static readonly SchemaNode Schema = CustomSchemas.Read(Json.Object(Widget));

    [Fact]
    public void The_schema_of_the_tests_is_structural()
        => Assert.Empty(StructuralRules.Check(Json.Object(Widget), "s"));

    [Theory]
    [InlineData("""{"properties":{}}""", "s.type: Required value: must not be empty at the root")]
    [InlineData("""{"type":"string"}""", "s.type: Invalid value: \"string\": must be object at the root")]
    [InlineData("""{"type":"object","properties":{"a":{}}}""", "s.properties[a].type: Required value: must not be empty for specified object fields")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","items":{}}}}""", "s.properties[a].items.type: Required value: must not be empty for specified array items")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array"}}}""", "s.properties[a].items: Required value: must be specified")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""", "s.additionalProperties: Forbidden: must not be used at the root")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","oneOf":[{"type":"string"}]}}}""", "s.properties[a].oneOf[0].type: Forbidden: must be empty to be structural")]
    [InlineData("""{"type":"object","properties":{"metadata":{"type":"object","properties":{"labels":{"type":"object"}}}}}""",
        "s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified")]
    [InlineData("""{"type":"object","anyOf":[{"properties":{"a":{"minimum":1}}}]}""", "s.properties[a]: Required value: because it is defined in s.anyOf[0].properties[a]")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","default":"x"}}}""",
        "s.properties[a].default: Invalid value: \"string\":  in body must be of type integer: \"string\"")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}}}}""",
        "s.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property")]
    public void A_schema_that_is_not_structural_is_refused(string schema, string message)
        => Assert.Contains(message, StructuralRules.Check(Json.Object(schema), "s").Select(error => error.ToString()));

    [Theory]
    [InlineData("""{"size":0}""", "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1")]
    [InlineData("""{"size":11}""", "spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10")]
    [InlineData("""{"size":"x"}""", "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"")]
    [InlineData("""{"size":1.5}""", "spec.size: Invalid value: \"number\": spec.size in body must be of type integer: \"number\"")]
    [InlineData("""{}""", "spec.size: Required value")]
    [InlineData("""{"size":1,"mode":"x"}""", "spec.mode: Unsupported value: \"x\": supported values: \"a\", \"b\"")]
    [InlineData("""{"size":1,"name":"A1"}""", "spec.name: Invalid value: \"A1\": spec.name in body should match '^[a-z]+$'")]
    [InlineData("""{"size":1,"name":"a"}""", "spec.name: Invalid value: \"a\": spec.name in body should be at least 2 chars long")]
    [InlineData("""{"size":1,"name":"abcdef"}""", "spec.name: Too long: may not be more than 5 bytes")]
    [InlineData("""{"size":1,"port":true}""", "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"size":1,"tags":["a","b","a"]}""", "spec.tags[2]: Duplicate value: \"a\"")]
    [InlineData("""{"size":1,"tags":["a","b","c","d"]}""", "spec.tags: Too many: 4: must have at most 3 items")]
    [InlineData("""{"size":1,"parts":[]}""", "spec.parts: Invalid value: 0: spec.parts in body should have at least 1 items")]
    [InlineData("""{"size":1,"parts":[{"id":"x"},{"id":"x"}]}""", "spec.parts[1]: Duplicate value: {\"id\":\"x\"}")]
    [InlineData("""{"size":1,"when":"noon"}""", "spec.when: Invalid value: \"noon\": spec.when in body must be of type date-time: \"noon\"")]
    [InlineData("""{"size":1,"source":{}}""", "spec.source: Invalid value: \"\": \"spec.source\" must validate one and only one schema (oneOf). Found none valid")]
    [InlineData("""{"size":1,"source":{"left":"l","right":"r"}}""", "spec.source: Invalid value: \"\": \"spec.source\" must validate one and only one schema (oneOf). Found 2 valid alternatives")]
    [InlineData("""{"size":1,"labels":{"a":1}}""", "spec.labels.a: Invalid value: \"integer\": spec.labels.a in body must be of type string: \"integer\"")]
    public void An_invalid_object_is_refused_in_the_servers_words(string spec, string message)
        => Assert.Contains(message, SchemaValidation.Check(Json.Object($$"""{"spec":{{spec}}}"""), Schema, "").Select(error => error.ToString()));

    [Fact]
    public void A_valid_object_has_no_errors()
        => Assert.Empty(SchemaValidation.Check(
            Json.Object("""{"spec":{"size":10,"mode":"b","name":"abc","port":80,"tags":["a"],"parts":[{"id":"x"}],"note":null,"when":"2024-01-02T03:04:05Z","source":{"left":"l"}}}"""), Schema, ""));

    [Fact]
    public void Defaults_fill_what_is_absent_and_nulls_that_may_not_be()
    {
        var widget = Json.Object("""{"spec":{"size":1,"mode":null,"note":null,"name":null,"parts":[{"id":"x"}]}}""");
        StructuralDefaults.Apply(widget, Schema);
        Json.Equal("""{"spec":{"size":1,"mode":"a","note":null,"parts":[{"id":"x","weight":1}]}}""", widget);
    }

    [Fact]
    public void Pruning_drops_what_the_schema_does_not_know()
    {
        var widget = Json.Object("""
            {"apiVersion":"x/v1","kind":"Widget","metadata":{"name":"w","typo":1},"extra":1,
             "spec":{"size":1,"parts":[{"id":"x","odd":2}],"free":{"any":{"thing":1},"known":{"gone":1}},
                     "pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","typo":2},"spec":{"kept":true}}}}
            """);
        var removed = StructuralPruning.Prune(widget, Schema);
        Assert.Equal(["extra", "metadata.typo", "spec.free.known.gone", "spec.parts[0].odd", "spec.pod.metadata.typo"], removed.Order());
        Json.Equal("""
            {"apiVersion":"x/v1","kind":"Widget","metadata":{"name":"w"},
             "spec":{"size":1,"parts":[{"id":"x"}],"free":{"any":{"thing":1},"known":{}},
                     "pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"kept":true}}}}
            """, widget);
    }

    [Theory]
    [InlineData("a$", "a\n", false)]
    [InlineData(@"^\d+$", "٣", false)]
    [InlineData("^(?P<x>[[:alpha:]]+)$", "abc", true)]
    [InlineData(@"^[\w.-]+$", "a_b-c.d", true)]
    [InlineData("^[^/]+$", "a/b", false)]
    public void Patterns_match_as_in_Go(string pattern, string text, bool matches) => Assert.Equal(matches, Re2.IsMatch(pattern, text));

    [Theory]
    [InlineData("""{"spec":{"storageClassName":1}}""", "json: cannot unmarshal number into Go struct field PersistentVolumeClaimSpec.spec.storageClassName of type string")]
    [InlineData("""{"spec":{"accessModes":"x"}}""", "json: cannot unmarshal string into Go struct field PersistentVolumeClaimSpec.spec.accessModes of type []string")]
    [InlineData("""{"spec":"x"}""", "json: cannot unmarshal string into Go struct field PersistentVolumeClaim.spec of type v1.PersistentVolumeClaimSpec")]
    [InlineData("""{"spec":{"resources":{"requests":{"storage":true}}}}""", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("""{"metadata":{"generation":1.5}}""", "json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64")]
    [InlineData("""{"metadata":{"creationTimestamp":"x"}}""", "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\"")]
    public void A_built_in_kind_with_a_value_of_the_wrong_type_is_refused(string claim, string message)
        => Assert.Equal(message, Assert.Throws<DecodeException>(() => BuiltInDecoding.Decode(Json.Object(claim), Claim)).Message);

    [Fact]
    public void Unknown_and_duplicate_fields_are_told()
    {
        var claim = DuplicateFields.Read(
            Encoding.UTF8.GetBytes("""{"kind":"PersistentVolumeClaim","spec":{"foo":1,"volumeName":"a","volumeName":"b","selector":null,"dataSource":{"bar":2}}}"""), out var duplicates);
        var unknown = BuiltInDecoding.Decode(claim!.AsObject(), Claim);
        Assert.Equal(
            "strict decoding error: duplicate field \"spec.volumeName\", unknown field \"spec.foo\", unknown field \"spec.dataSource.bar\"",
            BuiltInDecoding.StrictMessage(duplicates, unknown));
        Json.Equal("""{"kind":"PersistentVolumeClaim","spec":{"volumeName":"b","dataSource":{}}}""", claim);
    }

    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"a":1} x""")]
    [InlineData("""{"a":""")]
    [InlineData("")]
    public void What_is_not_json_is_refused(string text)
        => Assert.ThrowsAny<System.Text.Json.JsonException>(() => DuplicateFields.Read(Encoding.UTF8.GetBytes(text), out _));

    private static readonly SchemaNode Claim = BuiltInSchemas.Instance.Of(new GroupVersionKind("", "v1", "PersistentVolumeClaim"))!;
}
