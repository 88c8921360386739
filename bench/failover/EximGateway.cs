using System.Globalization;
using Peers;
using TestTools;

namespace Failover;

/// <summary>Exim with exim/exim.conf of this folder, out of the folder that its package was unpacked into.</summary>
internal sealed class EximGateway(string parent, string package) : Gateway(parent)
{
    private Child? _child;

    public override string Name => "exim";

    public override async Task StartAsync(NextHop nextHop, string? trace, CancellationToken cancel)
    {
        Port = SmtpSink.FreePort();
        var libraries = EximPackage.LibraryPath(package);
        var text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "exim/exim.conf"), cancel);
        var configuration = Path.Combine(Folder, "exim.conf");
        await File.WriteAllTextAsync(configuration, text
            .Replace("@FOLDER@", Folder, StringComparison.Ordinal)
            .Replace("@PROGRAM@", EximPackage.Program(package), StringComparison.Ordinal)
            .Replace("@LIBRARIES@", libraries, StringComparison.Ordinal)
            .Replace("@LISTEN@", Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@PORT@", nextHop.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@HOSTS@", string.Join(':', nextHop.Addresses), StringComparison.Ordinal), cancel);
        foreach (var folder in new[] { "spool", "log" })
        {
            Directory.CreateDirectory(Path.Combine(Folder, folder));
        }

        await Child.RunAsync("chown", ["-R", $"{Namespaces.EximUser}:", Folder], cancel);
        // A configuration that only root can change is one that Exim trusts.
        await Child.RunAsync("chown", ["root:", configuration], cancel);
        var (program, arguments) =
            Traced(trace, EximPackage.Program(package), ["-C", configuration, "-bdf", "-q30s", "-odb"]);
        var environment = new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = libraries };
        _child = Child.Start(program, arguments, environment: environment);
        Id = _child.Id;
        await Connectable.WaitAsync(Port, cancel);
    }

    public override async Task StopAsync() => await _child!.TerminateAsync();

    public override double PeakMegabytes(double sampled) => sampled;

    protected override async ValueTask CleanUpAsync()
    {
        if (_child is not null)
        {
            await _child.DisposeAsync();
        }
    }
}
