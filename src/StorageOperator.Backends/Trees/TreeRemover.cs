namespace StorageOperator.Backends.Trees;

/// <summary>Removes directory trees without ever leaving the place they are in, whatever links are planted inside or on the way.</summary>
public static class TreeRemover
{
    /// <summary>Removes what a relative path below a root names, and everything in it. That it does not exist is success.</summary>
    /// <param name="root">An existing directory that is trusted.</param>
    /// <param name="relative">Names separated by slashes, none of them empty, <c>.</c> or <c>..</c>.</param>
    /// <param name="ct">Checked between entries; what is removed already stays removed.</param>
    /// <exception cref="ArgumentException">The relative path is not of that form.</exception>
    /// <exception cref="IOException">Something on the way is no directory, or an entry cannot be removed.</exception>
    public static void Remove(string root, string relative, CancellationToken ct)
    {
        var names = relative.Split('/');
        if (names.Any(name => name is "" or "." or ".." || name.Contains('\0', StringComparison.Ordinal)))
        {
            throw new ArgumentException($"\"{relative}\" is no path that stays below \"{root}\"", nameof(relative));
        }

        var directory = DirectoryHandle.Open(root);
        foreach (var name in names[..^1])
        {
            var child = directory?.OpenChild(name);
            directory?.Dispose();
            directory = child;
        }

        using (directory)
        {
            if (directory is not null)
            {
                RemoveEntry(directory, names[^1], ct);
            }
        }
    }

    private static void RemoveEntry(DirectoryHandle parent, string name, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (parent.RemoveFile(name))
        {
            return;
        }

        using (var directory = parent.OpenChild(name))
        {
            foreach (var child in directory?.Names() ?? [])
            {
                RemoveEntry(directory!, child, ct);
            }
        }

        parent.RemoveDirectory(name);
    }
}
