namespace StorageOperator.Runtime.Api;

/// <summary>Why a request to the API server failed, as far as a caller decides differently on it.</summary>
public enum ApiFailure
{
    /// <summary>409: the object has changed since the version the request carried. Observe again.</summary>
    Conflict,

    /// <summary>409 with reason AlreadyExists: a create met an object of that name.</summary>
    AlreadyExists,

    /// <summary>404: the object, or the whole kind, does not exist.</summary>
    NotFound,

    /// <summary>410: the version or continue token asked for is compacted away. List again.</summary>
    Gone,

    /// <summary>429: the server sheds load; wait for <see cref="ApiException.RetryAfter"/>.</summary>
    TooManyRequests,

    /// <summary>The request was not answered in time, by the server's judgement (504, 408) or by ours.</summary>
    Timeout,

    /// <summary>422: the object breaks a validation rule.</summary>
    Invalid,

    /// <summary>Another 4xx: the request itself is wrong.</summary>
    BadRequest,

    /// <summary>403: the identity may not do this.</summary>
    Forbidden,

    /// <summary>401: the credentials are not accepted.</summary>
    Unauthorized,

    /// <summary>5xx: the server failed.</summary>
    ServerError,

    /// <summary>No answer came: connection refused, reset, TLS, DNS, or an answer that is not of the API.</summary>
    Transport,
}
