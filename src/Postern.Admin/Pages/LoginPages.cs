using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;

namespace Postern.Admin.Pages;

/// <summary>
/// Login, logout and the change of a password: plain forms without a script, so that they work before anything else
/// does. <see cref="AdminGate"/> has checked their antiforgery tokens.
/// </summary>
internal sealed class LoginPages(AdminParts parts, Sessions sessions, SessionCookie cookie)
{
    /// <summary>Name and password.</summary>
    public const string LoginPath = "/login";

    /// <summary>Ends the session.</summary>
    public const string LogoutPath = "/logout";

    /// <summary>Another password.</summary>
    public const string PasswordPath = "/password";

    /// <summary>The fewest characters of a password that somebody chooses (NIST SP 800-63B-4 asks for 15 where it is
    /// the only proof).</summary>
    public const int LeastPassword = 15;

    /// <summary>The most; a longer one is no safer, only slower to look at.</summary>
    public const int MostPassword = 256;

    private const string NameField = "name", PasswordField = "password", ReturnField = "return";
    private const string EndedField = "ended";
    private const string NewField = "new-password", AgainField = "again", CodeField = "code";

    private readonly AccountEdits edits = new(parts.Accounts, parts.Time);

    /// <summary>The path is that of the login page.</summary>
    public static bool IsLogin(PathString path) => path == LoginPath;

    /// <summary>The login page that leads back to what was asked for, and says why it is there.</summary>
    /// <param name="way">Path and query of a page of this gateway.</param>
    /// <param name="end">Why somebody is logged in no more.</param>
    public static string AddressFor(string way, SessionEnd end)
    {
        var back = way == "/" ? "" : $"{ReturnField}={Uri.EscapeDataString(way)}";
        var why = end == SessionEnd.None ? "" : $"{EndedField}={end.ToString().ToLowerInvariant()}";
        return back.Length + why.Length == 0 ? LoginPath
            : $"{LoginPath}?{back}{(back.Length > 0 && why.Length > 0 ? "&" : "")}{why}";
    }

    /// <summary>The login page again, when its form was made by a gateway that has been restarted since.</summary>
    public static IResult TooOld(HttpContext context) => Login(
        StoreOf(context), StatusCodes.Status400BadRequest, LoginProblem.TooOld, "",
        Way(context.Request.Query[ReturnField]));

    /// <summary>Maps them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, HttpMethods.Get, LoginPath, context => Task.FromResult<IResult>(Login(
            parts.Accounts, StatusCodes.Status200OK, LoginProblem.None, "", Way(context.Request.Query[ReturnField]),
            EndIn(context.Request.Query))));
        routes.MapPost(LoginPath, PageForm.For(LogInAsync)).ExcludeFromDescription();
        Map(routes, HttpMethods.Post, LogoutPath, LogOutAsync);
        Map(routes, HttpMethods.Get, PasswordPath, context => Task.FromResult<IResult>(
            Password(context, StatusCodes.Status200OK, PasswordProblem.None)));
        routes.MapPost(PasswordPath, PageForm.For(ChangeAsync)).ExcludeFromDescription();
    }

    private static void Map(
        IEndpointRouteBuilder routes, string method, string path, Func<HttpContext, Task<IResult>> answer) =>
        routes.MapMethods(path, [method], async context =>
            await (await answer(context).ConfigureAwait(false)).ExecuteAsync(context).ConfigureAwait(false))
            .ExcludeFromDescription();

    private async Task<IResult> LogInAsync(HttpContext context, IFormCollection form)
    {
        var (name, way) = (form[NameField].ToString(), Way(form[ReturnField]));
        if (context.Connection.RemoteIpAddress is not { } from)
            return Login(parts.Accounts, StatusCodes.Status403Forbidden, LoginProblem.Wrong, name, way);
        var login = await parts.Logins.CheckAsync(
            name, form[PasswordField].ToString(), form[CodeField].ToString(), from, PasswordCheck.LogIn,
            context.RequestAborted).ConfigureAwait(false);
        if (login.Account is not { } account)
        {
            if (login.Wait == TimeSpan.Zero)
                return Login(parts.Accounts, StatusCodes.Status403Forbidden, LoginProblem.Wrong, name, way);
            var wait = Math.Ceiling(login.Wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
            context.Response.Headers.RetryAfter = wait;
            return Login(parts.Accounts, StatusCodes.Status429TooManyRequests, LoginProblem.TooMany, name, way);
        }
        cookie.Give(context, sessions.Begin(account));
        return Results.LocalRedirect(account.IsOneTime ? PasswordPath : way);
    }

    private async Task<IResult> LogOutAsync(HttpContext context)
    {
        if (Caller.SessionOf(context.User) is { } id && sessions.UseById(id) is { } session)
        {
            sessions.End(session, SessionEnd.None);
            await parts.Audit.WriteAsync(new AuditEntry
            {
                Who = session.Account.Name,
                From = Caller.AddressOf(context.User),
                Action = "logout",
            }).ConfigureAwait(false);
        }
        cookie.TakeBack(context);
        return Results.LocalRedirect(LoginPath);
    }

    private async Task<IResult> ChangeAsync(HttpContext context, IFormCollection form)
    {
        if (Caller.SessionOf(context.User) is null || context.Connection.RemoteIpAddress is not { } from)
            return Password(context, StatusCodes.Status403Forbidden, PasswordProblem.None);
        var (name, chosen) = (Caller.NameOf(context.User), form[NewField].ToString());
        if (ProblemOf(name, chosen, form) is var problem && problem != PasswordProblem.None)
            return Password(context, StatusCodes.Status400BadRequest, problem);
        // A browser that was left open is no proof of who sits before it.
        var login = await parts.Logins.CheckAsync(
            name, form[PasswordField].ToString(), null, from, "changePassword", context.RequestAborted)
            .ConfigureAwait(false);
        if (login.Account is not { } account)
        {
            return login.Wait == TimeSpan.Zero
                ? Password(context, StatusCodes.Status403Forbidden, PasswordProblem.Wrong)
                : Password(context, StatusCodes.Status429TooManyRequests, PasswordProblem.TooMany);
        }
        var outcome = await edits.ChooseAsync(account, chosen).ConfigureAwait(false);
        if (outcome.Account is not { } changed)
            return Password(context, StatusCodes.Status409Conflict, PasswordProblem.Outdated);
        sessions.EndAll(name, SessionEnd.Secret);
        cookie.Give(context, sessions.Begin(changed));
        return Results.LocalRedirect("/");
    }

    private static PasswordProblem ProblemOf(string name, string chosen, IFormCollection form) =>
        chosen.Length < LeastPassword ? PasswordProblem.TooShort
        : chosen.Length > MostPassword ? PasswordProblem.TooLong
        : chosen != form[AgainField] ? PasswordProblem.Differs
        : chosen == form[PasswordField] || chosen.Contains(name, StringComparison.OrdinalIgnoreCase)
            ? PasswordProblem.Known : PasswordProblem.None;

    // Only to a page of this gateway: "//evil.example" and "/\evil.example" are addresses of others.
    private static string Way(string? way) => way is ['/', ..] and not ['/', '/' or '\\', ..] && way != LoginPath
        && !way.Any(char.IsControl) ? Escaped(way) : "/";

    // A header has ASCII alone.
    private static string Escaped(string way) => string.Concat(
        way.EnumerateRunes().Select(rune => rune.IsAscii ? $"{rune}" : Uri.EscapeDataString($"{rune}")));

    private static SessionEnd EndIn(IQueryCollection query) =>
        Enum.TryParse<SessionEnd>(query[EndedField], ignoreCase: true, out var end) && Enum.IsDefined(end)
            ? end : SessionEnd.None;

    private static AccountStore StoreOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<AdminParts>().Accounts;

    // Whether any account has a second factor is no secret; which one has is.
    private static bool AsksCode(AccountStore accounts)
    {
        try
        {
            return accounts.Read().Any(account => account.Factor is not null);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static RazorComponentResult<LoginPage> Login(
        AccountStore accounts, int status, LoginProblem problem, string name, string way,
        SessionEnd end = SessionEnd.None) =>
        new(new Dictionary<string, object?>
        {
            [nameof(LoginPage.Problem)] = problem,
            [nameof(LoginPage.Name)] = name,
            [nameof(LoginPage.Return)] = way,
            [nameof(LoginPage.End)] = end,
            [nameof(LoginPage.AsksCode)] = AsksCode(accounts),
        })
        { StatusCode = status };

    private static RazorComponentResult<PasswordPage> Password(
        HttpContext context, int status, PasswordProblem problem) =>
        new(new Dictionary<string, object?>
        {
            [nameof(PasswordPage.Problem)] = problem,
            [nameof(PasswordPage.Name)] = Caller.NameOf(context.User),
        })
        { StatusCode = status };
}

/// <summary>Why a login did not succeed.</summary>
public enum LoginProblem
{
    /// <summary>None was tried.</summary>
    None,
    /// <summary>Name or password.</summary>
    Wrong,
    /// <summary>There were too many failed ones.</summary>
    TooMany,
    /// <summary>The form is of an earlier start.</summary>
    TooOld,
}

/// <summary>Why a password was not changed.</summary>
public enum PasswordProblem
{
    /// <summary>No change was tried.</summary>
    None,
    /// <summary>The present one is wrong.</summary>
    Wrong,
    /// <summary>There were too many failed logins.</summary>
    TooMany,
    /// <summary>The new one is too short.</summary>
    TooShort,
    /// <summary>The new one is too long.</summary>
    TooLong,
    /// <summary>It was not repeated.</summary>
    Differs,
    /// <summary>It is the present one, or holds the name.</summary>
    Known,
    /// <summary>Somebody else has changed the account since the present one was looked at.</summary>
    Outdated,
}
