using System.Text.Json;

namespace StorageOperator.Model.Reading;

/// <summary>Reads PersistentVolumes from the API server's JSON in one pass.</summary>
public static class VolumeReader
{
    /// <summary>Reads the object whose start the reader stands on, and leaves the reader on its end.</summary>
    /// <exception cref="JsonException">The bytes are not JSON.</exception>
    public static VolumeEntry Read(ref Utf8JsonReader reader)
    {
        var metadata = Metadata.None;
        var volume = new VolumeEntry { Key = default, Defect = "spec is missing" };
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "metadata"u8))
            {
                metadata = Metadata.Read(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "spec"u8))
            {
                volume = ReadSpec(ref reader, volume);
            }
            else if (JsonWalk.Is(ref reader, "status"u8))
            {
                volume = ReadStatus(ref reader, volume);
            }
            else
            {
                reader.Skip();
            }
        }

        return Complete(volume, metadata);
    }

    private static VolumeEntry Complete(VolumeEntry volume, Metadata metadata) => volume with
    {
        Key = ObjectKey.Cluster(metadata.Name),
        Uid = metadata.Uid,
        ResourceVersion = metadata.ResourceVersion,
        IsDeleting = metadata.IsDeleting,
        Labels = metadata.Labels,
        Annotations = metadata.Annotations,
        Finalizers = metadata.Finalizers,
        ClassName = metadata.Annotations[WellKnown.BetaStorageClass] ?? volume.ClassName,
    };

    private static VolumeEntry ReadSpec(ref Utf8JsonReader reader, VolumeEntry volume)
    {
        if (!JsonWalk.EnterObject(ref reader))
        {
            return volume;
        }

        var (capacity, modes, className, policy, mode, attributes) = ("", AccessModeList.Empty, "", ReclaimPolicies.Retain, "", "");
        var source = VolumeSource.None;
        ClaimReference? claimRef = null;
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "capacity"u8))
            {
                capacity = SpecText.Storage(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "accessModes"u8))
            {
                modes = SharedModes.Get(JsonWalk.Texts(ref reader));
            }
            else if (JsonWalk.Is(ref reader, "storageClassName"u8))
            {
                className = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "persistentVolumeReclaimPolicy"u8))
            {
                policy = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "volumeMode"u8))
            {
                mode = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "volumeAttributesClassName"u8))
            {
                attributes = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "claimRef"u8))
            {
                claimRef = ReadClaimRef(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "mountOptions"u8) || JsonWalk.Is(ref reader, "nodeAffinity"u8))
            {
                reader.Skip();
            }
            else
            {
                // The API server allows exactly one source, and it is the one remaining field of an object's shape.
                source = ReadSource(ref reader, source);
            }
        }

        var (size, defect) = SpecText.Size(capacity, "spec.capacity.storage");
        return volume with
        {
            Capacity = size,
            CapacityText = capacity,
            AccessModes = modes,
            ClassName = className,
            ReclaimPolicy = policy.Length == 0 ? ReclaimPolicies.Retain : policy,
            VolumeMode = SpecText.Mode(mode),
            AttributesClassName = attributes,
            ClaimRef = claimRef,
            Source = source,
            Defect = defect,
        };
    }

    private static ClaimReference? ReadClaimRef(ref Utf8JsonReader reader)
    {
        if (!JsonWalk.EnterObject(ref reader))
        {
            return null;
        }

        var (@namespace, name, uid) = ("", "", "");
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "namespace"u8))
            {
                @namespace = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "name"u8))
            {
                name = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "uid"u8))
            {
                uid = JsonWalk.Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return new ClaimReference(@namespace, name, uid);
    }

    private static VolumeSource ReadSource(ref Utf8JsonReader reader, VolumeSource known)
    {
        var plugin = JsonWalk.Name(ref reader);
        if (!JsonWalk.EnterObject(ref reader))
        {
            return known;
        }

        string? driver = null, path = null, server = null, handle = null;
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "driver"u8))
            {
                driver = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "path"u8))
            {
                path = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "server"u8))
            {
                server = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "volumeHandle"u8))
            {
                handle = JsonWalk.Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return new VolumeSource(plugin, driver, path, server, handle);
    }

    private static VolumeEntry ReadStatus(ref Utf8JsonReader reader, VolumeEntry volume)
    {
        if (!JsonWalk.EnterObject(ref reader))
        {
            return volume;
        }

        var (phase, message) = ("", "");
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "phase"u8))
            {
                phase = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "message"u8))
            {
                message = JsonWalk.Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return volume with { Phase = phase, Message = message };
    }
}
