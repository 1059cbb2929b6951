using System.Buffers;
using System.Text.Json;
using StorageOperator.Model;
using StorageOperator.Planning.Volumes;

namespace StorageOperator.Controllers.Wire;

/// <summary>The manifest of the pod that empties a volume for reuse, written anew for every volume.</summary>
/// <remarks>
/// It mounts nothing but the volume, has no token, and ends by its deadline. That it found nothing left is what success means: a
/// command that could not list the directory fails.
/// </remarks>
internal static class ScrubberPod
{
    private const string Command = "cd /scrub && find . -xdev -mindepth 1 -delete && test -z \"$(ls -A .)\"";

    /// <summary>The manifest as JSON.</summary>
    public static ReadOnlyMemory<byte> Manifest(VolumeEntry volume, TimeSpan deadline, string image)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("apiVersion", ResourceTypes.Pod.ApiVersion);
        json.WriteString("kind", ResourceTypes.Pod.Kind);
        WriteMetadata(json, volume);
        json.WriteStartObject("spec");
        json.WriteString("restartPolicy", "Never");
        json.WriteBoolean("automountServiceAccountToken", false);
        json.WriteBoolean("enableServiceLinks", false);
        json.WriteNumber("activeDeadlineSeconds", (long)deadline.TotalSeconds);
        WriteContainer(json, image);
        WriteVolume(json, volume.Source);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteMetadata(Utf8JsonWriter json, VolumeEntry volume)
    {
        json.WriteStartObject("metadata");
        json.WriteString("name", WellKnown.RecyclerPodPrefix + volume.Name);
        json.WriteString("namespace", WellKnown.RecyclerNamespace);
        json.WriteStartObject("labels");
        json.WriteString("app.kubernetes.io/name", "volume-scrubber");
        json.WriteString("app.kubernetes.io/managed-by", "storage-operator");
        json.WriteEndObject();
        json.WriteStartObject("annotations");
        json.WriteString(Recycling.ScrubsAfter, volume.ClaimRef!.Uid);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteContainer(Utf8JsonWriter json, string image)
    {
        json.WriteStartArray("containers");
        json.WriteStartObject();
        json.WriteString("name", "scrub");
        json.WriteString("image", image);
        json.WriteStartArray("command");
        json.WriteStringValue("/bin/sh");
        json.WriteStringValue("-c");
        json.WriteStringValue(Command);
        json.WriteEndArray();
        json.WriteString("terminationMessagePolicy", "FallbackToLogsOnError");
        json.WriteStartArray("volumeMounts");
        json.WriteStartObject();
        json.WriteString("name", "volume");
        json.WriteString("mountPath", "/scrub");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteVolume(Utf8JsonWriter json, VolumeSource source)
    {
        json.WriteStartArray("volumes");
        json.WriteStartObject();
        json.WriteString("name", "volume");
        json.WriteStartObject(source.Plugin);
        json.WriteString("path", source.Path);
        if (source.Plugin == "nfs")
        {
            json.WriteString("server", source.Server);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
