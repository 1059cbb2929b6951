namespace StorageOperator.CommandLine;

/// <summary>
/// Something the person who started the program can mend: a bad option, a bad kubeconfig, an address in use.
/// Its message is printed as one line, without a stack trace, and the program ends with <see cref="Hosting.ExitCode.Usage"/>.
/// </summary>
internal sealed class UsageException : Exception
{
    public UsageException(string message)
        : base(OneLine(message))
    {
    }

    public UsageException(string message, Exception cause)
        : base(OneLine(message), cause)
    {
    }

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
