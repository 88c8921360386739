using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;

namespace Postern.Admin.Access;

/// <summary>
/// Who is logged in. Kept in memory alone: a restart logs everybody out. A session ends by a logout, 12 hours after its
/// last use, when its account has another password, role or second factor or is gone, when the accounts cannot be read
/// for two looks, and when the account has begun <see cref="MaxOfAccount"/> newer ones. Any thread may call it.
/// </summary>
internal sealed class Sessions : IDisposable
{
    /// <summary>Sessions of an account at a time; the one that was not used for longest goes first.</summary>
    public const int MaxOfAccount = 10;

    /// <summary>So long after its last use a session is over.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12);

    /// <summary>How often sessions are looked at by themselves, so that an open page ends with its session.</summary>
    public static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(5);

    /// <summary>After so many looks at a file of accounts that cannot be read all sessions are over.</summary>
    private const int MaxFailedLooks = 2;

    private const int SecretOctets = 32;
    private const int IdOctets = 8;

    private readonly AccountStore _accounts;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();

    private int _failedLooks;

    /// <summary>By the hash of the secret: a look into memory finds nothing that opens a session.</summary>
    private readonly Dictionary<string, Session> _bySecret = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Session> _byId = new(StringComparer.Ordinal);

    /// <summary>Nobody is logged in yet.</summary>
    public Sessions(AccountStore accounts, TimeProvider time)
    {
        (_accounts, _time) = (accounts, time);
        _timer = time.CreateTimer(_ => Look(), null, LookPeriod, LookPeriod);
    }

    /// <summary>Begins a session.</summary>
    /// <returns>Its secret, which only the browser keeps.</returns>
    public string Begin(Account account)
    {
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretOctets));
        var session = new Session(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdOctets)), account)
        {
            LastUse = _time.GetUtcNow(),
        };
        List<Session> tooMany;
        lock (_lock)
        {
            tooMany = [.. _byId.Values.Where(other => other.Account.Name == account.Name)
                .OrderByDescending(other => other.LastUse).Skip(MaxOfAccount - 1)];
            _bySecret[HashOf(secret)] = session;
            _byId[session.Id] = session;
        }
        foreach (var old in tooMany) End(old, SessionEnd.Newer);
        return secret;
    }

    /// <summary>The session of a secret, which is used now; null: there is none, or it is over.</summary>
    /// <exception cref="IOException">The accounts cannot be read.</exception>
    public Session? Use(string secret)
    {
        Session? session;
        lock (_lock) _bySecret.TryGetValue(HashOf(secret), out session);
        return IsUsable(session) ? session : null;
    }

    /// <summary>The session of an id, which is used now; null: it is over.</summary>
    public Session? UseById(string id)
    {
        Session? session;
        lock (_lock) _byId.TryGetValue(id, out session);
        return session is not null && Touch(session) ? session : null;
    }

    /// <summary>
    /// The same, by the accounts as they stand now: whoever has lost a role does nothing with it until the next look.
    /// </summary>
    /// <exception cref="IOException">The accounts cannot be read.</exception>
    public Session? UseStrictly(string id)
    {
        Session? session;
        lock (_lock) _byId.TryGetValue(id, out session);
        return IsUsable(session) ? session : null;
    }

    /// <summary>The session of an id is not over; this is no use of it.</summary>
    public bool IsOpen(string id)
    {
        lock (_lock) return _byId.ContainsKey(id);
    }

    /// <summary>Ends a session; nothing happens to one that is over.</summary>
    public void End(Session session, SessionEnd why)
    {
        lock (_lock)
        {
            if (!_byId.Remove(session.Id)) return;
            foreach (var (hash, _) in _bySecret.Where(pair => pair.Value == session).ToList()) _bySecret.Remove(hash);
        }
        session.Finish(why);
    }

    /// <summary>How often an account is logged in.</summary>
    public int CountOf(string account)
    {
        lock (_lock) return _byId.Values.Count(session => session.Account.Name == account);
    }

    /// <summary>Ends all sessions of an account.</summary>
    /// <returns>How many there were.</returns>
    public int EndAll(string account, SessionEnd why)
    {
        List<Session> all;
        lock (_lock) all = [.. _byId.Values.Where(session => session.Account.Name == account)];
        foreach (var session in all) End(session, why);
        return all.Count;
    }

    /// <summary>The same for an administrator, who is to see in the audit log how many there were.</summary>
    public void EndAll(string account, AuditNote note) => note.After =
        $"sessions ended: {EndAll(account, SessionEnd.Administrator)}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        List<Session> all;
        lock (_lock) all = [.. _byId.Values];
        foreach (var session in all) End(session, SessionEnd.Over);
    }

    private void Look()
    {
        List<Session> all;
        lock (_lock) all = [.. _byId.Values];
        if (all.Count == 0) return;
        try
        {
            var accounts = _accounts.Read().ToDictionary(account => account.Name, StringComparer.Ordinal);
            foreach (var session in all) Holds(session, accounts.GetValueOrDefault(session.Account.Name));
            _failedLooks = 0;
        }
        catch (IOException)
        {
            // Until the file can be read again no request is let in. Nobody knows any more who may stay on an open
            // page, unless it was only read while somebody repaired it.
            if (++_failedLooks < MaxFailedLooks) return;
            foreach (var session in all) End(session, SessionEnd.Unreadable);
        }
    }

    // An account that was given another password, role, state or second factor is another one.
    private bool Holds(Session session, Account? account)
    {
        bool isIdle;
        lock (_lock) isIdle = _time.GetUtcNow() - session.LastUse >= Idle;
        if (!isIdle && session.Account.IsStill(account)) return true;
        End(session, isIdle ? SessionEnd.Idle : account is null ? SessionEnd.Gone
            : account.Role != session.Account.Role ? SessionEnd.Role : SessionEnd.Secret);
        return false;
    }

    private bool IsUsable([NotNullWhen(true)] Session? session) => session is not null
        && Holds(session, _accounts.Find(session.Account.Name)) && Touch(session);

    private bool Touch(Session session)
    {
        lock (_lock)
        {
            if (!_byId.ContainsKey(session.Id)) return false;
            session.LastUse = _time.GetUtcNow();
            return true;
        }
    }

    private static string HashOf(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
