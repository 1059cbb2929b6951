using System.Buffers;
using System.IO.Pipelines;
using StorageOperator.Runtime.Api;

namespace StorageOperator.Runtime.Informers;

/// <summary>Cuts a stream into lines and hands them out as contiguous spans, without a string or an array per line.</summary>
internal sealed class LineReader(Stream stream) : IAsyncDisposable
{
    /// <summary>Above what an object can be (etcd refuses 1.5 MiB), so a longer line is no watch event.</summary>
    private const int LongestLine = 16 * 1024 * 1024;

    private readonly PipeReader _pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 32 * 1024, useZeroByteReads: true));
    private byte[] _joined = [];

    /// <summary>Takes one line, without its end.</summary>
    public delegate void LineHandler(ReadOnlySpan<byte> line);

    /// <summary>
    /// Waits for bytes and hands out all complete lines among them; false at the end of the stream. What is left without an end of line
    /// then is dropped: it was cut off.
    /// </summary>
    public async ValueTask<bool> ReadAsync(LineHandler handle, CancellationToken ct)
    {
        var read = await _pipe.ReadAsync(ct);
        var rest = HandOut(read.Buffer, handle);
        if (rest.Length > LongestLine)
        {
            throw new ApiException(ApiFailure.Transport, $"a line of the watch is longer than {LongestLine / (1024 * 1024)} MiB");
        }

        _pipe.AdvanceTo(rest.Start, rest.End);
        return !read.IsCompleted;
    }

    public async ValueTask DisposeAsync()
    {
        await _pipe.CompleteAsync();
        Release();
    }

    private ReadOnlySequence<byte> HandOut(ReadOnlySequence<byte> buffer, LineHandler handle)
    {
        while (buffer.PositionOf((byte)'\n') is { } end)
        {
            var line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            if (!line.IsEmpty)
            {
                handle(Contiguous(line));
            }
        }

        return buffer;
    }

    private ReadOnlySpan<byte> Contiguous(in ReadOnlySequence<byte> line)
    {
        if (line.IsSingleSegment)
        {
            return line.FirstSpan;
        }

        if (_joined.Length < line.Length)
        {
            Release();
            _joined = ArrayPool<byte>.Shared.Rent((int)line.Length);
        }

        line.CopyTo(_joined);
        return _joined.AsSpan(0, (int)line.Length);
    }

    private void Release()
    {
        if (_joined.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_joined);
            _joined = [];
        }
    }
}
