using System.CommandLine;
using StorageOperator.Comparison;

var pairs = new Option<int>("--pairs") { Description = "Claims and volumes bound at once.", DefaultValueFactory = _ => 2000 };
var rounds = new Option<int>("--rounds") { Description = "How often each contestant runs; they take turns, and medians are compared.", DefaultValueFactory = _ => 3 };
var singles = new Option<int>("--singles") { Description = "Claims bound one after another on an idle cluster.", DefaultValueFactory = _ => 50 };
var page = new Option<FileInfo?>("--page") { Description = "Writes the results as a page (docs/performance.md)." };
var command = new RootCommand("Binds side by side with kube-controller-manager, on the same real API server, in one run.") { pairs, rounds, singles, page };
command.SetAction(async (parsed, cancellationToken) =>
{
    var size = new Load(parsed.GetValue(pairs), parsed.GetValue(singles), parsed.GetValue(rounds));
    var results = await Match.Play(size, cancellationToken);
    foreach (var line in Report.Lines(results))
    {
        Console.WriteLine(line);
    }

    if (parsed.GetValue(page) is { } file)
    {
        await File.WriteAllTextAsync(file.FullName, await Report.Page(results, size), cancellationToken);
    }
});
return await command.Parse(args).InvokeAsync();
