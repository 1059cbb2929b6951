using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using StorageOperator.Model;
using StorageOperator.Runtime.Leadership;

namespace StorageOperator.Runtime.Events;

/// <summary>Events as events.k8s.io/v1 writes them, within the limits its validation sets.</summary>
internal static class EventJson
{
    private const int LongestNote = 1024;
    private const int LongestWord = 128;
    private const int LongestName = 253;

    /// <summary>A name as client-go makes it: the object's, and the time in hexadecimal nanoseconds.</summary>
    public static string NameFor(string subject, DateTimeOffset at)
    {
        var suffix = ((at - DateTimeOffset.UnixEpoch).Ticks * 100).ToString("x", CultureInfo.InvariantCulture);
        var stem = subject.Length + 1 + suffix.Length <= LongestName ? subject : subject[..(LongestName - 1 - suffix.Length)].TrimEnd('.', '-');
        return $"{stem}.{suffix}";
    }

    /// <summary>The event to create.</summary>
    public static ReadOnlyMemory<byte> Create(EventSeries series, EventSource source) => Write(json =>
    {
        var about = series.Event;
        json.WriteString("apiVersion"u8, ResourceTypes.Event.ApiVersion);
        json.WriteString("kind"u8, ResourceTypes.Event.Kind);
        json.WriteStartObject("metadata"u8);
        json.WriteString("namespace"u8, series.Namespace);
        json.WriteString("name"u8, series.Name);
        json.WriteEndObject();
        json.WriteString("eventTime"u8, Time(series.First));
        json.WriteString("reportingController"u8, source.Controller);
        json.WriteString("reportingInstance"u8, Cut(source.Instance, LongestWord));
        json.WriteString("action"u8, Cut(about.Action, LongestWord));
        json.WriteString("reason"u8, Cut(about.Reason, LongestWord));
        json.WriteString("note"u8, Cut(about.Note, LongestNote));
        json.WriteString("type"u8, about.EventType == EventType.Warning ? "Warning"u8 : "Normal"u8);
        WriteReference(json, "regarding", new EventSubject(about.Type, about.Key, about.Uid, series.SubjectVersion));
        if (series.Related is { } related)
        {
            WriteReference(json, "related", related);
        }

        if (series.Count > 1)
        {
            WriteSeries(json, series);
        }
    });

    /// <summary>The merge patch that tells how often it has happened by now.</summary>
    public static ReadOnlyMemory<byte> Series(EventSeries series) => Write(json => WriteSeries(json, series));

    /// <summary>At most so many bytes of UTF-8, never half a character.</summary>
    internal static string Cut(string text, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytes)
        {
            return text;
        }

        var length = 0;
        var used = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            used += rune.Utf8SequenceLength;
            if (used > bytes - 3)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length] + "...";
    }

    private static void WriteSeries(Utf8JsonWriter json, EventSeries series)
    {
        json.WriteStartObject("series"u8);
        json.WriteNumber("count"u8, series.Count);
        json.WriteString("lastObservedTime"u8, Time(series.Last));
        json.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter json, string property, EventSubject subject)
    {
        json.WriteStartObject(property);
        json.WriteString("apiVersion"u8, subject.Type.ApiVersion);
        json.WriteString("kind"u8, subject.Type.Kind);
        if (subject.Key.Namespace.Length > 0)
        {
            json.WriteString("namespace"u8, subject.Key.Namespace);
        }

        json.WriteString("name"u8, subject.Key.Name);
        if (subject.Uid.Length > 0)
        {
            json.WriteString("uid"u8, subject.Uid);
        }

        if (subject.ResourceVersion > 0)
        {
            json.WriteString("resourceVersion"u8, subject.ResourceVersion.ToString(CultureInfo.InvariantCulture));
        }

        json.WriteEndObject();
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        content(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString(LeaseRecord.MicroTime, CultureInfo.InvariantCulture);
}
