namespace StorageOperator.CommandLine;

/// <summary>An option whose text is read as a <typeparamref name="T"/>: <c>Parse</c> throws <see cref="FormatException"/> with a message that says what was expected.</summary>
internal sealed record OptionDefinition<T>(string Name, string ValueName, string? Default, string Description, Func<string, T> Parse)
    : OptionDefinition(Name, ValueName, Default, Description);
