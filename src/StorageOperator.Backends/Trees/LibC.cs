using System.Runtime.InteropServices;

namespace StorageOperator.Backends.Trees;

/// <summary>The few system calls that .NET has no door to: those relative to an open directory, which no planted link can divert.</summary>
internal static partial class LibC
{
    public const int ReadOnly = 0;
    public const int Directory = 0x10000;
    public const int NoFollow = 0x20000;
    public const int CloseOnExec = 0x80000;
    public const int RemoveDirectory = 0x200;

    public const int NoEntry = 2;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int TooManyLinks = 40;

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenAt(int directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int UnlinkAt(int directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);
}
