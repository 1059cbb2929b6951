using System.Text;
using System.Text.Json;

namespace StorageOperator.Runtime.Api;

/// <summary>The parts of a <c>Status</c> object that tell why something failed.</summary>
internal readonly record struct ApiStatus(string? Message, string? Reason, int? Code, TimeSpan? RetryAfter)
{
    private const int LongestForeignText = 200;

    /// <summary>Reads a Status; null when the bytes are something else (a proxy's page, plain text).</summary>
    public static ApiStatus? TryRead(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? Read(ref reader) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Reads the Status object that the reader stands on.</summary>
    public static ApiStatus Read(ref Utf8JsonReader reader)
    {
        var status = default(ApiStatus);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("message"u8))
            {
                reader.Read();
                status = status with { Message = reader.GetString() };
            }
            else if (reader.ValueTextEquals("reason"u8))
            {
                reader.Read();
                status = status with { Reason = reader.GetString() };
            }
            else if (reader.ValueTextEquals("code"u8))
            {
                reader.Read();
                status = status with { Code = reader.GetInt32() };
            }
            else if (reader.ValueTextEquals("details"u8))
            {
                reader.Read();
                status = status with { RetryAfter = ReadRetryAfter(ref reader) };
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return status;
    }

    /// <summary>The exception for an answer that is not a success.</summary>
    public static ApiException ToException(HttpMethod method, string pathAndQuery, HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        var code = (int)response.StatusCode;
        var status = TryRead(body);
        var text = status?.Message ?? ForeignText(body);
        var retryAfter = response.Headers.RetryAfter?.Delta ?? status?.RetryAfter;
        return new ApiException(
            Classify(code, status?.Reason), $"{method} {PathOnly(pathAndQuery)}: {text} (HTTP {code})", code, status?.Reason, retryAfter);
    }

    /// <summary>The exception for an ERROR event of a watch.</summary>
    public ApiException ToException(string what) =>
        new(Classify(Code ?? 500, Reason), $"WATCH {what}: {Message ?? "unknown error"}", Code, Reason, RetryAfter);

    internal static ApiFailure Classify(int code, string? reason) => code switch
    {
        400 => ApiFailure.BadRequest,
        401 => ApiFailure.Unauthorized,
        403 => ApiFailure.Forbidden,
        404 => ApiFailure.NotFound,
        409 => reason == "AlreadyExists" ? ApiFailure.AlreadyExists : ApiFailure.Conflict,
        410 => ApiFailure.Gone,
        422 => ApiFailure.Invalid,
        429 => ApiFailure.TooManyRequests,
        408 or 504 => ApiFailure.Timeout,
        >= 500 => ApiFailure.ServerError,
        >= 400 => ApiFailure.BadRequest,
        _ => ApiFailure.Transport,
    };

    private static TimeSpan? ReadRetryAfter(ref Utf8JsonReader reader)
    {
        TimeSpan? retryAfter = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("retryAfterSeconds"u8);
            reader.Read();
            if (found)
            {
                retryAfter = TimeSpan.FromSeconds(reader.GetInt32());
            }
            else
            {
                reader.Skip();
            }
        }

        return retryAfter;
    }

    private static string PathOnly(string pathAndQuery) => pathAndQuery.Split('?', 2)[0];

    private static string ForeignText(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, LongestForeignText)]).ReplaceLineEndings(" ").Trim();
        return text.Length == 0 ? "no message" : text;
    }
}
