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
        var claim = new ClaimEntry { Key = default };
        var hasSpec = false;
        while (JsonWalk.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                metadata = Metadata.Read(ref reader);
            }
            else if (reader.ValueTextEquals("spec"u8))
            {
                hasSpec = true;
                claim = ReadSpec(ref reader, claim);
            }
            else if (reader.ValueTextEquals("status"u8))
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
            Defect = hasSpec ? claim.Defect : "spec is missing",
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
            if (reader.ValueTextEquals("resources"u8))
            {
                request = ReadRequest(ref reader);
            }
            else if (reader.ValueTextEquals("accessModes"u8))
            {
                modes = SharedModes.Get(JsonWalk.Texts(ref reader));
            }
            else if (reader.ValueTextEquals("storageClassName"u8))
            {
                reader.Read();
                className = reader.TokenType == JsonTokenType.Null ? null : JsonWalk.CurrentText(ref reader);
            }
            else if (reader.ValueTextEquals("volumeMode"u8))
            {
                mode = JsonWalk.Text(ref reader);
            }
            else if (reader.ValueTextEquals("volumeAttributesClassName"u8))
            {
                attributes = JsonWalk.Text(ref reader);
            }
            else if (reader.ValueTextEquals("volumeName"u8))
            {
                volumeName = JsonWalk.Text(ref reader);
            }
            else if (reader.ValueTextEquals("selector"u8))
            {
                selector = SelectorReader.Read(ref reader);
            }
            else if (reader.ValueTextEquals("dataSource"u8) || reader.ValueTextEquals("dataSourceRef"u8))
            {
                hasDataSource |= JsonWalk.EnterObject(ref reader);
                SkipRest(ref reader);
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

    // After EnterObject said yes the reader is inside; after it said no it is already past the value.
    private static void SkipRest(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (JsonWalk.NextProperty(ref reader))
        {
            reader.Skip();
        }
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
            if (reader.ValueTextEquals("requests"u8))
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
            if (reader.ValueTextEquals("phase"u8))
            {
                phase = JsonWalk.Text(ref reader);
            }
            else if (reader.ValueTextEquals("capacity"u8))
            {
                capacity = SpecText.Storage(ref reader);
            }
            else if (reader.ValueTextEquals("accessModes"u8))
            {
                modes = SharedModes.Get(JsonWalk.Texts(ref reader));
            }
            else if (reader.ValueTextEquals("currentVolumeAttributesClassName"u8))
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
