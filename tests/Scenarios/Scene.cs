using System.Text.RegularExpressions;
using Postern.TestHosts;

namespace Scenarios;

/// <summary>
/// The built gateway between a client and destination hosts that do what a test tells them: 127.0.0.10, .20 and .30,
/// and 127.0.0.90, where what goes back to senders arrives. Every wait is bounded.
/// </summary>
internal sealed partial class Scene : IAsyncDisposable
{
    /// <summary>The route of the original document: one host, and one of a higher number behind it.</summary>
    public const string InOrder = "example.com {10}/pri=0, {20}/pri=10";

    /// <summary>Both hosts of the same priority.</summary>
    public const string Equal = "example.com {10}, {20}";

    /// <summary>Waits of a second where the shipped ones are a minute.</summary>
    public const string Brisk = """
        [delivery]
        host_retry_initial = "1s"
        host_retry_max = "1s"
        [bounce_profile.default]
        initial_wait = "1s"
        max_wait = "1s"
        """;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly Dictionary<int, ScriptedHost> _hosts = [];
    private SmtpProbe? _client;

    private Scene()
    {
        foreach (var number in (int[])[10, 20, 30, 90])
        {
            _hosts[number] = ScriptedHost.Start(address: $"127.0.0.{number}");
        }
    }

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway { get; private set; } = null!;

    /// <summary>The host 127.0.0.10.</summary>
    public ScriptedHost First => _hosts[10];

    /// <summary>The host 127.0.0.20.</summary>
    public ScriptedHost Second => _hosts[20];

    /// <summary>The host 127.0.0.30.</summary>
    public ScriptedHost Third => _hosts[30];

    /// <summary>The host of src.example, the domain of all senders.</summary>
    public ScriptedHost Senders => _hosts[90];

    /// <summary>Starts hosts and gateway.</summary>
    /// <param name="first">What the first host does; null: it takes every message.</param>
    /// <param name="second">What the second host does; null: it takes every message.</param>
    /// <param name="more">Further tables of postern.toml.</param>
    /// <param name="route">The routes, with {10}, {20} and {30} for the hosts.</param>
    /// <param name="environment">Variables in the environment of the gateway.</param>
    public static async Task<Scene> StartAsync(
        HostScript? first = null, HostScript? second = null, string more = "", string route = InOrder,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var scene = new Scene();
        try
        {
            scene.First.Script = first ?? new HostScript();
            scene.Second.Script = second ?? new HostScript();
            scene.Gateway = await GatewayProcess.StartWithAsync(scene.Routes(route), more, environment);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>The routes file with the hosts of this scene, and a route back to the senders.</summary>
    public string Routes(string route)
    {
        var file = route + "\nsrc.example {90}\n";
        return _hosts.Aggregate(file, (text, host) =>
            text.Replace($"{{{host.Key}}}", host.Value.EndPoint.ToString(), StringComparison.Ordinal));
    }

    /// <summary>Writes other routes, as an operator with an editor, while the gateway runs.</summary>
    public async Task ChangeRoutesAsync(string route)
    {
        await File.WriteAllTextAsync(Gateway.RoutesFile + ".new", Routes(route));
        File.Move(Gateway.RoutesFile + ".new", Gateway.RoutesFile, overwrite: true);
    }

    /// <summary>Hands in a message whose subject is its name; it is accepted.</summary>
    public async Task SendAsync(string name, params string[] to)
    {
        var client = await ClientAsync();
        var recipients = to.Length > 0 ? to : ["bob@example.com"];
        var reply = await client.MessageAsync("alice@src.example", recipients, Content(name));
        Assert.StartsWith("250 ", reply, StringComparison.Ordinal);
    }

    /// <summary>The same over a new connection, once the gateway was started again.</summary>
    public async Task SendAfterRestartAsync(string name)
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
            _client = null;
        }

        await SendAsync(name);
    }

    /// <summary>The client of this scene, greeted.</summary>
    public async Task<SmtpProbe> ClientAsync() => _client ??= await SmtpProbe.GreetAsync(Gateway.Smtp);

    /// <summary>The content that <see cref="SendAsync"/> hands in.</summary>
    public static string Content(string name) =>
        $"Message-ID: <{name}@src.example>\r\nSubject: {name}\r\n\r\nThis is {name}.\r\n";

    /// <summary>
    /// Waits until the mail log tells what became of the mail exactly so, from the first connection on: the lines of
    /// <see cref="Story"/>. Lines that came after are not looked at.
    /// </summary>
    public async Task TellsAsync(params string[] expected)
    {
        List<string> story = [];
        try
        {
            await Gateway.Log.WaitForAllAsync(events =>
            {
                story = Story(events);
                return story.Count >= expected.Length || story.Zip(expected).Any(pair => pair.First != pair.Second);
            }, "the story");
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected, story);
        }

        Assert.Equal(expected, story.Take(expected.Length));
    }

    /// <summary>Waits until the mail log has a line more often than <paramref name="before"/> times.</summary>
    public Task LogsAsync(string line, int before = 0) =>
        Gateway.Log.WaitForAllAsync(events => Story(events).Count(text => text == line) > before, line);

    /// <summary>Waits until so many messages, bounces among them, have left the queue.</summary>
    public Task FinishedAsync(int messages) => Gateway.Log.WaitForAllAsync(
        events => events.Count(IsFinish) >= messages, $"the end of {messages} messages");

    /// <summary>Waits until a host is as a test wants it.</summary>
    public static async Task UntilAsync(ScriptedHost host, Func<ScriptedHost, bool> condition)
    {
        using var bound = new CancellationTokenSource(Bound);
        await host.WaitForAsync(condition, bound.Token);
    }

    /// <summary>Who got a message at a host: each recipient as often as it was taken there.</summary>
    public static string[] Got(ScriptedHost host, string name) =>
        [.. Copies(host, name).SelectMany(message => message.Accepted)];

    /// <summary>The copies of a message that a host took.</summary>
    public static IEnumerable<HostTransaction> Copies(ScriptedHost host, string name) =>
        host.Taken.Where(message => message.Text.Contains($"Subject: {name}\r\n", StringComparison.Ordinal));

    /// <summary>How often a host was offered a message.</summary>
    public static int Offers(ScriptedHost host) => host.Transactions.Count;

    /// <summary>
    /// The one report that the sender got: its text. A report goes from the null reverse-path (hardening P4).
    /// </summary>
    public async Task<string> BounceAsync()
    {
        await Gateway.Log.WaitForAsync("was generated for bounce");
        await FinishedAsync(2);
        var report = Assert.Single(Senders.Taken);
        Assert.Equal("", report.ReversePath);
        Assert.Equal(["alice@src.example"], report.Accepted);
        return report.Text;
    }

    /// <summary>Whether a connection error, delivery or outcome is in the log.</summary>
    public bool Logged(string text) =>
        Gateway.Log.Events.Any(line => line.Contains(text, StringComparison.Ordinal));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        if (Gateway is not null)
        {
            await Gateway.DisposeAsync();
        }

        foreach (var host in _hosts.Values)
        {
            await host.DisposeAsync();
        }
    }

    /// <summary>
    /// What the mail log says of deliveries, in its order: without times, with 2510, 2520, 2530 and 2590 for the ports
    /// that the system chose; without the ends of connections, which come when they like, and without the way of
    /// bounces to their senders.
    /// </summary>
    private List<string> Story(IReadOnlyList<string> events)
    {
        var bounces = events.Select(line => Bounce().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value).ToHashSet();
        var back = events.Where(line => line.Contains("address 127.0.0.90 ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[3]).ToHashSet();
        var story = new List<string>();
        foreach (var line in events.Where(line => Told().IsMatch(line)))
        {
            var isOfBounce = Mid().Match(line) is { Success: true } mid && bounces.Contains(mid.Groups[1].Value)
                && !Bounce().IsMatch(line);
            var isBack = Dcid().Match(line) is { Success: true } dcid && back.Contains(dcid.Groups[1].Value);
            if (!isOfBounce && !isBack)
            {
                story.Add(_hosts.Aggregate(Time().Replace(line, "<time>"), WithoutPort));
            }
        }

        return story;
    }

    private static string WithoutPort(string line, KeyValuePair<int, ScriptedHost> host)
    {
        var (address, port) = ($"127.0.0.{host.Key}", host.Value.EndPoint.Port);
        return line
            .Replace($"{address} port {port}", $"{address} port 25{host.Key}", StringComparison.Ordinal)
            .Replace($"{address} port: {port}", $"{address} port: 25{host.Key}", StringComparison.Ordinal)
            .Replace($"{address}:{port}", $"{address}:25{host.Key}", StringComparison.Ordinal);
    }

    private static bool IsFinish(string line) => line.StartsWith("Message finished MID ", StringComparison.Ordinal);

    [GeneratedRegex(@"^(New SMTP DCID|Connection Error|Delivery start|Message done|Delayed|Bounced|Possible|Uncertain"
        + @"|Discarded|Message finished|Double|Host )|^MID \d+ (to RID|RID \[|was generated)")]
    private static partial Regex Told();

    [GeneratedRegex(@"^MID (\d+) was generated")]
    private static partial Regex Bounce();

    [GeneratedRegex(@"\bMID (\d+)")]
    private static partial Regex Mid();

    [GeneratedRegex(@"DCID (\d+)")]
    private static partial Regex Dcid();

    [GeneratedRegex(@"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}")]
    private static partial Regex Time();
}
