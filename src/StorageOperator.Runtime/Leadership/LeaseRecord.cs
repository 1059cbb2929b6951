using System.Buffers;
using System.Globalization;
using System.Text.Json;
using StorageOperator.Model;

namespace StorageOperator.Runtime.Leadership;

/// <summary>The parts of a Lease that an election is about.</summary>
internal sealed record LeaseRecord(
    string ResourceVersion, string Holder, int DurationSeconds, DateTimeOffset? AcquireTime, DateTimeOffset? RenewTime, int Transitions)
{
    /// <summary>MicroTime, as Kubernetes writes it.</summary>
    internal const string MicroTime = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static LeaseRecord Parse(ReadOnlySpan<byte> json)
    {
        using var document = JsonDocument.Parse(json.ToArray());
        var version = document.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString() ?? "";

        // A Lease made by hand may have no spec, or a spec without any of these.
        var spec = document.RootElement.TryGetProperty("spec", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        return new LeaseRecord(
            version, Text(spec, "holderIdentity") ?? "", Number(spec, "leaseDurationSeconds"), Time(spec, "acquireTime"), Time(spec, "renewTime"),
            Number(spec, "leaseTransitions"));
    }

    /// <summary>The whole object to create, or with no name the merge patch that is conditional on the version.</summary>
    public ReadOnlyMemory<byte> ToJson(ObjectKey? create)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (create is not null)
        {
            json.WriteString("apiVersion"u8, ResourceTypes.Lease.ApiVersion);
            json.WriteString("kind"u8, ResourceTypes.Lease.Kind);
        }

        json.WriteStartObject("metadata"u8);
        if (create is { } key)
        {
            json.WriteString("namespace"u8, key.Namespace);
            json.WriteString("name"u8, key.Name);
        }
        else
        {
            json.WriteString("resourceVersion"u8, ResourceVersion);
        }

        json.WriteEndObject();
        WriteSpec(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private void WriteSpec(Utf8JsonWriter json)
    {
        json.WriteStartObject("spec"u8);
        json.WriteString("holderIdentity"u8, Holder);
        json.WriteNumber("leaseDurationSeconds"u8, DurationSeconds);
        json.WriteNumber("leaseTransitions"u8, Transitions);
        WriteTime(json, "acquireTime", AcquireTime);
        WriteTime(json, "renewTime", RenewTime);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at)
        {
            json.WriteString(name, at.UtcDateTime.ToString(MicroTime, CultureInfo.InvariantCulture));
        }
    }

    private static string? Text(JsonElement spec, string name) =>
        spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static int Number(JsonElement spec, string name) =>
        spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetInt32()
            : 0;

    private static DateTimeOffset? Time(JsonElement spec, string name) =>
        DateTimeOffset.TryParse(Text(spec, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
