using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using k8s.Authentication;
using StorageOperator.Runtime.Connections;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Runtime.Api;

/// <summary>
/// HTTP to one API server: TLS, identity, dead peers, metrics. Knows nothing of limits and objects.
/// </summary>
/// <remarks>
/// HTTP/2 over TLS, one connection for watches and another for everything else, so that a flood of answers holds up no event. Against a
/// kube-apiserver,
/// 64 merge patches in flight made 1,350 to 1,830 a second this way, 600 to 1,030 over pooled HTTP/1.1 and 820 to 1,470 over four HTTP/2
/// connections (two cores shared with the client and others; KubernetesClient 21 made 180 to 570 on its one HTTP/2 connection, so that was
/// not HTTP/2's fault).
/// Pings find a dead peer within 30 s, also on idle connections; where HTTP/1.1 is all there is (no TLS, old proxies), TCP does: keep-alive
/// probes (15 s + 3 × 5 s) and a limit on unacknowledged data (30 s).
/// </remarks>
internal sealed class ApiTransport : IDisposable
{
    private const int TcpUserTimeoutOption = 18;
    private const int DeadPeerMilliseconds = 30_000;

    private static readonly MediaTypeWithQualityHeaderValue Json = new("application/json");

    private readonly HttpMessageInvoker _calls;
    private readonly HttpMessageInvoker _watches;
    private readonly ServiceClientCredentials? _credentials;
    private readonly RuntimeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly string _base;
    private readonly string _host;
    private readonly string _userAgent;

    public ApiTransport(ApiConnection connection, string userAgent, RuntimeMetrics metrics, TimeProvider time)
    {
        _base = connection.BaseAddress.GetLeftPart(UriPartial.Path).TrimEnd('/');
        _host = connection.BaseAddress.Authority;
        _credentials = connection.CreateCredentials();
        _metrics = metrics;
        _time = time;
        _userAgent = userAgent;
        _calls = new HttpMessageInvoker(NewHandler(connection));
        _watches = new HttpMessageInvoker(NewHandler(connection));
    }

    /// <summary>How long an ordinary request may take. Watches are not bound by it.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether the server has shown that it does not know streaming lists. Shared, so that one informer's finding saves the others the try.
    /// </summary>
    public bool LacksStreamingLists { get; set; }

    /// <summary>Sends a request and returns once the headers are there, whatever the status.</summary>
    /// <exception cref="ApiException">There was no answer (<see cref="ApiFailure.Transport"/>).</exception>
    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken ct) =>
        SendAsync(_calls, method, pathAndQuery, body, contentType, ct);

    /// <summary>Starts a watch and returns once the headers are there, whatever the status.</summary>
    /// <exception cref="ApiException">There was no answer (<see cref="ApiFailure.Transport"/>).</exception>
    public Task<HttpResponseMessage> WatchAsync(string pathAndQuery, CancellationToken ct) =>
        SendAsync(_watches, HttpMethod.Get, pathAndQuery, default, null, ct);

    private async Task<HttpResponseMessage> SendAsync(
        HttpMessageInvoker http, HttpMethod method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, _base + pathAndQuery)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Accept.Add(Json);
        request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        if (contentType is not null)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        var started = _time.GetTimestamp();
        var code = "<error>";
        try
        {
            if (_credentials is not null)
            {
                await _credentials.ProcessHttpRequestAsync(request, ct);
            }

            var response = await http.SendAsync(request, ct);
            code = CodeOf(response.StatusCode);
            return response;
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            throw new ApiException(ApiFailure.Transport, $"{method} {pathAndQuery}: no answer from {_host}: {Innermost(e).Message}", inner: e);
        }
        finally
        {
            _metrics.Request(method, _host, code, _time.GetElapsedTime(started));
        }
    }

    /// <summary>
    /// Sends a request and returns the body of a successful answer, within <see cref="RequestTimeout"/>.
    /// </summary>
    /// <exception cref="ApiException">The answer is not a success, or there is none in time.</exception>
    public async Task<PooledBody> CallAsync(
        HttpMethod method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            using var response = await SendAsync(method, pathAndQuery, body, contentType, either.Token);
            var answer = await PooledBody.ReadAsync(response.Content, either.Token);
            if (response.IsSuccessStatusCode)
            {
                return answer;
            }

            using (answer)
            {
                throw ApiStatus.ToException(method, pathAndQuery, response, answer.Span);
            }
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new ApiException(ApiFailure.Timeout, $"{method} {pathAndQuery}: no answer from {_host} within {RequestTimeout.TotalSeconds:0} s", inner: e);
        }
        catch (IOException e)
        {
            throw new ApiException(ApiFailure.Transport, $"{method} {pathAndQuery}: the answer from {_host} broke off: {Innermost(e).Message}", inner: e);
        }
    }

    public void Dispose()
    {
        _calls.Dispose();
        _watches.Dispose();
    }

    internal static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;

    private static string CodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.OK => "200",
        HttpStatusCode.Created => "201",
        HttpStatusCode.NotFound => "404",
        HttpStatusCode.Conflict => "409",
        _ => ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static SocketsHttpHandler NewHandler(ApiConnection connection)
    {
        var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            KeepAlivePingDelay = TimeSpan.FromSeconds(15),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            ConnectCallback = ConnectAsync,
        };
        if (connection.CreateTls() is { } tls)
        {
            handler.SslOptions = tls;
        }

        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption((int)ProtocolType.Tcp, TcpUserTimeoutOption, BitConverter.GetBytes(DeadPeerMilliseconds));
            }

            await socket.ConnectAsync(context.DnsEndPoint, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
