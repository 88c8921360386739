using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Postern.Admin.Accounts;

namespace Postern.Admin.Access;

/// <summary>Who looks at a page, and where from. One for each open page, whose own thread alone uses it.</summary>
internal sealed class Viewer(AuthenticationStateProvider state, Sessions sessions)
{
    private ClaimsPrincipal _user = new();

    /// <summary>The name of the account.</summary>
    public string Name => Caller.NameOf(_user);

    /// <summary>The address of the browser.</summary>
    public string From => Caller.AddressOf(_user);

    /// <summary>The zone that times are shown in.</summary>
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>Cancelled when the session is over.</summary>
    public CancellationToken Ended { get; private set; }

    /// <summary>What they may do.</summary>
    public bool May(AccountRole least) => _user.May(least);

    /// <summary>They do something, and so their session is used.</summary>
    public void Touch()
    {
        if (Caller.SessionOf(_user) is { } id) sessions.UseById(id);
    }

    /// <summary>Finds out who it is.</summary>
    public async Task BeginAsync()
    {
        _user = (await state.GetAuthenticationStateAsync()).User;
        if (Caller.SessionOf(_user) is not { } id) return;
        Ended = sessions.UseById(id)?.Ended ?? new CancellationToken(canceled: true);
    }
}
