using TestTools;

namespace Crash;

/// <summary>
/// A drive with a volatile write cache, on an image: nbdkit with its cache filter, which brings to the image what the
/// kernel has told the drive to flush, and nothing else; nbdfuse, which makes a file of it; a loop device on that file.
/// Without power (<c>kill -9</c> of nbdkit) the cache is gone.
/// </summary>
internal sealed class CachedDrive : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(20);
    private readonly TempFolder _folder = new();
    private Child? _nbdkit;
    private Child? _nbdfuse;
    private string? _device;

    /// <summary>Skips the running test where the machine lacks what this needs.</summary>
    public static void Require()
    {
        ForeignTool.Nbdkit.Require();
        ForeignTool.NbdFuse.Require();
        Assert.SkipUnless(File.Exists("/dev/fuse"), "no /dev/fuse");
    }

    /// <summary>Puts power on; returns the device.</summary>
    public async Task<string> StartAsync(string image, CancellationToken cancel)
    {
        var (kit, fuse) = (ForeignTool.Nbdkit.Require(), ForeignTool.NbdFuse.Require());
        foreach (var left in (string[])[Socket, KitIsReady, FuseIsReady]) File.Delete(left);
        await File.WriteAllTextAsync(Drive, "", cancel);
        // The smallest blocks that there are, so that a flush that the cut ends is torn as finely as can be.
        _nbdkit = Child.Start(kit, ["-f", "-U", Socket, "-P", KitIsReady, "--filter=cache", "file", image,
            "cache=writeback", "cache-min-block-size=4K"]);
        await ReadyAsync(KitIsReady, _nbdkit, cancel);
        _nbdfuse = Child.Start(fuse, ["-P", FuseIsReady, Drive, $"nbd+unix:///?socket={Socket}"]);
        await ReadyAsync(FuseIsReady, _nbdfuse, cancel);
        _device = (await Child.RunAsync("losetup", ["-f", "--show", Drive], cancel)).Trim();
        return _device;
    }

    /// <summary>Cuts the power: from here on no call that reaches the drive ends well.</summary>
    public Task CutAsync() => _nbdkit!.KillAsync();

    /// <summary>Ends whatever there is of it, with power or without. Nobody may have it mounted.</summary>
    public async Task StopAsync()
    {
        if (_device is not null) await Child.RunAsync("losetup", ["-d", _device], CancellationToken.None);
        _device = null;
        if (_nbdfuse is { } fuse)
        {
            // It ends with its mount; without a drive behind it, it has mostly ended already.
            if (IsMounted(Drive)) await Child.RunAsync("umount", ["-l", Drive], CancellationToken.None);
            await fuse.DisposeAsync();
        }

        if (_nbdkit is { } kit) await kit.DisposeAsync();
        (_nbdfuse, _nbdkit) = (null, null);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    /// <summary>Is anything mounted on this file or folder?</summary>
    public static bool IsMounted(string path) =>
        File.ReadLines("/proc/mounts").Any(line => line.Split(' ')[1] == path);

    private string Socket => _folder.File("socket");

    private string KitIsReady => _folder.File("nbdkit.pid");

    private string FuseIsReady => _folder.File("nbdfuse.pid");

    private string Drive => _folder.File("drive");

    // Both write their ids once they serve.
    private static async Task ReadyAsync(string file, Child child, CancellationToken cancel)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bound.CancelAfter(StartBound);
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (!File.Exists(file))
        {
            if (child.HasEnded) throw new RunException($"a drive did not start: {child.Errors}");
            await timer.WaitForNextTickAsync(bound.Token);
        }
    }
}
