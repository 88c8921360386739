using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TestTools;

namespace Crash;

/// <summary>
/// An ext4 file system of its own, in an image, whose power can be cut: from then on nothing reaches the image any
/// more, and what no sync had brought there is lost. Needs root and loop devices.
/// </summary>
/// <remarks>
/// Behind the cut the next mount replays the journal, as it does behind a power cut.
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
    private readonly CachedDrive? _drive;

    private PowerDisk(string options, CachedDrive? drive) => (_options, _drive) = (options, drive);

    /// <summary>Where it is mounted.</summary>
    public string Folder => _folder.File("disk");

    /// <summary>Octets that are free for the gateway.</summary>
    public long Free => new DriveInfo(Folder).AvailableFreeSpace;

    /// <summary>Makes and mounts a disk; skips the running test where the machine has none.</summary>
    /// <param name="cut">How its power is cut.</param>
    /// <param name="options">Of the mount.</param>
    /// <param name="cancel">Gives up.</param>
    public static Task<PowerDisk> MakeAsync(PowerCut cut, string options, CancellationToken cancel) =>
        MakeAsync(cut, Octets, options, cancel);

    /// <summary>Makes a small one that is to fill up; otherwise the same.</summary>
    public static Task<PowerDisk> MakeSmallAsync(long octets, CancellationToken cancel) =>
        MakeAsync(PowerCut.FileSystem, octets, Ordered, cancel);

    /// <summary>Brings all that was written so far to the disk, whoever wrote it.</summary>
    public Task SyncAsync(CancellationToken cancel) => Child.RunAsync("sync", ["-f", Folder], cancel);

    /// <summary>Cuts the power, and ends the gateway, which had it.</summary>
    /// <param name="gateway">It may be anywhere in its start or end.</param>
    /// <param name="metadataFirst">
    /// Of a cut in the file system: the journal's running transaction is still written, the data is not.
    /// </param>
    public async Task CutAsync(GatewayProcess gateway, bool metadataFirst)
    {
        if (_drive is not null)
        {
            await _drive.CutAsync();
        }
        else
        {
            // When the power goes nothing goes on. The shutdown of ext4 is slower: while it is under way a sync may end
            // well that has brought nothing to the disk, and a gateway that still ran would answer 250 for it.
            await gateway.FreezeAsync();
            ShutDown(metadataFirst);
        }

        await gateway.KillAsync();
    }

    /// <summary>The power is back: what is on the disk, and nothing else. Nobody may have a file open.</summary>
    public async Task RestoreAsync(CancellationToken cancel)
    {
        await Child.RunAsync("umount", [Folder], cancel);
        if (_drive is not null) await _drive.StopAsync();
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
        // Where a test has failed somebody may still have a file open: then it goes when that one does.
        if (CachedDrive.IsMounted(Folder)) await Child.RunAsync("umount", ["-l", Folder], CancellationToken.None);
        if (_drive is not null) await _drive.DisposeAsync();
        _folder.Dispose();
    }

    private string Image => _folder.File("image");

    private static async Task<PowerDisk> MakeAsync(
        PowerCut cut, long octets, string options, CancellationToken cancel)
    {
        var make = ForeignTool.MakeFileSystem.Require();
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/dev/loop-control"),
            "no root or no loop devices");
        if (cut == PowerCut.Drive) CachedDrive.Require();
        var disk = new PowerDisk(options, cut == PowerCut.Drive ? new CachedDrive() : null);
        try
        {
            await using (var image = File.Create(disk.Image)) image.SetLength(octets);
            Directory.CreateDirectory(disk.Folder);
            await Child.RunAsync(make, ["-q", "-F", "-m", "0", disk.Image], cancel);
            await disk.MountAsync(cancel);
            return disk;
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    private async Task MountAsync(CancellationToken cancel)
    {
        var (device, options) = _drive is null
            ? (Image, $"loop,{_options}") : (await _drive.StartAsync(Image, cancel), _options);
        await Child.RunAsync("mount", ["-t", "ext4", "-o", options, device, Folder], cancel);
    }

    private void ShutDown(bool metadataFirst)
    {
        // The call wants any open file of the file system.
        using var file = File.OpenHandle(Path.Combine(Folder, "any"), FileMode.OpenOrCreate, FileAccess.ReadWrite);
        var how = metadataFirst ? JournalIsFlushed : NothingIsFlushed;
        if (Control(file, Shutdown, ref how) != 0)
        {
            throw new RunException($"the power cannot be cut: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref uint argument);
}
