using System.Net;
using System.Net.Sockets;

namespace StorageOperator.Testing;

/// <summary>Ports on loopback that nobody listens on.</summary>
public static class FreePort
{
    /// <summary>
    /// Takes <paramref name="count"/> different free ports. Another process may take one before it is used, so whoever starts
    /// a server on it must be ready to try again with others.
    /// </summary>
    public static int[] Take(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                listeners.Add(listener);
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }
}
