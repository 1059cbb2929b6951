using System.Globalization;
using System.Text.Json;

namespace StorageOperator.Binding;

/// <summary>Reads the few fields of pods and Leases that the binding mode is decided by.</summary>
internal static class ControlPlaneDecoders
{
    private const string Program = "kube-controller-manager";

    /// <returns>Null for a pod that does not run kube-controller-manager, or has stopped for good.</returns>
    public static ControllerManagerPod? Pod(ref Utf8JsonReader reader)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var pod = document.RootElement;
        if (!pod.TryGetProperty("spec", out var spec) || !spec.TryGetProperty("containers", out var containers) || HasStopped(pod))
        {
            return null;
        }

        foreach (var container in containers.EnumerateArray())
        {
            var arguments = Strings(container, "command").Concat(Strings(container, "args")).ToArray();
            if (Runs(container, arguments))
            {
                return new(Text(pod.GetProperty("metadata"), "name") ?? "", Text(spec, "nodeName"), arguments);
            }
        }

        return null;
    }

    public static ControllerManagerLease? Lease(ref Utf8JsonReader reader)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var lease = document.RootElement;
        var spec = lease.TryGetProperty("spec", out var found) ? found : default;
        var renewed = DateTimeOffset.TryParse(Text(spec, "renewTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : (DateTimeOffset?)null;
        return new(Text(spec, "holderIdentity") ?? "", renewed, Text(lease.GetProperty("metadata"), "resourceVersion") ?? "");
    }

    private static bool HasStopped(JsonElement pod) =>
        pod.TryGetProperty("status", out var status) && Text(status, "phase") is "Succeeded" or "Failed";

    // By name where the distribution names the container so, else by the program it starts; both are conventions, and one is enough.
    private static bool Runs(JsonElement container, string[] arguments) =>
        Text(container, "name") == Program || arguments.Any(argument => argument == Program || argument.EndsWith("/" + Program, StringComparison.Ordinal));

    private static IEnumerable<string> Strings(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var array) || array.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (var item in array.EnumerateArray())
        {
            yield return item.GetString() ?? "";
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
