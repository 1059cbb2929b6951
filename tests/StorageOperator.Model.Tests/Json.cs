using System.Buffers;
using System.Text;
using System.Text.Json;
using StorageOperator.Model.Reading;

namespace StorageOperator.Model.Tests;

/// <summary>Objects as bytes, whole or in pieces, and read.</summary>
internal static class Json
{
    public delegate IEntry? Reading(ref Utf8JsonReader reader);

    public static readonly IReadOnlyDictionary<string, Reading> Readers = new Dictionary<string, Reading>
    {
        ["claim"] = ClaimReader.Read,
        ["volume"] = VolumeReader.Read,
        ["class"] = ClassReader.Read,
        ["pod"] = PodReader.Read,
    };

    public static ClaimEntry Claim(string json) => (ClaimEntry)Read(ClaimReader.Read, Whole(json))!;

    public static VolumeEntry Volume(string json) => (VolumeEntry)Read(VolumeReader.Read, Whole(json))!;

    public static ClassEntry Class(string json) => (ClassEntry)Read(ClassReader.Read, Whole(json))!;

    public static PodEntry? Pod(string json) => (PodEntry?)Read(PodReader.Read, Whole(json));

    /// <summary>Reads an object that stands between others and makes sure that the reader was left on its end.</summary>
    public static IEntry? Read(Reading reading, ReadOnlySequence<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        while (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Read();
        }

        var depth = reader.CurrentDepth;
        var entry = reading(ref reader);

        Assert.Equal((JsonTokenType.EndObject, depth), (reader.TokenType, reader.CurrentDepth));
        Assert.True(reader.Read() && reader.TokenType == JsonTokenType.Number && reader.GetInt32() == 42);
        return entry;
    }

    public static ReadOnlySequence<byte> Whole(string json) => new(Encoding.UTF8.GetBytes($"[{json},42]"));

    /// <summary>The same bytes in segments of one length, so that tokens cross from one to the next.</summary>
    public static ReadOnlySequence<byte> InPieces(string json, int length)
    {
        var bytes = Encoding.UTF8.GetBytes($"[{json},42]");
        var first = new Segment(bytes.AsMemory(0, Math.Min(length, bytes.Length)), 0);
        var last = first;
        for (var at = length; at < bytes.Length; at += length)
        {
            last = last.Then(bytes.AsMemory(at, Math.Min(length, bytes.Length - at)));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>Everything in an entry, for comparing: records compare their lists by reference.</summary>
    public static string Picture(IEntry? entry) => entry is null ? "nothing" : JsonSerializer.Serialize(entry, entry.GetType());

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long at) => (Memory, RunningIndex) = (memory, at);

        public Segment Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
