using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Postern.Admin.Access;
using Postern.Admin.Auditing;

namespace Postern.Admin.Accounts;

/// <summary>Who may log in, over the API; see docs/design/api.md.</summary>
internal sealed class AccountApi(AdminParts parts)
{
    private static readonly ApiParameter name = ApiParameter.Text(
        "name", "ASCII letters, digits and . _ @ -", "alice") with
    { IsRequired = true };

    private static readonly ApiParameter role = new("role", "What it may do.", new OpenApiSchema
    {
        Type = JsonSchemaType.String,
        Enum = [.. AccountRoles.Words.Select(word => (System.Text.Json.Nodes.JsonNode)word)],
    })
    { IsRequired = true, Example = AccountRole.Viewer.Word() };

    private readonly AccountEdits edits = new(parts.Accounts, parts.Time);

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/accounts", "listAccounts", "Who may log in.", typeof(AccountsAnswer),
            context => Task.FromResult(ApiRequest.Json(new AccountsAnswer(
                [.. parts.Accounts.Read().Select(account => FormOf(account, context))]))))
        {
            Least = AccountRole.Administrator,
        },
        Change("new", "newAccount", "Makes an account, and tells its one-time password this once.", [name, role],
            edits.NewAsync),
        Change("edit", "editAccount", "Gives an account another role; its sessions end.", [name, role],
            edits.EditAsync),
        Change("reset", "resetAccount", "Gives an account a new one-time password, told this once; its sessions end.",
            [name], (account, _) => edits.ResetAsync(account)),
        Change("reset-totp", "resetTotp", "Takes its second factor from an account; its sessions end.", [name],
            (account, _) => edits.ResetTotpAsync(account)),
        new(HttpMethod.Post, "/api/v1/accounts/end-sessions", "endSessions",
            "Logs an account out, wherever it is logged in.", typeof(AccountAnswer),
            context => Task.FromResult(EndSessions(context)))
        {
            Parameters = [name],
            Least = AccountRole.Administrator,
            Problems = [404],
        },
        Change("delete", "deleteAccount", "Deletes an account; its sessions end.", [name],
            (account, _) => edits.DeleteAsync(account)),
    ];

    private IResult EndSessions(HttpContext context)
    {
        var given = context.Request.Query["name"].ToString();
        if (parts.Accounts.Find(given) is not { } account)
            return ApiRequest.Problem(404, $"There is no account '{given}'.");
        SessionsOf(context).EndAll(given, AuditNote.Of(context));
        return ApiRequest.Json(new AccountAnswer(FormOf(account, context), null));
    }

    private static Sessions SessionsOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<Sessions>();

    private ApiOperation Change(
        string verb, string operation, string summary, IReadOnlyList<ApiParameter> parameters,
        Func<string, AccountRole, Task<AccountOutcome>> change) =>
        new(HttpMethod.Post, $"/api/v1/accounts/{verb}", operation, summary, typeof(AccountAnswer), async context =>
        {
            var word = context.Request.Query["role"].ToString();
            if (!AccountRoles.TryParse(word, out var may) && parameters.Contains(role))
                return ApiRequest.Problem(400, $"role is {string.Join(", ", AccountRoles.Words)}.");
            var outcome = await change(context.Request.Query["name"].ToString(), may).ConfigureAwait(false);
            if (outcome.Account is not { } account) return ApiRequest.Problem(400, $"{outcome.Refusal}.");
            AuditNote.Of(context).After = outcome.Describe();
            return ApiRequest.Json(new AccountAnswer(FormOf(account, context), outcome.Password));
        })
        {
            Parameters = parameters,
            Least = AccountRole.Administrator,
            TellsSecret = verb is "new" or "reset",
            Problems = [400],
        };

    private AccountForm FormOf(Account account, HttpContext context) =>
        new(account.Name, account.Role, account.IsOneTime, account.Factor is not null,
            parts.Logins.LastLogins.Of(account.Name), SessionsOf(context).CountOf(account.Name));
}

/// <summary>Who may log in.</summary>
public sealed record AccountsAnswer(IReadOnlyList<AccountForm> Accounts);

/// <summary>An account; its password is told nowhere.</summary>
/// <param name="Name">As it logs in.</param>
/// <param name="Role">What it may do.</param>
/// <param name="IsOneTime">Its password was made by Postern, and opens nothing but the choice of another one.</param>
/// <param name="HasTotp">It is asked for the code of an app besides.</param>
/// <param name="LastLogin">When it last logged in; null: not since the start of the gateway.</param>
/// <param name="Sessions">How often it is logged in now.</param>
public sealed record AccountForm(
    string Name, AccountRole Role, bool IsOneTime, bool HasTotp, DateTimeOffset? LastLogin, int Sessions);

/// <summary>An account that was changed.</summary>
/// <param name="Account">As it is now, or was before it was deleted.</param>
/// <param name="Password">Its one-time password, told this once; null: it stays.</param>
public sealed record AccountAnswer(AccountForm Account, string? Password);
