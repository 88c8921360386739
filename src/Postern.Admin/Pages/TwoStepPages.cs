using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Postern.Admin.Access;
using Postern.Admin.Accounts;

namespace Postern.Admin.Pages;

/// <summary>
/// The second factor of the account that is logged in: plain forms without a script, as those of the login. The secret
/// goes out with the page and comes back with the form, so that nothing is kept of who only looked.
/// </summary>
internal sealed class TwoStepPages(AdminParts parts, Sessions sessions, SessionCookie cookie)
{
    /// <summary>The page.</summary>
    public const string TwoStepPath = "/two-step";

    /// <summary>Turns it on.</summary>
    public const string OnPath = $"{TwoStepPath}/on";

    /// <summary>Turns it off.</summary>
    public const string OffPath = $"{TwoStepPath}/off";

    private const string PasswordField = "password", CodeField = "code", SecretField = "secret";

    private readonly AccountEdits edits = new(parts.Accounts, parts.Time);

    /// <summary>Maps them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(TwoStepPath, context => Page(context, StatusCodes.Status200OK, TwoStepProblem.None)
            .ExecuteAsync(context)).ExcludeFromDescription();
        foreach (var (path, answer) in new (string, Func<HttpContext, IFormCollection, Account, Task<IResult>>)[]
            { (OnPath, TurnOnAsync), (OffPath, TurnOffAsync) })
        {
            routes.MapPost(path, PageForm.For(async (context, form) =>
                parts.Accounts.Find(Caller.NameOf(context.User)) is { } account
                    ? await answer(context, form, account).ConfigureAwait(false) : Results.LocalRedirect("/")))
                .ExcludeFromDescription();
        }
    }

    private async Task<IResult> TurnOnAsync(HttpContext context, IFormCollection form, Account account)
    {
        var (secret, code) = (form[SecretField].ToString(), form[CodeField].ToString());
        // Before the password, since what is written down of it says that it was done.
        if (!Totp.IsSecret(secret) || SecondFactor.Begin(secret, code, parts.Time.GetUtcNow()) is null)
            return Page(context, StatusCodes.Status400BadRequest, TwoStepProblem.Code, secret);
        // A browser that was left open is no proof of who sits before it.
        if (await ProblemAsync(context, form, null, "enrolTotp").ConfigureAwait(false) is { } problem)
            return Page(context, StatusOf(problem), problem, secret);
        var outcome = await edits.EnrolAsync(account, secret, code).ConfigureAwait(false);
        if (outcome.Account is null) return Page(context, StatusCodes.Status409Conflict, TwoStepProblem.Outdated);
        Begin(context, outcome.Account);
        return new RazorComponentResult<RecoveryCodesPage>(new Dictionary<string, object?>
        {
            [nameof(RecoveryCodesPage.Codes)] = outcome.RecoveryCodes,
        });
    }

    private async Task<IResult> TurnOffAsync(HttpContext context, IFormCollection form, Account account)
    {
        if (await ProblemAsync(context, form, form[CodeField].ToString(), "removeTotp").ConfigureAwait(false)
            is { } problem) return Page(context, StatusOf(problem), problem);
        var outcome = await edits.ResetTotpAsync(account.Name, account).ConfigureAwait(false);
        if (outcome.Account is null) return Page(context, StatusCodes.Status409Conflict, TwoStepProblem.Outdated);
        Begin(context, outcome.Account);
        return Results.LocalRedirect(TwoStepPath);
    }

    // It is another account now, and all its sessions are over but this one.
    private void Begin(HttpContext context, Account account)
    {
        sessions.EndAll(account.Name, SessionEnd.Secret);
        cookie.Give(context, sessions.Begin(account));
    }

    private async Task<TwoStepProblem?> ProblemAsync(
        HttpContext context, IFormCollection form, string? code, string action)
    {
        if (context.Connection.RemoteIpAddress is not { } from) return TwoStepProblem.Wrong;
        var login = await parts.Logins.CheckAsync(Caller.NameOf(context.User), form[PasswordField].ToString(), code,
            from, action, context.RequestAborted).ConfigureAwait(false);
        return login.Account is not null ? null
            : login.Wait > TimeSpan.Zero ? TwoStepProblem.TooMany : TwoStepProblem.Wrong;
    }

    private static int StatusOf(TwoStepProblem problem) => problem == TwoStepProblem.TooMany
        ? StatusCodes.Status429TooManyRequests : StatusCodes.Status403Forbidden;

    private RazorComponentResult<TwoStepPage> Page(
        HttpContext context, int status, TwoStepProblem problem, string? given = null)
    {
        var name = Caller.NameOf(context.User);
        var account = parts.Accounts.Find(name);
        var secret = given is not null && Totp.IsSecret(given) ? given : Totp.NewSecret();
        return new(new Dictionary<string, object?>
        {
            [nameof(TwoStepPage.Problem)] = problem,
            [nameof(TwoStepPage.Name)] = name,
            [nameof(TwoStepPage.IsRequired)] = account is not null && parts.Totp().Lacks(account),
            [nameof(TwoStepPage.RecoveryLeft)] = account?.Factor?.Recovery.Count,
            [nameof(TwoStepPage.Secret)] = secret,
            [nameof(TwoStepPage.App)] = Totp.AddressOf(parts.Facts().HostName, name, secret),
        })
        { StatusCode = status };
    }
}

/// <summary>Why nothing was turned on or off.</summary>
public enum TwoStepProblem
{
    /// <summary>Nothing was tried.</summary>
    None,
    /// <summary>The code is not that of the secret now.</summary>
    Code,
    /// <summary>The password, or the code besides.</summary>
    Wrong,
    /// <summary>There were too many failed logins.</summary>
    TooMany,
    /// <summary>The account is another one by now.</summary>
    Outdated,
}
