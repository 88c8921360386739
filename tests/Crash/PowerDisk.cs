using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TestTools;

namespace Crash;

/// <summary>
/// An ext4 file system of its own, in an image behind a loop device, whose power can be cut: from then on nothing
/// reaches the image any more, and what no sync had brought there is lost. Needs root and loop devices.
/// </summary>
/// <remarks>
/// The cut is the shutdown of ext4 without a flush of its journal (EXT4_IOC_SHUTDOWN), by which the developers of Linux
/// test the same. Dirty pages and the running journal transaction die, every further call fails, and the next mount
/// replays the journal as after a power cut. What it leaves out is the volatile cache of a drive; that the kernel
/// flushes it with every sync is the kernel's promise.
/// </remarks>
internal sealed partial class PowerDisk : IAsyncDisposable
{
    /// <summary>The size of a disk that does not fill up.</summary>
    public const long Octets = 1L << 30;

    /// <summary>Metadata may reach the disk before the data that it is about: tails of files are torn.</summary>
    public const string Torn = "data=writeback,nodelalloc";

    /// <summary>As Debian mounts.</summary>
    public const string Ordered = "data=ordered";

    // _IOR('X', 125, __u32) and its flags, of the kernel's ext4.
    private const uint Shutdown = 0x8004587D;
    private const uint JournalIsFlushed = 1;
    private const uint NothingIsFlushed = 2;

    private readonly TempFolder _folder = new();
    private readonly string _options;

    private PowerDisk(string options) => _options = options;

    /// <summary>Where it is mounted.</summary>
    public string Folder => _folder.File("disk");

    /// <summary>Octets that are free for the gateway.</summary>
    public long Free => new DriveInfo(Folder).AvailableFreeSpace;

    /// <summary>Makes and mounts a disk; skips the running test where the machine has none.</summary>
    public static async Task<PowerDisk> MakeAsync(long octets, string options, CancellationToken cancel)
    {
        var make = ForeignTool.MakeFileSystem.Require();
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/dev/loop-control"),
            "no root or no loop devices");
        var disk = new PowerDisk(options);
        await using (var image = File.Create(disk.Image)) image.SetLength(octets);
        Directory.CreateDirectory(disk.Folder);
        await Child.RunAsync(make, ["-q", "-F", "-m", "0", disk.Image], cancel);
        await disk.MountAsync(cancel);
        return disk;
    }

    /// <summary>Cuts the power.</summary>
    /// <param name="metadataFirst">The journal's running transaction is still written, the data is not.</param>
    public void Cut(bool metadataFirst)
    {
        // The call wants any open file of the file system.
        using var file = File.OpenHandle(Path.Combine(Folder, "any"), FileMode.OpenOrCreate, FileAccess.ReadWrite);
        var how = metadataFirst ? JournalIsFlushed : NothingIsFlushed;
        if (Control(file, Shutdown, ref how) != 0)
        {
            throw new RunException($"the power cannot be cut: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>The power is back: what is on the disk, and nothing else. Nobody may have a file open.</summary>
    public async Task RestoreAsync(CancellationToken cancel)
    {
        await Child.RunAsync("umount", [Folder], cancel);
        await MountAsync(cancel);
    }

    /// <summary>Takes all space but so many octets; returns the file that takes it.</summary>
    public async Task<string> FillAsync(long left, CancellationToken cancel)
    {
        var file = Path.Combine(Folder, "filler");
        var octets = Math.Max(0, Free - left).ToString(CultureInfo.InvariantCulture);
        await Child.RunAsync("fallocate", ["-l", octets, file], cancel);
        return file;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Child.RunAsync("umount", [Folder], CancellationToken.None);
        _folder.Dispose();
    }

    private string Image => _folder.File("image");

    private Task<string> MountAsync(CancellationToken cancel) =>
        Child.RunAsync("mount", ["-t", "ext4", "-o", $"loop,{_options}", Image, Folder], cancel);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref uint argument);
}
