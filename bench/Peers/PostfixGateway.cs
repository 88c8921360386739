using System.Globalization;
using TestTools;

namespace Peers;

/// <summary>
/// A Postfix instance of its own, beside the system's and without touching it, with postfix/main.cf of this folder and,
/// behind it, what a bench adds in a file of its own.
/// </summary>
internal sealed class PostfixGateway(string parent, string? addition = null) : Gateway(parent)
{
    private Child? _foreground;
    private bool _running;

    public override string Name => "postfix";

    private string Configuration => Path.Combine(Folder, "etc");

    public override async Task StartAsync(NextHop nextHop, string? trace, CancellationToken cancel)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new RunException("postfix starts for root only; --only postern measures Postern alone");
        }

        Port = SmtpSink.FreePort();
        await WriteConfigurationAsync(nextHop, cancel);
        _running = true;
        if (trace is null)
        {
            await PostfixAsync("start", cancel);
        }
        else
        {
            var (program, arguments) = Traced(trace, "postfix", ["-c", Configuration, "start-fg"]);
            _foreground = Child.Start(program, arguments);
        }

        await Connectable.WaitAsync(Port, cancel);
        Id = await MasterAsync(cancel);
    }

    public override async Task StopAsync()
    {
        if (_running)
        {
            _running = false;
            await PostfixAsync("stop", CancellationToken.None);
        }

        if (_foreground is not null)
        {
            await _foreground.TerminateAsync();
        }
    }

    public override double PeakMegabytes(double sampled) => sampled;

    protected override async ValueTask CleanUpAsync()
    {
        await StopAsync();
        if (_foreground is not null)
        {
            await _foreground.DisposeAsync();
        }
    }

    private async Task<int> MasterAsync(CancellationToken cancel)
    {
        // The master holds a lock on this file for as long as it runs, which .NET would not read past.
        var pid = await Child.RunAsync("cat", [Path.Combine(Folder, "queue/pid/master.pid")], cancel);
        return int.Parse(pid.Trim(), CultureInfo.InvariantCulture);
    }

    private async Task PostfixAsync(string command, CancellationToken cancel) =>
        await Child.RunAsync("postfix", ["-c", Configuration, command], cancel);

    private async Task WriteConfigurationAsync(NextHop nextHop, CancellationToken cancel)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "postfix");
        Directory.CreateDirectory(Configuration);
        Directory.CreateDirectory(Path.Combine(Folder, "queue"));
        Directory.CreateDirectory(Path.Combine(Folder, "data"));
        var main = await File.ReadAllTextAsync(Path.Combine(source, "main.cf"), cancel);
        var master = await File.ReadAllTextAsync(Path.Combine(source, "master.cf"), cancel);
        var added = addition is null ? "" : await File.ReadAllTextAsync(Path.Combine(source, addition), cancel);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "main.cf"), $"""
            {main}
            {added}
            queue_directory = {Folder}/queue
            data_directory = {Folder}/data
            relayhost = [{nextHop.Name}]:{nextHop.Port}
            maillog_file = {Folder}/mail.log
            maillog_file_prefixes = {Folder}

            """, cancel);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "master.cf"),
            master.Replace("@LISTEN@", $"127.0.0.1:{Port}", StringComparison.Ordinal), cancel);
        await Child.RunAsync("chown", ["postfix", Path.Combine(Folder, "data")], cancel);
    }
}
