using System.Runtime.InteropServices;

namespace StorageOperator.Backends.Trees;

/// <summary>An open directory. What is done through it is done to that very directory, whatever becomes of its path meanwhile.</summary>
internal sealed class DirectoryHandle : IDisposable
{
    private readonly int _descriptor;

    private DirectoryHandle(int descriptor) => _descriptor = descriptor;

    /// <summary>Opens a directory by its path.</summary>
    /// <returns>Null when it does not exist.</returns>
    /// <exception cref="IOException">It is no directory, or cannot be opened.</exception>
    public static DirectoryHandle? Open(string path) => Made(LibC.Open(path, LibC.Directory | LibC.CloseOnExec), path);

    /// <summary>Opens a directory in this one; a link is not followed.</summary>
    /// <returns>Null when there is no such entry.</returns>
    /// <exception cref="IOException">It is no directory (a link to one is none), or cannot be opened.</exception>
    public DirectoryHandle? OpenChild(string name) => Made(LibC.OpenAt(_descriptor, name, LibC.Directory | LibC.NoFollow | LibC.CloseOnExec), name);

    /// <summary>The names in this directory.</summary>
    public IReadOnlyList<string> Names() =>
        [.. Directory.EnumerateFileSystemEntries($"/proc/self/fd/{_descriptor}").Select(entry => Path.GetFileName(entry))];

    /// <summary>Removes an entry that is no directory. That there is none is success.</summary>
    /// <returns>False when the entry is a directory.</returns>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public bool RemoveFile(string name)
    {
        if (LibC.UnlinkAt(_descriptor, name, 0) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            LibC.NoEntry => true,
            LibC.IsDirectory => false,
            _ => throw Failure("remove", name, error),
        };
    }

    /// <summary>Removes an empty directory. That there is none is success.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void RemoveDirectory(string name)
    {
        if (LibC.UnlinkAt(_descriptor, name, LibC.RemoveDirectory) != 0 && Marshal.GetLastPInvokeError() is not LibC.NoEntry and var error)
        {
            throw Failure("remove directory", name, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ = LibC.Close(_descriptor);

    private static DirectoryHandle? Made(int descriptor, string name)
    {
        if (descriptor >= 0)
        {
            return new DirectoryHandle(descriptor);
        }

        var error = Marshal.GetLastPInvokeError();
        return error == LibC.NoEntry ? null : throw Failure("open directory", name, error);
    }

    private static IOException Failure(string what, string name, int error) =>
        new($"cannot {what} \"{name}\": {Marshal.GetPInvokeErrorMessage(error)}");
}
