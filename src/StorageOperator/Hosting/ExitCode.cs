namespace StorageOperator.Hosting;

/// <summary>What the program's exit code means.</summary>
internal static class ExitCode
{
    /// <summary>Stopped because it was asked to.</summary>
    public const int Success = 0;

    /// <summary>Something failed that a restart may mend, such as a lost lease.</summary>
    public const int Failure = 1;

    /// <summary>A bad option, a bad kubeconfig or an address in use: starting again in the same way fails again.</summary>
    public const int Usage = 2;
}
