namespace StorageOperator.Controllers.Acting;

/// <summary>A volume's bytes could not be deleted, or their scrubbing not be started. The message is fit for the volume's status.</summary>
public sealed class ReclaimFailedException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ReclaimFailedException(string reason, string message, Exception cause)
        : base(message, cause) => Reason = reason;

    /// <summary>The reason of the event that tells it.</summary>
    public string Reason { get; }
}
