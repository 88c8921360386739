using Postern.Admin.Accounts;

namespace Postern.Admin.Access;

/// <summary>Somebody who has logged in and not out again. Owned by <see cref="Sessions"/>.</summary>
internal sealed class Session : IDisposable
{
    private readonly CancellationTokenSource _ended = new();

    public Session(string id, Account account) => (Id, Account, Ended) = (id, account, _ended.Token);

    /// <summary>Names it where its secret must not stand.</summary>
    public string Id { get; }

    /// <summary>As it was at the login; when it changes, the session is over.</summary>
    public Account Account { get; }

    /// <summary>Cancelled when it is over, however it came to its end.</summary>
    public CancellationToken Ended { get; }

    /// <summary>How it came to its end; it is set before <see cref="Ended"/>.</summary>
    public SessionEnd End { get; private set; }

    /// <summary>When somebody last did something in it.</summary>
    internal DateTimeOffset LastUse { get; set; }

    /// <summary>It is over.</summary>
    public void Finish(SessionEnd why)
    {
        End = why;
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }
}
