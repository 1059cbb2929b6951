using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace StorageOperator.DevCluster.Serving;

/// <summary>YAML bodies as JSON trees, with the scalar types that Kubernetes' YAML reader gives plain scalars.</summary>
internal static class YamlDocument
{
    /// <summary>Reads the first document.</summary>
    /// <exception cref="ApiException">The text is not YAML.</exception>
    public static RequestBody Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(Encoding.UTF8.GetString(bytes.Span)));
            return new RequestBody(stream.Documents.Count == 0 ? null : Convert(stream.Documents[0].RootNode), []);
        }
        catch (YamlException failure)
        {
            throw ApiException.BadRequest($"error converting YAML to JSON: yaml: line {failure.Start.Line}: {failure.Message}");
        }
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => Mapping(mapping),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value ?? ""),
        YamlScalarNode scalar => Text(scalar.Value ?? ""),
        _ => null,
    };

    private static JsonObject Mapping(YamlMappingNode mapping)
    {
        var result = new JsonObject();
        foreach ((YamlNode name, YamlNode value) in mapping)
        {
            result[((YamlScalarNode)name).Value ?? ""] = Convert(value);
        }
        return result;
    }

    private static JsonNode? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" or "yes" or "Yes" or "on" or "On" => JsonNode.Parse("true"),
        "false" or "False" or "FALSE" or "no" or "No" or "off" or "Off" => JsonNode.Parse("false"),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => Number(number),
        _ when IsFloat(text, out double number) => JsonNode.Parse(number.ToString("R", CultureInfo.InvariantCulture)),
        _ => Text(text),
    };

    private static JsonNode? Number(long number) => JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture));

    // Through the parser, so that values behave like those of a JSON body in every conversion.
    private static JsonNode? Text(string text) => JsonNode.Parse($"\"{System.Text.Json.JsonEncodedText.Encode(text)}\"");

    private static bool IsFloat(string text, out double number)
    {
        number = 0;
        return text.Length > 0 && (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.')
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
    }
}
