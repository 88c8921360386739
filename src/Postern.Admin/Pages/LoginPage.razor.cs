using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages;

/// <summary>Asks for name and password.</summary>
public partial class LoginPage
{
    /// <summary>Why the last try did not succeed.</summary>
    [Parameter] public LoginProblem Problem { get; set; }

    /// <summary>The name that was given.</summary>
    [Parameter] public string Name { get; set; } = "";

    /// <summary>There are accounts with a second factor.</summary>
    [Parameter] public bool AsksCode { get; set; }

    /// <summary>Where to go on: a path of this gateway.</summary>
    [Parameter] public string Return { get; set; } = "/";

    private string Text => Problem switch
    {
        LoginProblem.TooMany => T["There were too many failed logins. Try again in a while."],
        LoginProblem.TooOld => T["This page was too old. Try again."],
        _ => AsksCode ? T["The account, its password or its code is wrong."]
            : T["The account or its password is wrong."],
    };
}
