using StorageOperator.CommandLine;
using StorageOperator.Hosting;

var commandLine = new OperatorCommandLine(
    (options, cancellation) => new OperatorProcess(options, TimeProvider.System).RunAsync(cancellation),
    Environment.GetEnvironmentVariable,
    Console.Out,
    Console.Error);
return await commandLine.InvokeAsync(args);
