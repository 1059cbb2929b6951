using System.Globalization;
using System.Text.RegularExpressions;

namespace StorageOperator.DevCluster.Resources;

/// <summary>The order in which Kubernetes prefers API versions: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name.</summary>
internal static partial class KubernetesVersions
{
    /// <summary>Sorts the preferred version first.</summary>
    public static IComparer<string> NewestFirst { get; } = Comparer<string>.Create((left, right) =>
    {
        int order = Rank(right).CompareTo(Rank(left));
        return order != 0 ? order : string.CompareOrdinal(left, right);
    });

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        Match match = Form().Match(version);
        if (!match.Success)
        {
            return (0, 0, 0);
        }
        int stability = match.Groups["stability"].Value switch { "alpha" => 1, "beta" => 2, _ => 3 };
        return (stability, Number(match.Groups["major"]), Number(match.Groups["minor"]));
    }

    private static int Number(Group group) =>
        int.TryParse(group.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    [GeneratedRegex("^v(?<major>[1-9][0-9]*)((?<stability>alpha|beta)(?<minor>[1-9][0-9]*))?$")]
    private static partial Regex Form();
}
