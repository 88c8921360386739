using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages;

/// <summary>Asks for another password.</summary>
public partial class PasswordPage
{
    /// <summary>Why the last try did not succeed.</summary>
    [Parameter] public PasswordProblem Problem { get; set; }

    /// <summary>Whose it is.</summary>
    [Parameter] public string Name { get; set; } = "";

    private string Text => Problem switch
    {
        PasswordProblem.TooMany => T["There were too many failed logins. Try again in a while."],
        PasswordProblem.TooShort => T["The new password needs at least {0} characters.", LoginPages.LeastPassword],
        PasswordProblem.TooLong => T["The new password has more than {0} characters.", LoginPages.MostPassword],
        PasswordProblem.Differs => T["The two new passwords differ."],
        PasswordProblem.Known => T["The new password is the present one, or holds the name of the account."],
        PasswordProblem.Outdated =>
            T["The account was changed meanwhile, and its password was not. Log in again."],
        _ => T["The present password is wrong."],
    };
}
