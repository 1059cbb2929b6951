using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Text;

namespace StorageOperator.DevCluster.Storage;

/// <summary>
/// Keeps a store across restarts: a snapshot and an append-only log of the writes since. Every write reaches the operating system
/// before it is acknowledged, so it survives the death of the process (not that of the machine: nothing is fsynced). A record cut off
/// in the middle, as kill -9 may leave it, ends the log.
/// </summary>
internal sealed class StoreLog : IDisposable
{
    private const long SnapshotEvery = 64 << 20;
    private const int FrameLength = 8;

    private readonly string _directory;
    private readonly long _snapshotEvery;
    private readonly ArrayBufferWriter<byte> _record = new(4096);
    private FileStream? _file;
    private Task _snapshot = Task.CompletedTask;

    /// <param name="directory">Where the files live; made when missing.</param>
    /// <param name="snapshotEvery">Length of the log, in bytes, after which a snapshot is written and a new log begun.</param>
    public StoreLog(string directory, long snapshotEvery = SnapshotEvery)
    {
        _directory = Directory.CreateDirectory(directory).FullName;
        _snapshotEvery = snapshotEvery;
    }

    /// <summary>Whether the log has grown long enough and no snapshot is being written.</summary>
    public bool WantsSnapshot => _file!.Length >= _snapshotEvery && _snapshot.IsCompleted;

    /// <summary>Loads what was kept and opens a log for what follows.</summary>
    public void Restore(ObjectStore store)
    {
        long snapshot = Files("snapshot").LastOrDefault();
        if (snapshot > 0)
        {
            LoadSnapshot(store, snapshot);
        }
        foreach (long log in Files("log").Where(log => log >= snapshot))
        {
            ReplayLog(store, PathOf("log", log), snapshot);
        }
        OpenLog(store.Revision);
    }

    /// <summary>Appends a write.</summary>
    public void Append(StoreEvent written)
    {
        _record.ResetWrittenCount();
        Frame(_record, (byte)written.Type, written.Resource, written.Object);
        _file!.Write(_record.WrittenSpan);
    }

    /// <summary>Begins a new log and writes the given state, which is immutable, beside it in the background.</summary>
    public void StartSnapshot(long revision, IReadOnlyList<(string Resource, ImmutableSortedSet<StoredObject> Objects)> state)
    {
        _file!.Dispose();
        OpenLog(revision);
        _snapshot = Task.Run(() => WriteSnapshot(revision, state));
    }

    /// <summary>Waits for a snapshot under way, then closes the log.</summary>
    public void Dispose()
    {
        ((IAsyncResult)_snapshot).AsyncWaitHandle.WaitOne();
        _file?.Dispose();
    }

    private void OpenLog(long revision) => _file = new FileStream(
        PathOf("log", revision), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    private void WriteSnapshot(long revision, IReadOnlyList<(string Resource, ImmutableSortedSet<StoredObject> Objects)> state)
    {
        string path = PathOf("snapshot", revision);
        using (var file = new FileStream(path + ".part", FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            var record = new ArrayBufferWriter<byte>(4096);
            foreach ((string resource, ImmutableSortedSet<StoredObject> objects) in state)
            {
                foreach (StoredObject stored in objects)
                {
                    record.ResetWrittenCount();
                    Frame(record, (byte)StoreEventType.Added, resource, stored);
                    file.Write(record.WrittenSpan);
                }
            }
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".part", path, overwrite: true);
        // Only now is what came before superfluous.
        foreach (string kind in (string[])["snapshot", "log"])
        {
            foreach (long old in Files(kind).Where(old => old < revision))
            {
                File.Delete(PathOf(kind, old));
            }
        }
    }

    private void LoadSnapshot(ObjectStore store, long revision) => store.Load(
        revision,
        Records(PathOf("snapshot", revision))
            .GroupBy(record => record.Resource)
            .Select(resource => (resource.Key, resource.Select(record => record.Object))));

    private static void ReplayLog(ObjectStore store, string path, long snapshot)
    {
        foreach ((StoreEventType type, string resource, StoredObject stored) in Records(path))
        {
            if (stored.Revision > snapshot)
            {
                store.Replay(type, resource, stored);
            }
        }
    }

    private IEnumerable<long> Files(string kind) => Directory.EnumerateFiles(_directory, kind + "-*")
        .Select(path => long.TryParse(Path.GetFileName(path)[(kind.Length + 1)..], out long revision) ? revision : -1)
        .Where(revision => revision >= 0)
        .Order();

    private string PathOf(string kind, long revision) => Path.Combine(_directory, $"{kind}-{revision:d20}");

    // Frame: length of the payload, its CRC-32C; payload: type, revision, resource, key, body, the strings with their length before them.
    private static void Frame(ArrayBufferWriter<byte> record, byte type, string resource, StoredObject stored)
    {
        record.GetSpan(FrameLength);
        record.Advance(FrameLength);
        record.GetSpan(9)[0] = type;
        BinaryPrimitives.WriteInt64LittleEndian(record.GetSpan(9)[1..], stored.Revision);
        record.Advance(9);
        WriteBytes(record, Encoding.UTF8.GetBytes(resource));
        WriteBytes(record, Encoding.UTF8.GetBytes(stored.Key));
        WriteBytes(record, stored.Body.Span);
        ReadOnlySpan<byte> payload = record.WrittenSpan[FrameLength..];
        Span<byte> frame = System.Runtime.InteropServices.MemoryMarshal.AsMemory(record.WrittenMemory).Span;
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum(payload));
    }

    private static void WriteBytes(ArrayBufferWriter<byte> record, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record.GetSpan(4), bytes.Length);
        record.Advance(4);
        record.Write(bytes);
    }

    // A damaged end is cut off the file, so that what is appended next follows on whole records.
    private static IEnumerable<(StoreEventType Type, string Resource, StoredObject Object)> Records(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        int position = 0;
        while (TryReadFrame(content, position, out int length))
        {
            yield return ReadPayload(content.AsMemory(position + FrameLength, length));
            position += FrameLength + length;
        }
        if (position < content.Length)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.SetLength(position);
        }
    }

    private static bool TryReadFrame(ReadOnlySpan<byte> content, int position, out int length)
    {
        length = 0;
        if (content.Length - position < FrameLength)
        {
            return false;
        }
        ReadOnlySpan<byte> frame = content[position..];
        length = BinaryPrimitives.ReadInt32LittleEndian(frame);
        return length > 0 && length <= frame.Length - FrameLength
            && Checksum(frame.Slice(FrameLength, length)) == BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]);
    }

    private static (StoreEventType Type, string Resource, StoredObject Object) ReadPayload(ReadOnlyMemory<byte> payload)
    {
        var type = (StoreEventType)payload.Span[0];
        long revision = BinaryPrimitives.ReadInt64LittleEndian(payload.Span[1..]);
        ReadOnlyMemory<byte> rest = payload[9..];
        string resource = Encoding.UTF8.GetString(NextBytes(ref rest).Span);
        string key = Encoding.UTF8.GetString(NextBytes(ref rest).Span);
        return (type, resource, StoredObject.FromBody(key, revision, NextBytes(ref rest).ToArray()));
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }
        foreach (byte single in bytes)
        {
            sum = BitOperations.Crc32C(sum, single);
        }
        return ~sum;
    }

    private static ReadOnlyMemory<byte> NextBytes(ref ReadOnlyMemory<byte> rest)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
        ReadOnlyMemory<byte> bytes = rest.Slice(4, length);
        rest = rest[(4 + length)..];
        return bytes;
    }
}
