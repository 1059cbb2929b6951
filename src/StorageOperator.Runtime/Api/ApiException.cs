namespace StorageOperator.Runtime.Api;

/// <summary>
/// A request that the API server refused or could not answer. The message is the server's own Status message
/// preceded by the verb and the object, fit to be shown to a person.
/// </summary>
public sealed class ApiException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ApiException(
        ApiFailure failure, string message, int? statusCode = null, string? reason = null, TimeSpan? retryAfter = null, Exception? inner = null)
        : base(message, inner)
    {
        Failure = failure;
        StatusCode = statusCode;
        Reason = reason;
        RetryAfter = retryAfter;
    }

    /// <summary>The kind of failure.</summary>
    public ApiFailure Failure { get; }

    /// <summary>The HTTP status, or null when there was no answer.</summary>
    public int? StatusCode { get; }

    /// <summary>The machine-readable reason of the server's Status, such as <c>AlreadyExists</c>, or null.</summary>
    public string? Reason { get; }

    /// <summary>How long the server asks to wait before the next try, or null.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the same request may succeed later without anybody changing it or the object.</summary>
    public bool IsTransient => Failure is ApiFailure.TooManyRequests or ApiFailure.Timeout or ApiFailure.ServerError or ApiFailure.Transport;
}
