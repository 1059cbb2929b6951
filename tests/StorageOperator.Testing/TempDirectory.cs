namespace StorageOperator.Testing;

/// <summary>A fresh folder, readable by this user only, that is gone when it is disposed.</summary>
public sealed class TempDirectory : IDisposable
{
    public TempDirectory(string purpose) => Path = Directory.CreateTempSubdirectory($"storage-operator-{purpose}-").FullName;

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody else cleaned up: that is all that was wanted.
        }
    }
}
