using System.CommandLine;

namespace StorageOperator.CommandLine;

/// <summary>Makes <see cref="OperatorOptions"/> from the command line and the environment; the command line wins.</summary>
/// <param name="commandLine">What System.CommandLine made of the arguments, without errors.</param>
/// <param name="environment">Looks up an environment variable. An empty one counts as absent.</param>
internal sealed class OptionReader(ParseResult commandLine, Func<string, string?> environment)
{
    /// <exception cref="UsageException">An option has a bad value, or two do not go together.</exception>
    public OperatorOptions Read()
    {
        var secure = Value(OptionDefinitions.MetricsSecure);
        var options = new OperatorOptions
        {
            Kubeconfig = Value(OptionDefinitions.Kubeconfig),
            Context = Value(OptionDefinitions.Context),
            Binding = Value(OptionDefinitions.Binding),
            EnableDynamicProvisioning = Value(OptionDefinitions.EnableDynamicProvisioning),
            MaxParallelReconciles = Value(OptionDefinitions.MaxParallelReconciles),
            LeaderElect = Value(OptionDefinitions.LeaderElect),
            NamespaceOfLease = Value(OptionDefinitions.NamespaceOfLease),
            LeaseDuration = Value(OptionDefinitions.LeaseDuration),
            RenewDeadline = Value(OptionDefinitions.RenewDeadline),
            RetryPeriod = Value(OptionDefinitions.RetryPeriod),
            HealthProbeBindAddress = Value(OptionDefinitions.HealthProbeBindAddress)!,
            MetricsBindAddress = Value(OptionDefinitions.MetricsBindAddress) ?? BindAddress.Parse(secure ? ":8443" : ":8080"),
            MetricsSecure = secure,
            MetricsCertPath = Value(OptionDefinitions.MetricsCertPath),
            LogFormat = Value(OptionDefinitions.LogFormat),
            LogLevel = Value(OptionDefinitions.LogLevel),
            OtlpEndpoint = Value(OptionDefinitions.OtlpEndpoint),
            ReadyFile = Value(OptionDefinitions.ReadyFile),
        };
        CheckTogether(options);
        return options;
    }

    private static void CheckTogether(OperatorOptions options)
    {
        if (options.LeaseDuration <= options.RenewDeadline)
        {
            throw new UsageException("--lease-duration must be longer than --renew-deadline: the leader has to give up before a standby takes over.");
        }

        // client-go demands the same factor: with jitter, one retry must fit into the deadline.
        if (options.RenewDeadline <= 1.2 * options.RetryPeriod)
        {
            throw new UsageException("--renew-deadline must be more than 1.2 times --retry-period: the leader needs time for a second attempt.");
        }

        var health = options.HealthProbeBindAddress;
        if (!health.IsOff && health.EndPoint!.Port != 0 && health.EndPoint.Equals(options.MetricsBindAddress.EndPoint))
        {
            throw new UsageException($"--health-probe-bind-address and --metrics-bind-address are both {health}: give them different ports.");
        }
    }

    private T? Value<T>(OptionDefinition<T> definition)
    {
        var (text, source) = Text(definition);
        if (text is null)
        {
            return default;
        }

        try
        {
            return definition.Parse(text);
        }
        catch (FormatException bad)
        {
            throw new UsageException($"{source}: {bad.Message}.", bad);
        }
    }

    private (string? Text, string Source) Text(OptionDefinition definition)
    {
        if (commandLine.GetResult(definition.Option) is { Implicit: false } given)
        {
            var text = given.Tokens.Count > 0 ? given.Tokens[^1].Value : "true";
            return text.Length > 0 ? (text, definition.Flag) : throw new UsageException($"{definition.Flag}: a value is missing.");
        }

        return NullIfEmpty(environment(definition.EnvironmentVariable)) is { } fromEnvironment
            ? (fromEnvironment, definition.EnvironmentVariable)
            : (definition.Default, definition.Flag);
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
