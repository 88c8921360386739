using Postern.Delivery.Deciding;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>
/// A run of the simulation by its seed: several routes that share hosts, hosts that change their moods, mail, and an
/// operator who drains hosts, edits routes and pulls the plug. Explanations are asked for at random moments and held
/// against the next attempt.
/// </summary>
internal sealed class SimScenario
{
    private const string Routes = """
        example.com 10.0.0.1/weight=3, 10.0.0.2, 10.0.0.3/pri=10
        other.example 10.0.0.2, 10.0.0.4
        levels.example 10.0.0.1, 10.0.0.4/pri=5/weight=2, 10.0.0.5/pri=5, 10.0.0.3/pri=20
        secure.example 10.0.0.5, 10.0.0.6/pri=5
        verify.example 10.0.0.6, 10.0.0.1/pri=1
        auth.example 10.0.0.7, 10.0.0.2/pri=10 auth=office
        named.example relay.example, 10.0.0.8/pri=10
        single.example 10.0.0.8
        """;

    private static readonly string[] Domains =
        [.. Routes.Split('\n').Select(l => l.Split(' ')[0])];

    private readonly Random _chance;
    private readonly SimHost[] _hosts;
    private readonly HashSet<HostSelector> _drained = [];
    private readonly Dictionary<string, string> _routes;
    private static readonly string[] Policies =
        ["", "", " hosts=first-up", " hosts=least-busy", " on_rcpt_4xx=hold", " hosts=first-up on_rcpt_4xx=hold"];

    public SimScenario(int seed, BounceProfile? profile = null)
    {
        _chance = new Random(seed);
        World = new SimWorld(Routes, Options(profile ?? new() { MaxRetries = 10_000 }), seed);
        _hosts = [.. Enumerable.Range(1, 10).Select(i => World.Host($"10.0.0.{i}"))];
        World.Dns["relay.example"] = new(
            [new ResolvedHost("relay.example", 0, [_hosts[8].Address, _hosts[9].Address])],
            NextHopFailure.None, null, TimeSpan.FromMinutes(5));
        World.UseRoutes(Routes);
        _routes = Routes.Split('\n').ToDictionary(l => l.Split(' ')[0], l => l);
    }

    public SimWorld World { get; }

    public IReadOnlyList<SimHost> Hosts => _hosts;

    /// <summary>Messages accepted so far.</summary>
    public int Messages { get; private set; }

    /// <summary>Explanations that were held against what then happened.</summary>
    public int Explained { get; private set; }

    private static DeliveryOptions Options(BounceProfile profile)
    {
        var usual = new DestinationControl { MaxConnections = 12, MaxMessagesPerConnection = 10 };
        return new()
        {
            HostName = "gw.example",
            MaxConnectionsPerAddress = 20,
            DefaultDestination = usual,
            Destinations = new Dictionary<string, DestinationControl>
            {
                ["secure.example"] = usual with { Tls = TlsPolicy.Required },
                ["verify.example"] = usual with { Tls = TlsPolicy.Verify },
            },
            BounceProfiles = new Dictionary<string, BounceProfile> { ["default"] = profile },
        };
    }

    /// <summary>Some time in which anything may happen.</summary>
    /// <param name="burst">The most messages that come in at once.</param>
    public void Step(int burst)
    {
        ChangeHost();
        if (_chance.Next(25) == 0) Drain();
        if (_chance.Next(30) == 0) EditRoute();
        if (_chance.Next(60) == 0) World.Restart();
        for (var n = _chance.Next(burst); n > 0; n--) Accept();
        if (_chance.Next(3) == 0) ExplainNew();
        if (_chance.Next(3) == 0) ExplainHeld();
        World.Run(TimeSpan.FromMilliseconds(_chance.Next(4) == 0 ? _chance.Next(60_000) : _chance.Next(1, 5_000)));
        World.Model.Audit(World.Now, 40);
    }

    /// <summary>All is well from now on.</summary>
    public void Heal()
    {
        foreach (var host in _hosts)
            (host.Mood, host.Latency, host.Limit) = (Mood.Well, TimeSpan.FromMilliseconds(5), int.MaxValue);
        World.UseDrained(new HashSet<HostSelector>());
        World.UseRoutes(Routes);
        World.Scheduler.Pump();
    }

    private void ChangeHost()
    {
        var host = _hosts[_chance.Next(_hosts.Length)];
        switch (_chance.Next(10))
        {
            case < 3:
                host.Mood = (Mood)_chance.Next(Enum.GetValues<Mood>().Length);
                break;
            case < 6:
                host.Mood = Mood.Well;
                break;
            case 6:
                host.Latency = TimeSpan.FromMilliseconds(_chance.Next(1, _chance.Next(2) == 0 ? 100 : 15_000));
                break;
            case 7:
                host.Limit = _chance.Next(2) == 0 ? int.MaxValue : _chance.Next(0, 6);
                break;
        }
    }

    private void Accept()
    {
        var domain = Domains[_chance.Next(Domains.Length)];
        var other = _chance.Next(8) == 0 ? Domains[_chance.Next(Domains.Length)] : domain;
        var count = _chance.Next(4) == 0 ? _chance.Next(1, 5) : 1;
        World.Accept([.. Enumerable.Range(0, count)
            .Select(r => $"u{_chance.Next(20)}@{(r % 2 == 0 ? domain : other)}")]);
        Messages++;
    }

    private void Drain()
    {
        var name = _chance.Next(4) == 0 ? "relay.example" : _hosts[_chance.Next(_hosts.Length)].Address.ToString();
        var selector = new HostSelector(name, _chance.Next(2) == 0 ? 25 : null);
        if (_drained.Count > 2) _drained.Clear();
        else if (!_drained.Remove(selector)) _drained.Add(selector);
        World.UseDrained(_drained.ToHashSet());
        World.Scheduler.Pump();
    }

    private void EditRoute()
    {
        var domain = Domains[_chance.Next(Domains.Length)];
        _routes[domain] = _chance.Next(6) switch
        {
            0 => $"{domain} /dev/null",
            1 => Routes.Split('\n').Single(l => l.StartsWith(domain, StringComparison.Ordinal)),
            _ => $"{domain} " + string.Join(", ", _hosts.OrderBy(_ => _chance.Next()).Take(_chance.Next(1, 5))
                .Select(h => $"{h.Address}/pri={_chance.Next(3)}/weight={_chance.Next(1, 4)}"))
                + Policies[_chance.Next(Policies.Length)],
        };
        World.UseRoutes(string.Join('\n', _routes.Values));
        World.Scheduler.Pump();
    }

    // What `smtproutes test` answers, and then a message that comes in at this moment.
    private void ExplainNew()
    {
        var address = $"u{_chance.Next(20)}@{Domains[_chance.Next(Domains.Length)]}";
        World.Run(TimeSpan.Zero);
        var told = World.Scheduler.Explainer.Explain(Mailbox.Parse(address), null);
        World.LastAttempt = null;
        var mid = World.AcceptAtOnce(address);
        Messages++;
        // Behind older mail, and at the limit of its domain, a message waits whatever its hosts are.
        if (told.Queue!.Ready > 0 || (World.LastAttempt is null && told.Queue.InDelivery >= 12)) return;
        var isLookedUp = told.Hosts is [{ Note: "its name is looked up first" }, ..];
        var expected = told.Hosts.Count == 0 || isLookedUp ? null : told.Hosts[0].Host;
        DeliveryModel.Require(World.LastAttempt?.Host.ToString() == expected
            && (expected is null || World.LastAttempt?.Mid == mid),
            $"{address} was told {expected}, and {World.LastAttempt} was tried");
        Explained++;
    }

    // What `showmessage` answers in the moment in which a message that is held becomes due.
    private void ExplainHeld()
    {
        var held = World.Stored.Where(s => s.Value is { Due: not null, Reason: not Spool.WaitReason.None })
            .Take(20).ToList();
        if (held.Count == 0) return;
        var (key, state) = held[_chance.Next(held.Count)];
        if (state.Due <= World.Now) return;
        World.At(state.Due!.Value, () =>
        {
            var part = World.Scheduler.Explainer.Explain(key.Mid, World.Read(key.Mid))?.Recipients
                .FirstOrDefault(r => r.Rids.Contains(key.Rid.Value));
            if (part is not { State: "held" } || part.Hosts.Count == 0) return;
            World.LastAttempt = null;
            World.Scheduler.Tick();
            World.Scheduler.Pump();
            if (World.LastAttempt is not { } attempt || attempt.Mid != key.Mid) return;
            DeliveryModel.Require(attempt.Host.ToString() == part.Hosts[0].Host,
                $"MID {key.Mid} was told {part.Hosts[0].Host}, and {attempt.Host} was tried");
            Explained++;
        });
    }
}
