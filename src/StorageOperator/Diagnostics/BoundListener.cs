using System.Net;
using System.Net.Sockets;
using StorageOperator.CommandLine;

namespace StorageOperator.Diagnostics;

/// <summary>
/// A socket that is bound but does not listen yet. Binding before the web server is built names the option at fault in the error,
/// and tells the port that the system chose.
/// </summary>
internal sealed class BoundListener : IDisposable
{
    private BoundListener(Socket socket)
    {
        Socket = socket;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    public Socket Socket { get; }

    public IPEndPoint EndPoint { get; }

    /// <returns>Null when the address is switched off.</returns>
    /// <exception cref="UsageException">The address is in use, not of this machine, or not allowed.</exception>
    public static BoundListener? Bind(BindAddress address, OptionDefinition option)
    {
        if (address.EndPoint is not { } endPoint)
        {
            return null;
        }

        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endPoint);
            return new(socket);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new UsageException($"{option.Flag}: cannot listen on {address}: {Explain(failure)}.", failure);
        }
    }

    public void Dispose() => Socket.Dispose();

    private static string Explain(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "another program uses it; stop that one or choose another port (port 0 lets the system choose)",
        SocketError.AddressNotAvailable => "this machine has no such address; choose one of its own or leave the host out",
        SocketError.AccessDenied => "only a privileged process may use it; choose a port above 1023",
        _ => failure.Message,
    };
}
