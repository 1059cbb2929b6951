using System.CommandLine;

namespace StorageOperator.CommandLine;

/// <summary>The commands <c>run</c> and <c>version</c>.</summary>
/// <param name="run">What <c>run</c> does with its options; the result is the exit code.</param>
/// <param name="environment">Looks up an environment variable.</param>
/// <param name="output">Where help and version go.</param>
/// <param name="error">Where the one line goes that says what is wrong.</param>
internal sealed class OperatorCommandLine(
    Func<OperatorOptions, CancellationToken, Task<int>> run, Func<string, string?> environment, TextWriter output, TextWriter error)
{
    /// <returns>The exit code.</returns>
    public async Task<int> InvokeAsync(string[] arguments, CancellationToken cancellation = default)
    {
        try
        {
            var parsed = Root().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors is [var first, ..] && parsed.Action is not System.CommandLine.Help.HelpAction)
            {
                throw new UsageException($"{first.Message} See storage-operator {(parsed.CommandResult.Command is RootCommand ? "" : "run ")}--help.");
            }

            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                cancellation);
        }
        catch (UsageException usage)
        {
            await error.WriteLineAsync($"storage-operator: {usage.Message}");
            return Hosting.ExitCode.Usage;
        }
    }

    private RootCommand Root()
    {
        var root = new RootCommand("Binds claims to volumes, protects what is in use and reclaims what is free, in a Kubernetes cluster.")
        {
            RunCommand(),
            VersionCommand(),
        };
        foreach (var builtIn in root.Options.OfType<VersionOption>().ToArray())
        {
            root.Options.Remove(builtIn);
        }

        return root;
    }

    private Command RunCommand()
    {
        var command = new Command("run", "Runs the operator until it is told to stop. Every option can also be given as an environment variable; the command line wins.");
        foreach (var definition in OptionDefinitions.All)
        {
            command.Options.Add(definition.Option);
        }

        command.SetAction((parsed, cancellation) => run(new OptionReader(parsed, environment).Read(), cancellation));
        return command;
    }

    private Command VersionCommand()
    {
        var command = new Command("version", "Prints the version, the commit it was built from and the runtime.");
        command.SetAction(_ => output.WriteLine(ProgramVersion.Describe()));
        return command;
    }
}
