using System.Text.Json;

namespace StorageOperator.Model.Reading;

/// <summary>Reads StorageClasses from the API server's JSON in one pass.</summary>
public static class ClassReader
{
    /// <summary>Reads the object whose start the reader stands on, and leaves the reader on its end.</summary>
    /// <exception cref="JsonException">The bytes are not JSON.</exception>
    public static ClassEntry Read(ref Utf8JsonReader reader)
    {
        var metadata = Metadata.None;
        var provisioner = "";
        string? mode = null;
        var expands = false;
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "metadata"u8))
            {
                metadata = Metadata.Read(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "provisioner"u8))
            {
                provisioner = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "volumeBindingMode"u8))
            {
                mode = JsonWalk.Text(ref reader) is { Length: > 0 } text ? text : null;
            }
            else if (JsonWalk.Is(ref reader, "allowVolumeExpansion"u8))
            {
                expands = JsonWalk.Flag(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return new ClassEntry
        {
            Key = ObjectKey.Cluster(metadata.Name),
            Uid = metadata.Uid,
            ResourceVersion = metadata.ResourceVersion,
            Provisioner = provisioner,
            BindingMode = mode,
            AllowsExpansion = expands,
            IsDefault = metadata.Annotations[WellKnown.DefaultClass] == "true" || metadata.Annotations[WellKnown.BetaDefaultClass] == "true",
            CreatedAt = metadata.CreatedAt,
        };
    }
}
