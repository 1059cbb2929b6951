using StorageOperator.Generate;

// Writes every generated file, or with --check only says which of them have drifted from the code.
var root = GeneratedFiles.FindRepositoryRoot(AppContext.BaseDirectory);
var check = args is ["--check"];
var drifted = GeneratedFiles.All().Where(file => !file.IsCurrent(root)).ToArray();
foreach (var file in drifted)
{
    if (check)
    {
        Console.Error.WriteLine($"{file.Path} is not what the code says: run make manifests and commit it");
    }
    else
    {
        file.Write(root);
        Console.WriteLine($"wrote {file.Path}");
    }
}

return check && drifted.Length > 0 ? 1 : 0;
