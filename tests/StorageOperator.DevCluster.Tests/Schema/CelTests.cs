using System.Text.Json.Nodes;
using CsCheck;
using StorageOperator.DevCluster.Schema;
using StorageOperator.DevCluster.Schema.Cel;
using StorageOperator.DevCluster.Tests.Patching;

namespace StorageOperator.DevCluster.Tests.Schema;

public class CelTests
{
    private static readonly SchemaNode Schema = CustomSchemas.Read(Json.Object("""
        {"type":"object","properties":{
          "n":{"type":"integer"},"d":{"type":"number"},"s":{"type":"string"},"flag":{"type":"boolean"},
          "list":{"type":"array","items":{"type":"string"}},"numbers":{"type":"array","items":{"type":"integer"}},
          "labels":{"type":"object","additionalProperties":{"type":"string"}},
          "inner":{"type":"object","properties":{"a-b":{"type":"string"},"namespace":{"type":"string"},"deep":{"type":"object","properties":{"x":{"type":"integer"}}}}},
          "any":{"x-kubernetes-int-or-string":true},"when":{"type":"string","format":"date-time"},"span":{"type":"string","format":"duration"}}}
        """));

    private static readonly JsonObject Value = Json.Object("""
        {"n":3,"d":2,"s":"hello","flag":true,"list":["a","b","c"],"numbers":[3,1,2],"labels":{"x":"1","y":"2"},
         "inner":{"a-b":"dash","namespace":"ns","deep":{"x":7}},"any":"10Gi","when":"2024-05-06T07:08:09Z","span":"1h30m"}
        """);

    [Theory]
    [InlineData("self.n > 2 && self.s == 'hello'")]
    [InlineData("self.n + 1 == 4 && self.n - 5 == -2 && self.n * 2 == 6 && self.n / 2 == 1 && self.n % 2 == 1")]
    [InlineData("self.d == 2.0 && self.d == 2 && self.d / 4.0 == 0.5")]
    [InlineData("has(self.inner) && !has(self.inner.nothing) && has(self.inner.deep.x)")]
    [InlineData("!has(self.flag) || self.flag")]
    [InlineData("size(self.list) == 3 && self.list.size() == 3 && size(self.s) == 5 && size(self.labels) == 2")]
    [InlineData("self.s.matches('^h.*o$') && self.s.startsWith('he') && self.s.endsWith('lo') && self.s.contains('ell')")]
    [InlineData("'a' in self.list && !('z' in self.list) && 'x' in self.labels")]
    [InlineData("self.list.all(x, size(x) == 1) && self.list.exists(x, x == 'b') && self.list.exists_one(x, x == 'c')")]
    [InlineData("self.list.filter(x, x != 'a') == ['b', 'c'] && self.list.map(x, x + x) == ['aa', 'bb', 'cc']")]
    [InlineData("self.numbers.map(x, x > 1, x * 10) == [30, 20] && self.numbers.sum() == 6 && self.numbers.max() == 3 && !self.numbers.isSorted()")]
    [InlineData("self.labels.all(key, self.labels[key] != '')")]
    [InlineData("(self.n == 3 ? 'three' : 'other') == 'three'")]
    [InlineData("quantity(self.any).isGreaterThan(quantity('1Gi')) && quantity('1Gi').compareTo(quantity('1024Mi')) == 0 && isQuantity('5') && !isQuantity('five')")]
    [InlineData("quantity('2').add(quantity('500m')).isLessThan(quantity('3')) && quantity('4').asInteger() == 4")]
    [InlineData("type(self.any) == string && type(self.n) == int")]
    [InlineData("self.inner.a__dash__b == 'dash' && self.inner.__namespace__ == 'ns'")]
    [InlineData("self.when > timestamp('2024-01-01T00:00:00Z') && self.when.getFullYear() == 2024 && self.span == duration('90m')")]
    [InlineData("int('7') == 7 && string(7) == '7' && double('1.5') == 1.5 && [1, 2] + [3] == [1, 2, 3]")]
    [InlineData("self.s.upperAscii() == 'HELLO' && self.s.substring(1, 3) == 'el' && 'a,b'.split(',') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b'")]
    [InlineData("self.?missing.orValue('none') == 'none' && self.?s.hasValue() && optional.of(1).orValue(2) == 1")]
    [InlineData("false && self.list[9] == 'x' || true")]
    [InlineData("self.list[9] == 'x' || true")]
    [InlineData("!(self.list[9] == 'x' && false)")]
    [InlineData("{'a': 1}['a'] == 1 && -9223372036854775808 < 0 && 0x10 == 16 && 3u == 3u")]
    [InlineData("r'\\d' == '\\\\d' && \"tab\\t\" == 'tab\t' && '''x''' == 'x' && '\\u00e9' == 'é'")]
    [InlineData("self.s.replace('l', 'L') == 'heLLo' && self.s.find('l+') == 'll' && 'a1b22'.findAll('[0-9]+') == ['1', '22']")]
    public void True_expressions_are_true(string rule) => Assert.Empty(Errors(rule));

    [Theory]
    [InlineData("self.n > 5", ": Invalid value: \"object\": failed rule: self.n > 5")]
    [InlineData("self.list[9] == 'x'", ": Invalid value: \"object\": index out of bounds: 9 evaluating rule: self.list[9] == 'x'")]
    [InlineData("self.inner.deep.y == 1", ": Invalid value: \"object\": no such key: y evaluating rule: self.inner.deep.y == 1")]
    [InlineData("1 / (self.n - 3) == 1", ": Invalid value: \"object\": division by zero evaluating rule: 1 / (self.n - 3) == 1")]
    [InlineData("timestamp('9999-12-31T00:00:00Z') + duration('1000000h') > timestamp('2000-01-01T00:00:00Z')",
        ": Invalid value: \"object\": value out of range evaluating rule: timestamp('9999-12-31T00:00:00Z') + duration('1000000h') > timestamp('2000-01-01T00:00:00Z')")]
    [InlineData("isQuantity('') || isQuantity('1Zi') || isQuantity('--1')",
        ": Invalid value: \"object\": failed rule: isQuantity('') || isQuantity('1Zi') || isQuantity('--1')")]
    [InlineData("self.n + 's' == 's'", ": Invalid value: \"object\": no such overload evaluating rule: self.n + 's' == 's'")]
    [InlineData("9223372036854775807 + self.n > 0",
        ": Invalid value: \"object\": integer overflow evaluating rule: 9223372036854775807 + self.n > 0")]
    public void Others_say_why(string rule, string message) => Assert.Equal([message], Errors(rule));

    [Theory]
    [InlineData("self.n >", "compilation failed: ERROR: <input>:1:9: Syntax error: mismatched input '<EOF>'")]
    [InlineData("self.typo > 1", "compilation failed: ERROR: <input>:1:1: undefined field 'typo'")]
    [InlineData("other > 1", "compilation failed: ERROR: <input>:1:1: undeclared reference to 'other' (in container '')")]
    [InlineData("self.s.frob()", "compilation failed: ERROR: <input>:1:1: undeclared reference to 'frob' (in container '')")]
    [InlineData("self.list.all(x, y)", "compilation failed: ERROR: <input>:1:1: undeclared reference to 'y' (in container '')")]
    [InlineData("'open", "compilation failed: ERROR: <input>:1:1: Syntax error: the string has no end")]
    public void A_rule_that_cannot_run_is_refused_with_its_definition(string rule, string message)
        => Assert.Contains(message, Assert.Single(CelRules.CheckDefinition(With(rule), "s")).Message);

    [Theory]
    [InlineData("(", "1")]
    [InlineData("!", "true")]
    [InlineData("1 + ", "1")]
    [InlineData("-(", "1")]
    public void A_rule_without_end_does_not_end_the_server(string part, string last)
        => Assert.Single(CelRules.CheckDefinition(With(string.Concat(Enumerable.Repeat(part, 100_000)) + last), "s"));

    [Fact]
    public void A_long_rule_is_run_or_refused_but_never_ends_the_server()
    {
        var sum = "0" + string.Concat(Enumerable.Repeat(" + 1", 2_000));
        Assert.Empty(Errors(sum + " == 2000"));
        Assert.Equal(["operation cancelled"],
            Errors("[1,2,3,4,5,6,7,8,9,0].all(a, " + Nested(7) + ")").Select(error => error.Split(": ")[3]));

        static string Nested(int depth) => depth == 0 ? "true" : $"[1,2,3,4,5,6,7,8,9,0].all(x{depth}, {Nested(depth - 1)})";
    }

    [Fact]
    public void Transition_rules_compare_with_what_was_there()
    {
        var schema = CustomSchemas.Read(Json.Object("""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
               "size":{"type":"integer","x-kubernetes-validations":[{"rule":"self >= oldSelf","message":"may not shrink","reason":"FieldValueForbidden"}]},
               "pools":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object",
                 "required":["name"],"properties":{"name":{"type":"string"},"kind":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf","messageExpression":"'kind is ' + oldSelf + ' for ever'"}]}}}}},
               "x-kubernetes-validations":[{"rule":"!has(oldSelf.pools) || has(self.pools)","message":"pools may not be removed","fieldPath":".pools","reason":"FieldValueRequired"}]}}}
            """));
        var before = Json.Object("""{"spec":{"size":2,"pools":[{"name":"a","kind":"x"},{"name":"b","kind":"y"}]}}""");
        Assert.Empty(CelRules.Check(before, null, schema));
        Assert.Empty(CelRules.Check(Json.Object("""{"spec":{"size":3,"pools":[{"name":"b","kind":"y"},{"name":"new","kind":"z"}]}}"""), before, schema));
        Assert.Equal(
            ["spec.size: Forbidden: may not shrink", "spec.pools[0].kind: Invalid value: \"string\": kind is y for ever"],
            CelRules.Check(Json.Object("""{"spec":{"size":1,"pools":[{"name":"b","kind":"z"}]}}"""), before, schema).Select(error => error.ToString()));
        Assert.Equal(
            ["spec.pools: Required value: pools may not be removed"],
            CelRules.Check(Json.Object("""{"spec":{"size":2}}"""), before, schema).Select(error => error.ToString()));
    }

    [Fact]
    public void Whole_number_arithmetic_is_that_of_integers()
        => Gen.Select(Gen.Int[-1000, 1000], Gen.Int[-1000, 1000].Where(number => number != 0)).Sample((left, right) =>
            Assert.Empty(Errors($"({left}) / ({right}) == {left / right} && ({left}) % ({right}) == {left % right} && ({left}) - ({right}) == {left - right}")));

    private static IEnumerable<string> Errors(string rule)
        => CelRules.Check(Value, null, With(rule)).Select(error => error.ToString());

    private static SchemaNode With(string rule) => new()
    {
        Type = SchemaType.Object,
        Properties = Schema.Properties,
        Validations = [new ValidationRule(rule, null, null, null, null, false)],
    };
}
