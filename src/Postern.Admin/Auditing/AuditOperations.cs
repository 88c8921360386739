using Microsoft.AspNetCore.Http;
using Postern.Admin.Accounts;

namespace Postern.Admin.Auditing;

/// <summary>The audit log over the API; see docs/design/audit.md.</summary>
internal sealed class AuditOperations(AdminParts parts)
{
    private const int MaxPage = 1000;

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/audit", "listAudit", "The audit log in pages, the newest entries first.",
            typeof(AuditPage), context => Task.FromResult(List(context)))
        {
            Least = AccountRole.Administrator,
            Parameters =
            [
                ApiParameter.Text("before", "The 'next' of the page before.", "1-100000"),
                ApiParameter.Text("search", "A part of the line; case does not count.", "drainHost"),
                ApiParameter.Number("limit", "Entries in the page.", 1, MaxPage, 100),
            ],
            Problems = [400],
        },
        new(HttpMethod.Get, "/api/v1/audit/verification", "verifyAudit",
            "Checks every line of the audit log against the hash in the next one.", typeof(AuditVerification),
            context => Task.Run(() => Verify(context)))
        {
            Least = AccountRole.Administrator,
            Parameters =
            [
                ApiParameter.Number(
                    "from", "The number of the first entry, where older files were taken away.", 1, int.MaxValue, 1),
                ApiParameter.Text("last", "The 'lastHash' of an earlier check, which has to be there.",
                    AuditLine.NoHash),
            ],
            Problems = [400],
        },
    ];

    private IResult List(HttpContext context)
    {
        if (!ApiRequest.TryNumber(context, "limit", 1, MaxPage, 100, out var limit))
            return ApiRequest.Problem(400, $"limit is 1 to {MaxPage}.");
        string? before = context.Request.Query["before"];
        return parts.Audit.Read(before, context.Request.Query["search"].ToString(), limit) is { } page
            ? ApiRequest.Json(page)
            : ApiRequest.Problem(400, $"before is the 'next' of a page, not '{before}'.");
    }

    private IResult Verify(HttpContext context)
    {
        if (!ApiRequest.TryNumber(context, "from", 1, int.MaxValue, 1, out var from))
            return ApiRequest.Problem(400, "from is a number from 1.");
        var last = context.Request.Query["last"].FirstOrDefault();
        return last is null || AuditVerification.IsHash(last)
            ? ApiRequest.Json(parts.Audit.Verify(from, last, context.RequestAborted))
            : ApiRequest.Problem(400, $"last is a hash of {AuditLine.NoHash.Length} digits, as 'lastHash' is.");
    }
}
