using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Postern.Admin.Auditing;

namespace Postern.Admin.Accounts;

/// <summary>Tokens for programs over the API; see docs/design/api.md.</summary>
internal sealed class TokenApi(TokenStore tokens)
{
    private static readonly ApiParameter name = ApiParameter.Text(
        "name", "What it is for: ASCII letters, digits and . _ @ -", "prometheus") with
    { IsRequired = true };

    private static readonly ApiParameter role = new("role", "What it may do.", new OpenApiSchema
    {
        Type = JsonSchemaType.String,
        Enum = [.. AccountRoles.Words.Select(word => (System.Text.Json.Nodes.JsonNode)word)],
        Default = AccountRole.Viewer.Word(),
    });

    private static readonly ApiParameter id =
        ApiParameter.Text("id", "Its id, the second part of the token.", "00c0ffee") with { IsRequired = true };

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/tokens", "listTokens", "The tokens of programs, without their secrets.",
            typeof(TokensAnswer), _ => Task.FromResult(ApiRequest.Json(new TokensAnswer([.. tokens.Read().Select(
                token => new TokenForm(token.Id, token.Name, token.Role, token.Created, token.Expires,
                    tokens.LastUses.Of(token.Id)))]))))
        {
            Least = AccountRole.Administrator,
        },
        new(HttpMethod.Post, "/api/v1/tokens/new", "newToken", "Makes a token, and tells it this once.",
            typeof(NewToken), NewAsync)
        {
            Parameters =
            [
                name, role,
                ApiParameter.Number("days", "How long it is good for.", 1, TokenStore.MaxDays, TokenStore.DefaultDays),
            ],
            Least = AccountRole.Administrator,
            TellsSecret = true,
            Problems = [400],
        },
        new(HttpMethod.Post, "/api/v1/tokens/revoke", "revokeToken", "Takes a token back, at once.",
            typeof(IssuedToken), RevokeAsync)
        {
            Parameters = [id],
            Least = AccountRole.Administrator,
            Problems = [400, 404],
        },
    ];

    private async Task<IResult> NewAsync(HttpContext context)
    {
        var given = context.Request.Query["name"].ToString();
        var word = context.Request.Query["role"].FirstOrDefault() ?? AccountRole.Viewer.Word();
        if (!Account.IsName(given)) return ApiRequest.Problem(400, $"'{given}' is no name: {name.Description}.");
        if (!AccountRoles.TryParse(word, out var may))
            return ApiRequest.Problem(400, $"role is {string.Join(", ", AccountRoles.Words)}.");
        if (!ApiRequest.TryNumber(context, "days", 1, TokenStore.MaxDays, TokenStore.DefaultDays, out var days))
            return ApiRequest.Problem(400, $"days is 1 to {TokenStore.MaxDays}.");
        if (await tokens.IssueAsync(given, may, days).ConfigureAwait(false) is not { } made)
            return ApiRequest.Problem(400, $"There are {TokenStore.MaxTokens} tokens; revoke some first.");
        AuditNote.Of(context).After = made.Token.Describe();
        return ApiRequest.Json(made);
    }

    private async Task<IResult> RevokeAsync(HttpContext context)
    {
        var given = context.Request.Query["id"].ToString();
        if (await tokens.RevokeAsync(given).ConfigureAwait(false) is not { } revoked)
            return ApiRequest.Problem(404, $"There is no token '{given}'.");
        AuditNote.Of(context).Before = revoked.Describe();
        return ApiRequest.Json(revoked);
    }
}

/// <summary>The tokens of programs.</summary>
public sealed record TokensAnswer(IReadOnlyList<TokenForm> Tokens);

/// <summary>A token of a program; its secret is told nowhere.</summary>
/// <param name="Id">What it is revoked by.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">From then on it opens nothing.</param>
/// <param name="LastUse">When it last opened something; null: not since the start of the gateway.</param>
public sealed record TokenForm(
    string Id, string Name, AccountRole Role, DateTimeOffset Created, DateTimeOffset Expires, DateTimeOffset? LastUse);
