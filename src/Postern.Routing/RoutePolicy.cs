using Postern.Mail;

namespace Postern.Routing;

/// <summary>Which of the hosts of equal priority gets a message: the option <c>hosts=</c>.</summary>
public enum EqualHosts
{
    /// <summary><c>turns</c>: by turns, in proportion to the weights.</summary>
    Turns,
    /// <summary><c>first-up</c>: the first in the order of the file that can be used.</summary>
    FirstUp,
    /// <summary><c>least-busy</c>: the one with the fewest unanswered messages for its weight.</summary>
    LeastBusy,
}

/// <summary>
/// The rules of a route that differ from those of every other one, as its options say. Immutable.
/// </summary>
public sealed record RoutePolicy
{
    /// <summary>The longest <c>hold_for_probe</c>; mail that waits longer expires by its bounce profile.</summary>
    public static readonly TimeSpan MaxHoldForProbe = TimeSpan.FromHours(72);

    /// <summary>No option: the rules that hold for every route.</summary>
    public static RoutePolicy Default { get; } = new();

    /// <summary>
    /// <c>on_rcpt_4xx=hold</c>: a recipient that a host answered 4xx waits for its next round instead of going to the
    /// next host. Not for 421, which speaks of the connection.
    /// </summary>
    public bool HoldsAfterRcpt4xx { get; init; }

    /// <summary><c>hosts=</c>: which of the equal hosts gets a message.</summary>
    public EqualHosts EqualHosts { get; init; }

    /// <summary>
    /// <c>hold_for_probe=</c>: so long after a host was left out, its mail waits for it and does not go to hosts of a
    /// higher priority number. Zero to <see cref="MaxHoldForProbe"/>.
    /// </summary>
    public TimeSpan HoldForProbe { get; init; }

    /// <summary>The options as they are written in the file; empty for <see cref="Default"/>.</summary>
    public string Text => string.Join(' ', Words());

    private IEnumerable<string> Words()
    {
        if (HoldsAfterRcpt4xx) yield return "on_rcpt_4xx=hold";
        if (EqualHosts == EqualHosts.FirstUp) yield return "hosts=first-up";
        if (EqualHosts == EqualHosts.LeastBusy) yield return "hosts=least-busy";
        if (HoldForProbe > TimeSpan.Zero) yield return $"hold_for_probe={Amounts.Duration(HoldForProbe)}";
    }
}
