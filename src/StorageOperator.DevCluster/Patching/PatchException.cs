namespace StorageOperator.DevCluster.Patching;

/// <summary>
/// A patch that cannot be read or does not apply, as the API server reports it: <see cref="Code"/>, <see cref="Reason"/> and the message of
/// its Status. Source of the split between 400 and 422: apiserver's patch handler answers 400 for a patch it cannot read
/// and 422 with a general message for one that does not apply; <see cref="Detail"/> keeps what was really wrong, for the log.
/// </summary>
public sealed class PatchException : Exception
{
    private PatchException(int code, string reason, string message, string detail)
        : base(message)
        => (Code, Reason, Detail) = (code, reason, detail);

    /// <summary>The HTTP status: 400, 413, 422 or 500.</summary>
    public int Code { get; }

    /// <summary>The reason of the Status object: BadRequest, RequestEntityTooLarge, Invalid or InternalError.</summary>
    public string Reason { get; }

    /// <summary>What was wrong, in detail.</summary>
    public string Detail { get; }

    /// <summary>The patch is not one: 400 BadRequest.</summary>
    public static PatchException BadRequest(string message) => new(400, "BadRequest", message, message);

    /// <summary>The patch is readable but does not fit the object: 422 Invalid.</summary>
    public static PatchException Unprocessable(string detail)
        => new(422, "Invalid", "the server rejected our request due to an error in our request", detail);

    /// <summary>The patch asks for too much: 413.</summary>
    public static PatchException TooLarge(string message) => new(413, "RequestEntityTooLarge", message, message);

    /// <summary>The patch meets a case that the server itself answers with 500.</summary>
    public static PatchException Internal(string message) => new(500, "InternalError", "Internal error occurred: " + message, message);
}
