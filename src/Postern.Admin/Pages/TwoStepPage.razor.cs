using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages;

/// <summary>Turns the second factor of an account on or off.</summary>
public partial class TwoStepPage
{
    /// <summary>Why the last try did not succeed.</summary>
    [Parameter] public TwoStepProblem Problem { get; set; }

    /// <summary>Whose it is.</summary>
    [Parameter] public string Name { get; set; } = "";

    /// <summary>Nothing else is open without it.</summary>
    [Parameter] public bool IsRequired { get; set; }

    /// <summary>The recovery codes that are left; null: it is not on.</summary>
    [Parameter] public int? RecoveryLeft { get; set; }

    /// <summary>For the app, while it is not on.</summary>
    [Parameter] public string Secret { get; set; } = "";

    /// <summary>The same as a link.</summary>
    [Parameter] public Uri? App { get; set; }

    // Read off a screen in fours.
    private string Spelled => string.Join(' ', Secret.Chunk(4).Select(four => new string(four)));

    private string Text => Problem switch
    {
        TwoStepProblem.Code =>
            T["The code is not that of the app. Wait for its next one, and see that its clock is right."],
        TwoStepProblem.TooMany => T["There were too many failed logins. Try again in a while."],
        TwoStepProblem.Outdated => T["The account was changed meanwhile. Nothing was done."],
        _ => RecoveryLeft is null ? T["The present password is wrong."] : T["The password or the code is wrong."],
    };
}
