using Microsoft.AspNetCore.Components;
using Postern.Admin.Access;

namespace Postern.Admin.Pages;

/// <summary>Asks for name and password.</summary>
public partial class LoginPage
{
    /// <summary>Why the last try did not succeed.</summary>
    [Parameter] public LoginProblem Problem { get; set; }

    /// <summary>Why somebody is here who was logged in.</summary>
    [Parameter] public SessionEnd End { get; set; }

    /// <summary>The name that was given.</summary>
    [Parameter] public string Name { get; set; } = "";

    /// <summary>There are accounts with a second factor.</summary>
    [Parameter] public bool AsksCode { get; set; }

    /// <summary>Where to go on: a path of this gateway.</summary>
    [Parameter] public string Return { get; set; } = "/";

    private string EndText => End switch
    {
        SessionEnd.Role => T["You were logged out, because your account has another role now."],
        SessionEnd.Secret =>
            T["You were logged out, because the password or the two-step login of your account was changed."],
        SessionEnd.Gone => T["You were logged out, because your account was deleted."],
        SessionEnd.Administrator => T["You were logged out by an administrator."],
        SessionEnd.Idle => T["You were logged out, because nothing was done for {0} hours.", Sessions.Idle.TotalHours],
        SessionEnd.Newer => T["You were logged out, because your account has logged in elsewhere {0} times since.",
            Sessions.MaxOfAccount],
        SessionEnd.Unreadable => T["Everybody was logged out, because the file of the accounts cannot be read."],
        _ => T["Your session is over. After the login you are where you were."],
    };

    private string Text => Problem switch
    {
        LoginProblem.TooMany => T["There were too many failed logins. Try again in a while."],
        LoginProblem.TooOld => T["This page was too old. Try again."],
        _ => AsksCode ? T["The account, its password or its code is wrong."]
            : T["The account or its password is wrong."],
    };
}
