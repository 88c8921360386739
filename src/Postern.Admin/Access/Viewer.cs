using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Postern.Admin.Accounts;

namespace Postern.Admin.Access;

/// <summary>Who looks at a page, and where from. One for each open page, whose own thread alone uses it.</summary>
internal sealed class Viewer(AuthenticationStateProvider state, Sessions sessions)
{
    private ClaimsPrincipal _user = new();
    private Session? _session;

    /// <summary>The name of the account.</summary>
    public string Name => Caller.NameOf(_user);

    /// <summary>The address of the browser.</summary>
    public string From => Caller.AddressOf(_user);

    /// <summary>The zone that times are shown in.</summary>
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>Cancelled when the session is over.</summary>
    public CancellationToken Ended { get; private set; }

    /// <summary>How it came to its end.</summary>
    public SessionEnd End => _session?.End ?? SessionEnd.Over;

    /// <summary>What they may do.</summary>
    public bool May(AccountRole least) => _user.May(least);

    /// <summary>They do something, and so their session is used.</summary>
    public void Touch()
    {
        if (Caller.SessionOf(_user) is { } id) sessions.UseById(id);
    }

    /// <summary>
    /// They do something that changes something, and so their session is used, unless it is over by the accounts as
    /// they stand now: then the page ends.
    /// </summary>
    /// <exception cref="IOException">The accounts cannot be read.</exception>
    public bool TryAct() => Caller.SessionOf(_user) is { } id && sessions.UseStrictly(id) is not null;

    /// <summary>Finds out who it is.</summary>
    public async Task BeginAsync()
    {
        _user = (await state.GetAuthenticationStateAsync()).User;
        if (Caller.SessionOf(_user) is not { } id) return;
        _session = sessions.UseById(id);
        Ended = _session?.Ended ?? new CancellationToken(canceled: true);
    }
}
