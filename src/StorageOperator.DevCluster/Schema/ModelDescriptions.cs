using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using System.Xml;

namespace StorageOperator.DevCluster.Schema;

/// <summary>
/// What the client's documentation file says of its models. The file (25 MB) is read when the first description is asked for, once;
/// without it every description is empty.
/// </summary>
internal sealed class ModelDescriptions
{
    private static readonly Lazy<ModelDescriptions> Shared
        = new(() => Read(Path.Combine(AppContext.BaseDirectory, "KubernetesClient.xml")), LazyThreadSafetyMode.ExecutionAndPublication);

    private readonly FrozenDictionary<string, string> _texts;

    private ModelDescriptions(FrozenDictionary<string, string> texts) => _texts = texts;

    internal static ModelDescriptions Instance => Shared.Value;

    internal string Of(Type type) => _texts.GetValueOrDefault("T:" + type.FullName, "");

    internal string Of(PropertyInfo property)
        => _texts.GetValueOrDefault("P:" + property.DeclaringType!.FullName + "." + property.Name, "");

    internal static ModelDescriptions Read(string path)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return new ModelDescriptions(texts.ToFrozenDictionary());
        }

        using var reader = XmlReader.Create(path,
            new XmlReaderSettings { IgnoreWhitespace = true, DtdProcessing = DtdProcessing.Prohibit });
        reader.MoveToContent();
        while (reader.ReadToFollowing("member"))
        {
            var member = reader.GetAttribute("name");
            if (member is not null && IsModel(member) && reader.ReadToDescendant("summary"))
            {
                texts[member] = Flow(reader.ReadSubtree());
            }
        }

        return new ModelDescriptions(texts.ToFrozenDictionary(StringComparer.Ordinal));
    }

    private static bool IsModel(string member)
        => member.StartsWith("P:k8s.Models.", StringComparison.Ordinal) || member.StartsWith("T:k8s.Models.", StringComparison.Ordinal);

    /// <summary>The text with its line breaks undone, except between paragraphs.</summary>
    private static string Flow(XmlReader summary)
    {
        var text = new StringBuilder();
        while (summary.Read())
        {
            if (summary.NodeType is XmlNodeType.Text)
            {
                text.Append(summary.Value);
            }
            else if (summary.NodeType == XmlNodeType.Element && summary.Name == "para")
            {
                text.Append("\n\n");
            }
        }

        var paragraphs = text.ToString().Split("\n\n")
            .Select(paragraph => string.Join(' ', paragraph.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
            .Where(paragraph => paragraph.Length > 0);
        return string.Join("\n\n", paragraphs);
    }
}
