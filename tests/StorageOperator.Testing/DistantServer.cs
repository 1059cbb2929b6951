using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace StorageOperator.Testing;

/// <summary>
/// Makes a server on loopback as far away as one wants: a port that passes on what it gets, both ways, after a delay. What takes
/// long through it has gone to and fro often.
/// </summary>
public sealed class DistantServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;
    private long _delayTicks;

    /// <param name="target">The port on loopback of the server itself.</param>
    public DistantServer(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How long everything takes one way; zero at first.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task Accept()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(Serve(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task Serve(Socket client)
    {
        using var near = client;
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.NoDelay = far.NoDelay = true;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            // When one side has said its last word, the other is told so and may still answer.
            await Task.WhenAll(Pass(near, far), Pass(far, near));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // A connection that breaks on one side is broken on the other by its disposal here.
        }
    }

    private async Task Pass(Socket from, Socket to)
    {
        var underway = Channel.CreateUnbounded<(byte[] Bytes, long Sent)>();
        var arriving = Arrive(underway.Reader, to);
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
        {
            await underway.Writer.WriteAsync((buffer[..count], TimeProvider.System.GetTimestamp()), _stop.Token);
        }

        underway.Writer.Complete();
        await arriving;
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task Arrive(ChannelReader<(byte[] Bytes, long Sent)> underway, Socket to)
    {
        await foreach (var (bytes, sent) in underway.ReadAllAsync(_stop.Token))
        {
            var left = Delay - TimeProvider.System.GetElapsedTime(sent);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, TimeProvider.System, _stop.Token);
            }

            await to.SendAsync(bytes, _stop.Token);
        }
    }
}
