using Postern.Mail;

namespace Postern.Delivery.Deciding;

/// <summary>
/// The strikes of a host (contract §3, words): a strong one counts out at the second different message in a row, a
/// weak one at the fifth, and twenty messages with at least five different addresses of which none was accepted. Any
/// 250 to a dot clears them. For the scheduler's thread only.
/// </summary>
public sealed class Strikes
{
    /// <summary>Different messages with a strong strike in a row that leave a host out.</summary>
    public const int StrongLimit = 2;
    /// <summary>Different messages with a weak strike in a row that leave a host out.</summary>
    public const int WeakLimit = 5;
    /// <summary>Messages in a row without an accepted recipient that leave a host out …</summary>
    public const int RefusedMessages = 20;
    /// <summary>… when they were for at least so many different addresses.</summary>
    public const int RefusedAddresses = 5;

    private readonly HashSet<Mid> _strong = [];
    private readonly HashSet<Mid> _weak = [];
    private readonly HashSet<Mid> _refused = [];
    private readonly HashSet<string> _refusedAddresses = new(StringComparer.Ordinal);

    /// <summary>There is at least one strike.</summary>
    public bool Any => _strong.Count + _weak.Count + _refused.Count > 0;

    /// <summary>Counts a strong strike.</summary>
    /// <returns>True when it leaves the host out.</returns>
    public bool Strong(Mid mid) => _strong.Add(mid) && _strong.Count >= StrongLimit;

    /// <summary>Counts a weak strike.</summary>
    /// <returns>True when it leaves the host out.</returns>
    public bool Weak(Mid mid) => _weak.Add(mid) && _weak.Count >= WeakLimit;

    /// <summary>Counts a message of which every recipient was refused with a 4xx.</summary>
    /// <returns>True when it leaves the host out.</returns>
    public bool Refused(Mid mid, IEnumerable<string> addresses)
    {
        if (_refused.Count < RefusedMessages) _refused.Add(mid);
        foreach (var address in addresses)
            if (_refusedAddresses.Count < RefusedAddresses) _refusedAddresses.Add(address);
        return _refused.Count >= RefusedMessages && _refusedAddresses.Count >= RefusedAddresses;
    }

    /// <summary>A recipient was accepted: the row of refused messages ends.</summary>
    public void RecipientAccepted()
    {
        _refused.Clear();
        _refusedAddresses.Clear();
    }

    /// <summary>A 250 to a dot, or the host is back.</summary>
    public void Clear()
    {
        _strong.Clear();
        _weak.Clear();
        RecipientAccepted();
    }
}
