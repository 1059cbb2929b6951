using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Controllers.Wire;

/// <summary>
/// The JSON merge patches (RFC 7386) of planned writes: just the fields that differ, and the version and UID that they were planned
/// against, so that a write that is out of date is refused with 409 instead of undoing somebody else's.
/// </summary>
public static class MergePatch
{
    /// <summary>The patch of a volume's write.</summary>
    /// <param name="write">The write.</param>
    /// <param name="version">The version to insist on: the one planned against, or the one an earlier step of the same plan made.</param>
    public static ReadOnlyMemory<byte> Of(WriteVolume write, ulong version)
    {
        var (before, desired) = (write.Before, write.Desired);
        return Write(before.Key, before.Uid, version, write.Part, (before.Annotations, desired.Annotations), (before.Finalizers, desired.Finalizers), json =>
        {
            if (write.Part == ObjectPart.Status)
            {
                WritePhase(json, before.Phase, desired.Phase);
                if (before.Message != desired.Message)
                {
                    WriteText(json, "message", desired.Message);
                }
            }
            else if (before.ClaimRef != desired.ClaimRef)
            {
                WriteClaimRef(json, before.ClaimRef, desired.ClaimRef);
            }
        });
    }

    /// <summary>The patch of a claim's write.</summary>
    /// <inheritdoc cref="Of(WriteVolume, ulong)"/>
    public static ReadOnlyMemory<byte> Of(WriteClaim write, ulong version)
    {
        var (before, desired) = (write.Before, write.Desired);
        return Write(before.Key, before.Uid, version, write.Part, (before.Annotations, desired.Annotations), (before.Finalizers, desired.Finalizers), json =>
        {
            if (write.Part == ObjectPart.Status)
            {
                WriteClaimStatus(json, before, desired);
                return;
            }

            if (before.VolumeName != desired.VolumeName)
            {
                WriteText(json, "volumeName", desired.VolumeName);
            }

            if (before.SpecClassName != desired.SpecClassName)
            {
                json.WriteString("storageClassName", desired.SpecClassName);
            }
        });
    }

    private static ReadOnlyMemory<byte> Write(
        ObjectKey key, string uid, ulong version, ObjectPart part, (KeyValueSet Before, KeyValueSet Desired) annotations,
        (ImmutableArray<string> Before, ImmutableArray<string> Desired) finalizers, Action<Utf8JsonWriter> writePart)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteString("name", key.Name);
        json.WriteString("uid", uid);
        json.WriteString("resourceVersion", version.ToString(CultureInfo.InvariantCulture));
        if (part == ObjectPart.Spec)
        {
            WriteAnnotations(json, annotations.Before, annotations.Desired);
            WriteFinalizers(json, finalizers.Before, finalizers.Desired);
        }

        json.WriteEndObject();
        json.WriteStartObject(part == ObjectPart.Spec ? "spec" : "status");
        writePart(json);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteAnnotations(Utf8JsonWriter json, KeyValueSet before, KeyValueSet desired)
    {
        if (before == desired)
        {
            return;
        }

        json.WriteStartObject("annotations");
        foreach (var (key, value) in desired)
        {
            if (before[key] != value)
            {
                json.WriteString(key, value);
            }
        }

        foreach (var (key, _) in before)
        {
            if (!desired.Contains(key))
            {
                json.WriteNull(key);
            }
        }

        json.WriteEndObject();
    }

    // A merge patch replaces lists whole; the version makes that safe.
    private static void WriteFinalizers(Utf8JsonWriter json, ImmutableArray<string> before, ImmutableArray<string> desired)
    {
        if (before.AsSpan().SequenceEqual(desired.AsSpan()))
        {
            return;
        }

        json.WriteStartArray("finalizers");
        foreach (var finalizer in desired)
        {
            json.WriteStringValue(finalizer);
        }

        json.WriteEndArray();
    }

    private static void WriteClaimRef(Utf8JsonWriter json, ClaimReference? before, ClaimReference? desired)
    {
        if (desired is null)
        {
            json.WriteNull("claimRef");
            return;
        }

        json.WriteStartObject("claimRef");
        json.WriteString("apiVersion", ResourceTypes.PersistentVolumeClaim.ApiVersion);
        json.WriteString("kind", ResourceTypes.PersistentVolumeClaim.Kind);
        json.WriteString("namespace", desired.Namespace);
        json.WriteString("name", desired.Name);
        WriteText(json, "uid", desired.Uid);
        if (before is not null)
        {
            // Whatever version the old pointer carried is not the new claim's.
            json.WriteNull("resourceVersion");
        }

        json.WriteEndObject();
    }

    private static void WriteClaimStatus(Utf8JsonWriter json, ClaimEntry before, ClaimEntry desired)
    {
        WritePhase(json, before.Phase, desired.Phase);
        if (!before.StatusAccessModes.Equals(desired.StatusAccessModes))
        {
            WriteModes(json, desired.StatusAccessModes);
        }

        if (before.StatusCapacityText != desired.StatusCapacityText)
        {
            WriteCapacity(json, desired.StatusCapacityText);
        }

        if (before.CurrentAttributesClassName != desired.CurrentAttributesClassName)
        {
            WriteText(json, "currentVolumeAttributesClassName", desired.CurrentAttributesClassName);
        }
    }

    private static void WriteModes(Utf8JsonWriter json, AccessModeList modes)
    {
        if (modes.Written.IsEmpty)
        {
            json.WriteNull("accessModes");
            return;
        }

        json.WriteStartArray("accessModes");
        foreach (var mode in modes.Written)
        {
            json.WriteStringValue(mode);
        }

        json.WriteEndArray();
    }

    private static void WriteCapacity(Utf8JsonWriter json, string storage)
    {
        if (storage.Length == 0)
        {
            json.WriteNull("capacity");
            return;
        }

        json.WriteStartObject("capacity");
        json.WriteString("storage", storage);
        json.WriteEndObject();
    }

    private static void WritePhase(Utf8JsonWriter json, string before, string desired)
    {
        if (before != desired)
        {
            json.WriteString("phase", desired);
        }
    }

    private static void WriteText(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length == 0)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, text);
        }
    }
}
