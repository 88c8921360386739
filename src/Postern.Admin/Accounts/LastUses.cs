namespace Postern.Admin.Accounts;

/// <summary>
/// When accounts or tokens were last used, since the start. Kept in memory alone. Any thread may call it.
/// </summary>
public sealed class LastUses(TimeProvider time)
{
    /// <summary>Names that are kept; then the one that was not used for longest goes.</summary>
    public const int MaxNames = 2_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _uses = new(StringComparer.Ordinal);

    /// <summary>It is used now.</summary>
    /// <param name="name">Of the account, or the id of the token.</param>
    public void Note(string name)
    {
        lock (_lock)
        {
            if (_uses.Count >= MaxNames && !_uses.ContainsKey(name)) _uses.Remove(_uses.MinBy(use => use.Value).Key);
            _uses[name] = time.GetUtcNow();
        }
    }

    /// <summary>When it was last used; null: not since the start.</summary>
    public DateTimeOffset? Of(string name)
    {
        lock (_lock) return _uses.TryGetValue(name, out var at) ? at : null;
    }
}
