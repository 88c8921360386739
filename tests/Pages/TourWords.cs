namespace Pages;

/// <summary>What stands on the pages of a <see cref="PageTour"/>. Immutable.</summary>
internal sealed record TourWords
{
    /// <summary>As it is day by day.</summary>
    public static TourWords Usual { get; } = new();

    /// <summary>Each as long as it may be, and without a space to break a line at.</summary>
    public static TourWords Long { get; } = new()
    {
        Domain = Name('d'),
        Waiting = Name('w'),
        NewDomain = Name('n'),
        Deleted = [.. Enumerable.Range(0, 200).Select(i => $"a-domain-that-is-given-up-{i}.example")],
        Relay = Name('r'),
        Profile = new string('p', 64),
        User = new string('u', 255),
        NewProfile = new string('q', 64),
        Account = new string('v', 64),
        NoName = new string('<', 300),
        NoHost = new string('1', 250),
        Token = new string('t', 64),
        Sender = $"{new string('s', 64)}@{Name('s')}",
        Subject = new string('S', 900),
        Banner = $"431 {new string('B', 480)}",
        Refusal = $"452 4.2.2 {new string('R', 480)}",
    };

    /// <summary>Of a route with a host that is left out, and another one that takes mail.</summary>
    public string Domain { get; init; } = "example.com";

    /// <summary>Of a route whose hosts take no mail.</summary>
    public string Waiting { get; init; } = "waiting.example";

    /// <summary>Of a route that a command adds.</summary>
    public string NewDomain { get; init; } = "new.example";

    /// <summary>Those of routes that a command deletes.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = ["spare.example"];

    /// <summary>A host of a route.</summary>
    public string Relay { get; init; } = "relay.partner.example";

    /// <summary>A profile of outgoing authentication.</summary>
    public string Profile { get; init; } = "office";

    /// <summary>Its user.</summary>
    public string User { get; init; } = "gw@example.com";

    /// <summary>A profile whose password is missing.</summary>
    public string NewProfile { get; init; } = "partner";

    /// <summary>An account.</summary>
    public string Account { get; init; } = "vera";

    /// <summary>What is no name of an account.</summary>
    public string NoName { get; init; } = "no name";

    /// <summary>What is no host.</summary>
    public string NoHost { get; init; } = "192.168.10";

    /// <summary>What a token is for.</summary>
    public string Token { get; init; } = "prometheus";

    /// <summary>Who sends mail.</summary>
    public string Sender { get; init; } = "alice@src.example";

    /// <summary>Of mail that waits.</summary>
    public string Subject { get; init; } = "minutes";

    /// <summary>Of the host that is left out.</summary>
    public string Banner { get; init; } = "431-?example.com ESMTP\n431 Mail system full";

    /// <summary>What a host says of mail that waits.</summary>
    public string Refusal { get; init; } = "452 4.2.2 mailbox full";

    // 180 octets, so that an address at it is no longer than a path may be (RFC 5321 §4.5.3.1.3).
    private static string Name(char letter)
    {
        var label = new string(letter, 56);
        return $"{label}.{label}.{label}.example";
    }
}
