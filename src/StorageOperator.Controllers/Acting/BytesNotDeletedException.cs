namespace StorageOperator.Controllers.Acting;

/// <summary>A volume's bytes could not be deleted. The message is fit for the volume's status.</summary>
public sealed class BytesNotDeletedException : Exception
{
    /// <summary>Makes the exception.</summary>
    public BytesNotDeletedException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
