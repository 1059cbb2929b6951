using System.CommandLine;

namespace StorageOperator.CommandLine;

/// <summary>One option: its name on the command line and in the environment, what it means, and how its text is read.</summary>
/// <param name="Name">The name without dashes, such as <c>log-level</c>.</param>
/// <param name="ValueName">What stands for the value in the help, such as <c>ADDRESS</c>.</param>
/// <param name="Default">The text the default is written as; null when the option is simply absent by default.</param>
/// <param name="Description">One or two sentences, ending in a full stop.</param>
internal abstract record OptionDefinition(string Name, string ValueName, string? Default, string Description)
{
    private Option<string?>? _option;

    /// <summary><c>--name</c>.</summary>
    public string Flag => $"--{Name}";

    /// <summary><c>STORAGE_OPERATOR_NAME</c>.</summary>
    public string EnvironmentVariable => $"STORAGE_OPERATOR_{Name.Replace('-', '_').ToUpperInvariant()}";

    /// <summary>The default as a person reads it, when it differs from <see cref="Default"/>.</summary>
    public string? DefaultInWords { get; init; }

    /// <summary>Whether the flag alone means <c>true</c>.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>The same option as System.CommandLine knows it: always text, so that both sources are read by the same code.</summary>
    public Option<string?> Option => _option ??= new Option<string?>(Flag)
    {
        Description = HelpText,
        HelpName = ValueName,
        Arity = IsSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
    };

    private string HelpText => $"{Description} [default: {DefaultInWords ?? Default ?? "none"}] [env: {EnvironmentVariable}]";
}
