using System.Text.Json;

namespace StorageOperator.Model.Reading;

/// <summary>Reads PersistentVolumeClaims from the API server's JSON in one pass.</summary>
public static class ClaimReader
{
    /// <summary>Reads the object whose start the reader stands on, and leaves the reader on its end.</summary>
    /// <exception cref="JsonException">The bytes are not JSON.</exception>
    public static ClaimEntry Read(ref Utf8JsonReader reader)
    {
        var metadata = Metadata.None;
        var claim = new ClaimEntry { Key = default, Defect = "spec is missing" };
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "metadata"u8))
            {
                metadata = Metadata.Read(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "spec"u8))
            {
                claim = ReadSpec(ref reader, claim);
            }
            else if (JsonWalk.Is(ref reader, "status"u8))
            {
                claim = ReadStatus(ref reader, claim);
            }
            else
            {
                reader.Skip();
            }
        }

        return claim with
        {
            Key = metadata.Key,
            Uid = metadata.Uid,
            ResourceVersion = metadata.ResourceVersion,
            IsDeleting = metadata.IsDeleting,
            Annotations = metadata.Annotations,
            Finalizers = metadata.Finalizers,
            ControllerUid = metadata.ControllerUid,
        };
    }

    private static ClaimEntry ReadSpec(ref Utf8JsonReader reader, ClaimEntry claim)
    {
        if (!JsonWalk.EnterObject(ref reader))
        {
            return claim;
        }

        var (request, mode, attributes, volumeName) = ("", "", "", "");
        string? className = null;
        var modes = AccessModeList.Empty;
        var hasDataSource = false;
        (LabelSelector? Selector, string? Defect) selector = default;
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "resources"u8))
            {
                request = ReadRequest(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "accessModes"u8))
            {
                modes = SharedModes.Get(JsonWalk.Texts(ref reader));
            }
            else if (JsonWalk.Is(ref reader, "storageClassName"u8))
            {
                reader.Read();
                className = reader.TokenType == JsonTokenType.Null ? null : JsonWalk.CurrentText(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "volumeMode"u8))
            {
                mode = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "volumeAttributesClassName"u8))
            {
                attributes = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "volumeName"u8))
            {
                volumeName = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "selector"u8))
            {
                selector = SelectorReader.Read(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "dataSource"u8) || JsonWalk.Is(ref reader, "dataSourceRef"u8))
            {
                hasDataSource |= JsonWalk.PassObject(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        var (size, defect) = SpecText.Size(request, "spec.resources.requests.storage");
        return claim with
        {
            Request = size,
            RequestText = request,
            AccessModes = modes,
            SpecClassName = className,
            VolumeMode = SpecText.Mode(mode),
            AttributesClassName = attributes,
            VolumeName = volumeName,
            Selector = selector.Selector,
            HasDataSource = hasDataSource,
            Defect = defect ?? selector.Defect,
        };
    }

    private static string ReadRequest(ref Utf8JsonReader reader)
    {
        var request = "";
        if (!JsonWalk.EnterObject(ref reader))
        {
            return request;
        }

        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "requests"u8))
            {
                request = SpecText.Storage(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return request;
    }

    private static ClaimEntry ReadStatus(ref Utf8JsonReader reader, ClaimEntry claim)
    {
        if (!JsonWalk.EnterObject(ref reader))
        {
            return claim;
        }

        var (phase, capacity, attributes) = ("", "", "");
        var modes = AccessModeList.Empty;
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "phase"u8))
            {
                phase = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "capacity"u8))
            {
                capacity = SpecText.Storage(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "accessModes"u8))
            {
                modes = SharedModes.Get(JsonWalk.Texts(ref reader));
            }
            else if (JsonWalk.Is(ref reader, "currentVolumeAttributesClassName"u8))
            {
                attributes = JsonWalk.Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return claim with
        {
            Phase = phase,
            StatusCapacityText = capacity,
            StatusAccessModes = modes,
            CurrentAttributesClassName = attributes,
        };
    }
}
