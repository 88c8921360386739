using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using TestTools;

namespace Scenarios;

/// <summary>
/// The built program, started as an operator starts it: <c>postern serve</c> in a folder of its own with a postern.toml
/// and a routes file. It can be killed, terminated and started again on the same data.
/// </summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();
    private IReadOnlyDictionary<string, string>? _environment;
    private Child? _child;
    private Task _output = Task.CompletedTask;

    private GatewayProcess() => Log = new MailLog(_folder.File("data/logs/mail.log"));

    /// <summary>Where the listener "incoming" takes mail now; the port is another one after every start.</summary>
    public IPEndPoint Smtp { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>The mail log, over all starts.</summary>
    public MailLog Log { get; }

    /// <summary>The folder of the configuration; the data is in its folder "data".</summary>
    public string Folder => _folder.Path;

    /// <summary>The routes file, which a test may replace while the gateway runs.</summary>
    public string RoutesFile => _folder.File("smtproutes");

    /// <summary>The process, by its id; that of the gateway also where it was started under another program.</summary>
    public int Id { get; private set; }

    /// <summary>Starts a gateway that relays for loopback by the given routes.</summary>
    /// <param name="routes">The routes file, as an operator would write it.</param>
    /// <param name="more">Further tables of postern.toml.</param>
    /// <param name="under">A program and its arguments that the gateway is started under, such as strace.</param>
    public static Task<GatewayProcess> StartAsync(string routes, string more = "", params string[] under) =>
        StartWithAsync(routes, more, null, under);

    /// <summary>The same with variables in its environment.</summary>
    public static async Task<GatewayProcess> StartWithAsync(
        string routes, string more, IReadOnlyDictionary<string, string>? environment, params string[] under)
    {
        var gateway = new GatewayProcess { _environment = environment };
        try
        {
            await File.WriteAllTextAsync(gateway.RoutesFile, routes);
            await File.WriteAllTextAsync(gateway._folder.File("postern.toml"), $"""
                hostname = "gw.example"

                [[listener]]
                name = "incoming"
                address = "127.0.0.1:0"
                relay_from = ["127.0.0.0/8"]

                [admin]
                address = "127.0.0.1:0"

                {more}
                """);
            await gateway.StartAgainAsync(under);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again on the same data, once it has ended.</summary>
    public async Task StartAgainAsync(params string[] under)
    {
        if (_child is not null)
        {
            await _child.DisposeAsync();
        }

        string[] command = [.. under, Executable(), "serve", "--config", _folder.File("postern.toml")];
        _child = Child.Start(command[0], command[1..], Folder, _environment);
        Smtp = new IPEndPoint(IPAddress.Loopback, await ReadPortAsync(_child).WaitAsync(StartBound));
        Id = under.Length == 0 ? _child.Id : ChildOf(_child.Id);
        _output = _child.Output.ReadToEndAsync();
    }

    /// <summary>Runs a command for it, which ends with 0, and returns what the command printed.</summary>
    public Task<string> RunAsync(params string[] command) => Child.RunAsync(
        Executable(), [.. command, "--config", _folder.File("postern.toml")], TestContext.Current.CancellationToken);

    /// <summary>The end without warning: kill -9.</summary>
    public Task KillAsync() => _child!.KillAsync();

    /// <summary>The end that an operator asks for: SIGTERM. Returns the exit code.</summary>
    public Task<int> TerminateAsync() => _child!.TerminateAsync(Id);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_child is not null)
        {
            // What runs under another program would outlive it.
            if (!_child.HasEnded && Id != 0 && Id != _child.Id)
            {
                await Child.RunAsync("/bin/kill", ["-KILL", $"{Id}"], CancellationToken.None);
            }

            await _child.DisposeAsync();
            await _output;
        }

        _folder.Dispose();
    }

    /// <summary>The program that belongs to this build: the same configuration, in the same checkout.</summary>
    public static string Executable()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "src/Postern/bin", output.Parent.Name, output.Name, "postern");
    }

    private static int ChildOf(int process)
    {
        var children = File.ReadAllText($"/proc/{process}/task/{process}/children");
        return int.Parse(children.Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private static async Task<int> ReadPortAsync(Child child)
    {
        while (await child.Output.ReadLineAsync() is { } line)
        {
            if (Ready().Match(line) is { Success: true } ready)
            {
                return int.Parse(ready.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            }
        }

        throw new RunException($"postern did not start: {child.Errors}");
    }

    [GeneratedRegex(@"listening on 127\.0\.0\.1:(\d+) \(incoming\)")]
    private static partial Regex Ready();
}
