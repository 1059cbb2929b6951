using System.Text;

namespace StorageOperator.DevCluster.Serving;

/// <summary>Files with secrets in them.</summary>
internal static class PrivateFile
{
    /// <summary>Writes a file in one step, readable by its owner only.</summary>
    public static void Write(string path, string text)
    {
        string part = path + ".part";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (var file = new FileStream(part, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
        }
        File.Move(part, path, overwrite: true);
    }
}
