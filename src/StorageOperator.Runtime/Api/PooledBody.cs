using System.Buffers;

namespace StorageOperator.Runtime.Api;

/// <summary>The body of an answer in a rented buffer. Dispose it exactly once.</summary>
internal readonly struct PooledBody : IDisposable
{
    private const int FirstGuess = 8 * 1024;

    private readonly byte[] _buffer;
    private readonly int _length;

    private PooledBody(byte[] buffer, int length)
    {
        _buffer = buffer;
        _length = length;
    }

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, _length);

    public static async Task<PooledBody> ReadAsync(HttpContent content, CancellationToken ct)
    {
        await using var stream = await content.ReadAsStreamAsync(ct);

        // One byte more than announced, so that the read that finds the end needs no bigger buffer.
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp((content.Headers.ContentLength ?? FirstGuess) + 1, 1, Array.MaxLength));
        var length = 0;
        try
        {
            while (await stream.ReadAsync(buffer.AsMemory(length), ct) is > 0 and var read)
            {
                length += read;
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, length);
                }
            }

            return new PooledBody(buffer, length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private static byte[] Grow(byte[] buffer, int length)
    {
        var bigger = ArrayPool<byte>.Shared.Rent(checked(buffer.Length * 2));
        buffer.AsSpan(0, length).CopyTo(bigger);
        ArrayPool<byte>.Shared.Return(buffer);
        return bigger;
    }
}
