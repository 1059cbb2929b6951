using System.CommandLine;
using StorageOperator.DevCluster.Serving;

var directory = new Option<DirectoryInfo>("--dir") { Description = "Where the kubeconfig is written.", Required = true };
var port = new Option<int>("--port") { Description = "Port on 127.0.0.1; a free one when absent or 0." };
port.Validators.Add(result =>
{
    if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int number) && number is < 0 or > 65535)
    {
        result.AddError($"--port is {number}; it must be between 0 and 65535.");
    }
});
var dataDirectory = new Option<DirectoryInfo?>("--data-dir")
{
    Description = "Where objects are kept across restarts; in memory only when absent.",
};
var nodes = new Option<int>("--simulate-nodes")
{
    Description = "Simulate a scheduler and so many nodes with a kubelet; none when absent.",
};
var faults = new Option<FileInfo?>("--faults") { Description = "A JSON file with fault rules in force from the start." };
var tokens = new Option<FileInfo?>("--token-file") { Description = "Further users: lines of token,user,uid,\"group1,group2\"." };
var up = new Command("up", "Runs a Kubernetes API server on loopback until it is told to stop.")
{
    directory, port, dataDirectory, nodes, faults, tokens,
};
up.SetAction((chosen, cancellation) => UpAsync(
    new ApiServerOptions
    {
        Directory = chosen.GetRequiredValue(directory).FullName,
        Port = chosen.GetValue(port),
        DataDirectory = chosen.GetValue(dataDirectory)?.FullName,
        SimulatedNodes = chosen.GetValue(nodes),
        FaultFile = chosen.GetValue(faults)?.FullName,
        TokenFile = chosen.GetValue(tokens)?.FullName,
    },
    cancellation));
var root = new RootCommand("An embedded Kubernetes API server for trying things out and for tests.") { up };
ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    await Console.Error.WriteLineAsync($"{parsed.Errors[0].Message} (storage-devcluster up --help lists the options)");
    return 2;
}
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(2) });

static async Task<int> UpAsync(ApiServerOptions options, CancellationToken cancellation)
{
    try
    {
        await using ApiServer server = await ApiServer.StartAsync(options, cancellation);
        Console.WriteLine($"Listening on {server.Url.GetLeftPart(UriPartial.Authority)}; export KUBECONFIG={server.KubeconfigPath}");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
    }
    catch (OperationCanceledException)
    {
        // SIGTERM or Ctrl-C: an orderly end.
    }
    catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
    {
        await Console.Error.WriteLineAsync($"The server could not start: {failure.Message}");
        return 2;
    }
    return 0;
}
