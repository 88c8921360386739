using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using TestTools;

namespace TestGateway;

/// <summary>
/// The built program, started as an operator starts it: <c>postern serve</c> in a folder of its own with a postern.toml
/// and a routes file. It can be killed, terminated and started again on the same data.
/// </summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    /// <summary>The password of the account <c>admin</c>, which has been chosen before the first start.</summary>
    public const string Password = "a lamp above the small gate";

    // Its hash takes a third of a second of the processor, so that it is made once for all tests.
    private const string Accounts = "admin administrator chosen "
        + "pbkdf2-sha256:600000:mjedyOdmjh9jpn5ii2n3XQ==:mIZwRo7a/iUN0SYqSrwPNe//D5AZlmEAHn6luv2fdT0=\n";

    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();
    private IReadOnlyDictionary<string, string>? _environment;
    private Child? _child;
    private Task<int> _listening = Task.FromResult(0);
    private Task _output = Task.CompletedTask;

    private GatewayProcess(string? data)
    {
        Data = data ?? _folder.File("data");
        Log = new MailLog(Path.Combine(Data, "logs/mail.log"));
    }

    /// <summary>Where the listener "incoming" takes mail now; the port is another one after every start.</summary>
    public IPEndPoint Smtp { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>The mail log, over all starts.</summary>
    public MailLog Log { get; }

    /// <summary>The folder of the configuration.</summary>
    public string Folder => _folder.Path;

    /// <summary>The folder of spool, logs and secrets: "data" in <see cref="Folder"/> unless one was given.</summary>
    public string Data { get; }

    /// <summary>What it wrote on stderr since its last start.</summary>
    public string Errors => _child?.Errors ?? "";

    /// <summary>The routes file, which a test may replace while the gateway runs.</summary>
    public string RoutesFile => _folder.File("smtproutes");

    /// <summary>The file postern.toml.</summary>
    public string Configuration => _folder.File("postern.toml");

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
        var gateway = await PrepareAsync(routes, more);
        gateway._environment = environment;
        try
        {
            gateway.WriteAccounts();
            await gateway.StartAgainAsync(under);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes configuration and routes, and starts nothing: the next start is the very first.</summary>
    /// <param name="routes">The routes file, as an operator would write it.</param>
    /// <param name="more">Further tables of postern.toml.</param>
    /// <param name="data">The folder of the data; null: one beside the configuration.</param>
    public static async Task<GatewayProcess> PrepareAsync(string routes, string more = "", string? data = null)
    {
        var gateway = new GatewayProcess(data);
        await File.WriteAllTextAsync(gateway.RoutesFile, routes);
        await File.WriteAllTextAsync(gateway.Configuration, $"""
            hostname = "gw.example"
            data = "{gateway.Data}"

            [[listener]]
            name = "incoming"
            address = "127.0.0.1:0"
            relay_from = ["127.0.0.0/8"]

            [admin]
            address = "127.0.0.1:0"

            {more}
            """);
        return gateway;
    }

    /// <summary>Starts it again on the same data, once it has ended, and waits until it listens.</summary>
    public async Task StartAgainAsync(params string[] under)
    {
        await BeginStartAsync(under);
        await ListeningAsync();
        Id = under.Length == 0 ? _child!.Id : Under(_child!.Id);
    }

    /// <summary>Starts it, and does not wait for anything.</summary>
    public async Task BeginStartAsync(params string[] under)
    {
        if (_child is not null)
        {
            await _child.DisposeAsync();
        }

        string[] command = [.. under, Executable(), "serve", "--config", Configuration];
        _child = Child.Start(command[0], command[1..], Folder, _environment);
        Id = _child.Id;
        _listening = ReadPortAsync(_child);
    }

    /// <summary>Waits until what <see cref="BeginStartAsync"/> began listens.</summary>
    /// <exception cref="RunException">It ended instead; the message says what it wrote on stderr.</exception>
    public async Task ListeningAsync()
    {
        Smtp = new IPEndPoint(IPAddress.Loopback, await _listening.WaitAsync(StartBound));
        _output = _child!.Output.ReadToEndAsync();
    }

    /// <summary>Runs a command for it, which ends with 0, and returns what the command printed.</summary>
    /// <exception cref="RunException">It ended otherwise; the message says what it wrote on stderr.</exception>
    public Task<string> RunAsync(params string[] command) => Child.RunAsync(
        Executable(), [.. command, "--config", Configuration], TestContext.Current.CancellationToken);

    /// <summary>
    /// Stops every thread where it is (SIGSTOP): nothing is said to anybody any more. What waits within a system call
    /// stays there, or stops when the call ends.
    /// </summary>
    public async Task FreezeAsync()
    {
        try
        {
            await Child.RunAsync("/bin/kill", ["-STOP", $"{Id}"], CancellationToken.None);
        }
        catch (RunException) when (_child!.HasEnded)
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        while (Directory.Exists($"/proc/{Id}/task") && !Directory.GetDirectories($"/proc/{Id}/task").All(IsStill))
        {
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>The end without warning: kill -9.</summary>
    public Task KillAsync() => _child!.KillAsync(Id);

    /// <summary>The end that an operator asks for: SIGTERM. Returns the exit code.</summary>
    public Task<int> TerminateAsync() => _child!.TerminateAsync(Id);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_child is not null)
        {
            if (!_child.HasEnded) await KillAsync();
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

    private void WriteAccounts()
    {
        Directory.CreateDirectory(Data);
        var file = Path.Combine(Data, "accounts");
        File.WriteAllText(file, Accounts);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    // T: stopped, t: stopped by its tracer, D: within a call that no signal ends, Z and X: over.
    private static bool IsStill(string thread)
    {
        try
        {
            var status = File.ReadAllText(Path.Combine(thread, "stat"));
            return "TtDZX".Contains(status[status.LastIndexOf(')') + 2], StringComparison.Ordinal);
        }
        catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    // A program such as strace has the gateway as its child; one such as eatmydata becomes the gateway.
    private static int Under(int process)
    {
        var children = File.ReadAllText($"/proc/{process}/task/{process}/children");
        return children.Length == 0 ? process : int.Parse(children.Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private static async Task<int> ReadPortAsync(Child child)
    {
        while (await child.Output.ReadLineAsync() is { } line)
        {
            if (Listens().Match(line) is { Success: true } ready)
            {
                return int.Parse(ready.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            }
        }

        await child.EndedAsync();
        throw new RunException($"postern did not start: {child.Errors}");
    }

    [GeneratedRegex(@"listening on 127\.0\.0\.1:(\d+) \(incoming\)")]
    private static partial Regex Listens();
}
