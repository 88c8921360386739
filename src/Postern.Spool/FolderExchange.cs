using System.Runtime.InteropServices;

namespace Postern.Spool;

/// <summary>Names of files and folders that change as one, and files that have two names (Linux).</summary>
internal static partial class FolderExchange
{
    private const int AtCurrentFolder = -100;
    private const uint Exchange = 2;

    /// <summary>Lets two folders change their names, so that at no moment one of the names is missing.</summary>
    /// <exception cref="IOException">It failed, and nothing is changed.</exception>
    public static void Swap(string one, string other)
    {
        if (RenameAt2(AtCurrentFolder, one, AtCurrentFolder, other, Exchange) < 0)
            throw new IOException($"{one} and {other} do not change names: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Gives a file a second name.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static void Link(string file, string name)
    {
        if (LinkFile(file, name) < 0) throw new IOException($"{name}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int oneFolder, string one, int otherFolder, string other, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string file, string name);
}
