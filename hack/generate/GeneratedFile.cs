namespace StorageOperator.Generate;

/// <summary>A file in the repository whose whole content follows from the code.</summary>
/// <param name="Path">Relative to the repository's root.</param>
/// <param name="Content">What it should contain.</param>
public sealed record GeneratedFile(string Path, string Content)
{
    public bool IsCurrent(string root)
    {
        var path = System.IO.Path.Combine(root, Path);
        return File.Exists(path) && File.ReadAllText(path) == Content;
    }

    public void Write(string root)
    {
        var path = System.IO.Path.Combine(root, Path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, Content);
    }
}
