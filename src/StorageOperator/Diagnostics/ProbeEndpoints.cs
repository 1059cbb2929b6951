using System.Text;

namespace StorageOperator.Diagnostics;

/// <summary>
/// <c>/healthz</c> and <c>/livez</c>: the process answers. <c>/readyz</c>: the caches are synced; with <c>?verbose</c>, or when it is not
/// ready, one line a check.
/// </summary>
internal sealed class ProbeEndpoints(OperatorState state)
{
    /// <returns>False when the path is none of these.</returns>
    public async Task<bool> TryAnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/healthz" or "/livez":
                await WriteAsync(context, StatusCodes.Status200OK, "ok");
                return true;
            case "/readyz":
                await AnswerReadyAsync(context);
                return true;
            default:
                return false;
        }
    }

    private Task AnswerReadyAsync(HttpContext context)
    {
        var ready = state.IsReady;
        var status = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return ready && !context.Request.Query.ContainsKey("verbose")
            ? WriteAsync(context, status, "ok")
            : WriteAsync(context, status, Verbose(ready));
    }

    private string Verbose(bool ready)
    {
        var text = new StringBuilder();
        foreach (var check in state.Checks())
        {
            text.Append(check.ToString()).Append('\n');
        }

        if (state.Operator is { } status)
        {
            text.Append(status.Describe().TrimEnd()).Append('\n');
        }

        return text.Append(ready ? "readyz check passed\n" : "readyz check failed\n").ToString();
    }

    private static Task WriteAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(body, context.RequestAborted);
    }
}
