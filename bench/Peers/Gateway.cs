namespace Peers;

/// <summary>A gateway under measurement: an instance of its own in a fresh folder.</summary>
internal abstract class Gateway : IAsyncDisposable
{
    private const string Syncs = "fsync,fdatasync,syncfs,sync,msync";

    protected Gateway(string parent)
    {
        // A short name, since the path of a socket has room for 107 octets.
        Folder = Directory.CreateDirectory(Path.Combine(parent, $"gateway-{Guid.NewGuid():N}"[..16])).FullName;
    }

    public abstract string Name { get; }

    /// <summary>The port of loopback that takes mail.</summary>
    public int Port { get; protected set; }

    /// <summary>The process above all others of the gateway.</summary>
    public int Id { get; protected set; }

    /// <summary>Its folder, with spool and logs, is there when it has ended.</summary>
    public bool KeepsFolder { get; set; }

    protected string Folder { get; }

    /// <summary>
    /// Starts it and returns when it takes mail. With a trace file strace counts its syncs, which makes it slow.
    /// </summary>
    public abstract Task StartAsync(NextHop nextHop, string? trace, CancellationToken cancel);

    /// <summary>Ends it in an orderly way.</summary>
    public abstract Task StopAsync();

    /// <summary>The most memory so far in megabytes, as this gateway's form allows it to be read.</summary>
    public abstract double PeakMegabytes(double sampled);

    public async ValueTask DisposeAsync()
    {
        await CleanUpAsync();
        if (!KeepsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    protected abstract ValueTask CleanUpAsync();

    /// <summary>A command line, under strace where syncs are to be counted.</summary>
    protected static (string Program, string[] Arguments) Traced(string? trace, string program, string[] arguments) =>
        trace is null
            ? (program, arguments)
            : ("strace", ["-f", "-c", "-o", trace, "-e", $"trace={Syncs}", program, .. arguments]);
}
