using System.Text.Json;

namespace StorageOperator.Model.Reading;

/// <summary>The small shapes that claims and volumes share.</summary>
internal static class SpecText
{
    /// <summary>The storage quantity of a resource list such as <c>{"storage": "5Gi"}</c>, as written.</summary>
    public static string Storage(ref Utf8JsonReader reader)
    {
        var text = "";
        if (!JsonWalk.EnterObject(ref reader))
        {
            return text;
        }

        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "storage"u8))
            {
                text = JsonWalk.Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return text;
    }

    /// <summary>A volume mode; absent and empty mean Filesystem.</summary>
    public static VolumeMode Mode(string text) => text switch
    {
        "" or "Filesystem" => VolumeMode.Filesystem,
        "Block" => VolumeMode.Block,
        _ => VolumeMode.Unknown,
    };

    /// <summary>A size, with the defect to report when it is none or not positive.</summary>
    public static (Quantity? Size, string? Defect) Size(string text, string field)
    {
        if (text.Length == 0)
        {
            return (null, $"{field} is missing");
        }

        if (!Quantity.TryParse(text, out var quantity))
        {
            return (null, $"{field} is \"{text}\", which is not a quantity such as 500Mi or 10Gi");
        }

        return quantity.Bytes > 0 ? (quantity, null) : (null, $"{field} is {text}, but a size must be greater than zero");
    }
}
