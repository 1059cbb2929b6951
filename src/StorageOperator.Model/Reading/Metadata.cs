using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace StorageOperator.Model.Reading;

/// <summary>What every kind's reader takes from metadata.</summary>
internal struct Metadata
{
    public string Namespace;
    public string Name;
    public string Uid;
    public ulong ResourceVersion;
    public bool IsDeleting;
    public long? DeletionGraceSeconds;
    public string CreatedAt;
    public KeyValueSet Labels;
    public KeyValueSet Annotations;
    public ImmutableArray<string> Finalizers;
    public string ControllerUid;

    public static Metadata None => new()
    {
        Namespace = "",
        Name = "",
        Uid = "",
        CreatedAt = "",
        Finalizers = [],
        ControllerUid = "",
    };

    public readonly ObjectKey Key => new(Namespace, Name);

    /// <summary>Reads the value of the metadata property that the reader stands on.</summary>
    public static Metadata Read(ref Utf8JsonReader reader)
    {
        var read = None;
        if (!JsonWalk.EnterObject(ref reader))
        {
            return read;
        }

        while (JsonWalk.NextProperty(ref reader))
        {
            read.ReadProperty(ref reader);
        }

        return read;
    }

    private void ReadProperty(ref Utf8JsonReader reader)
    {
        if (JsonWalk.Is(ref reader, "name"u8))
        {
            Name = JsonWalk.Text(ref reader);
        }
        else if (JsonWalk.Is(ref reader, "namespace"u8))
        {
            Namespace = JsonWalk.Text(ref reader);
        }
        else if (JsonWalk.Is(ref reader, "uid"u8))
        {
            Uid = JsonWalk.Text(ref reader);
        }
        else if (JsonWalk.Is(ref reader, "resourceVersion"u8))
        {
            _ = ulong.TryParse(JsonWalk.Text(ref reader), NumberStyles.None, CultureInfo.InvariantCulture, out ResourceVersion);
        }
        else if (JsonWalk.Is(ref reader, "deletionTimestamp"u8))
        {
            IsDeleting = JsonWalk.Text(ref reader).Length > 0;
        }
        else if (JsonWalk.Is(ref reader, "deletionGracePeriodSeconds"u8))
        {
            DeletionGraceSeconds = JsonWalk.Number(ref reader);
        }
        else if (JsonWalk.Is(ref reader, "creationTimestamp"u8))
        {
            CreatedAt = JsonWalk.Text(ref reader);
        }
        else if (JsonWalk.Is(ref reader, "labels"u8))
        {
            Labels = JsonWalk.Map(ref reader);
        }
        else if (JsonWalk.Is(ref reader, "annotations"u8))
        {
            Annotations = JsonWalk.Map(ref reader, relevantOnly: true);
        }
        else if (JsonWalk.Is(ref reader, "finalizers"u8))
        {
            Finalizers = JsonWalk.Texts(ref reader);
        }
        else if (JsonWalk.Is(ref reader, "ownerReferences"u8))
        {
            ControllerUid = ReadControllerUid(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private static string ReadControllerUid(ref Utf8JsonReader reader)
    {
        var controllerUid = "";
        if (!JsonWalk.EnterArray(ref reader))
        {
            return controllerUid;
        }

        while (JsonWalk.NextElement(ref reader))
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var (uid, isController) = ("", false);
            while (JsonWalk.NextProperty(ref reader))
            {
                if (JsonWalk.Is(ref reader, "uid"u8))
                {
                    uid = JsonWalk.Text(ref reader);
                }
                else if (JsonWalk.Is(ref reader, "controller"u8))
                {
                    isController = JsonWalk.Flag(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }

            controllerUid = isController ? uid : controllerUid;
        }

        return controllerUid;
    }
}
