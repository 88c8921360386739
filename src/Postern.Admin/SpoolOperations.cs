using Microsoft.AspNetCore.Http;
using Postern.Admin.Accounts;
using Postern.Spool;

namespace Postern.Admin;

/// <summary>What the store of the running gateway holds, over the API; see docs/design/api.md.</summary>
internal sealed class SpoolOperations(AdminParts parts)
{
    // It reads the whole disk, which mail needs as well.
    private readonly CallerTurns checks = new(1);

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/spool", "showSpool",
            "What the store holds, by why it waits, and the room that it takes; reads all records but contents.",
            typeof(SpoolAnswer), CountAsync),
        new(HttpMethod.Get, "/api/v1/spool/verification", "verifySpool",
            "Checks every record of the store against every other, as they are now, and tells once a second how many "
            + "were read, a JSON value a line; the last has what was found.",
            typeof(SpoolCheck), context => Task.FromResult(Check()))
        {
            MediaType = JsonLines.Type,
            Least = AccountRole.Operator,
            Problems = [429],
        },
    ];

    private IResult Check() => checks.TryTake("") is { } turn
        ? new SpoolCheckStream(parts.VerifySpool, turn, parts.Time)
        : ApiRequest.Problem(StatusCodes.Status429TooManyRequests, "The store is being checked already.");

    private async Task<IResult> CountAsync(HttpContext context)
    {
        try
        {
            return ApiRequest.Json(
                SpoolAnswer.Of(await Task.Run(parts.CountSpool, context.RequestAborted).ConfigureAwait(false)));
        }
        catch (SpoolException e)
        {
            return ApiRequest.Problem(StatusCodes.Status503ServiceUnavailable, $"{e.Message}.");
        }
    }
}

/// <summary>What the store holds.</summary>
/// <param name="Messages">Messages.</param>
/// <param name="Octets">Octets of their contents.</param>
/// <param name="Recipients">Recipients without a final result: <c>untried</c>, <c>deferred</c> by a host,
/// <c>forWantOfHost</c>, <c>uncertain</c>, <c>paced</c>, reports whose domain has had its share for now, and
/// <c>unreadable</c>, mail whose content cannot be read.</param>
/// <param name="OldestMid">The message that was accepted first; null: there is none.</param>
/// <param name="OldestAccepted">When that was.</param>
/// <param name="Damaged">Messages whose records cannot be read.</param>
/// <param name="Uploads">Contents that come in; without a gateway those that a crash has left.</param>
/// <param name="WalOctets">Octets of the log that the next start reads back.</param>
/// <param name="TableOctets">Octets of the tables.</param>
/// <param name="FreeOctets">Octets that are free on the disk.</param>
public sealed record SpoolAnswer(
    long Messages, long Octets, IReadOnlyDictionary<string, long> Recipients, long? OldestMid,
    DateTimeOffset? OldestAccepted, long Damaged, long Uploads, long WalOctets, long TableOctets, long FreeOctets)
{
    /// <summary>The form of what was counted.</summary>
    public static SpoolAnswer Of(SpoolStatistics found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return new SpoolAnswer(
            found.Messages, found.Octets, found.Recipients.ToDictionary(pair => Word(pair.Key), pair => pair.Value),
            found.Oldest?.Mid.Value, found.Oldest?.Accepted, found.Damaged, found.Uploads, found.WalOctets,
            found.TableOctets, found.FreeOctets);
    }

    private static string Word(WaitReason reason) => reason switch
    {
        WaitReason.None => "untried",
        WaitReason.Mail => "deferred",
        WaitReason.Host => "forWantOfHost",
        WaitReason.Uncertain => "uncertain",
        WaitReason.Pace => "paced",
        WaitReason.Content => "unreadable",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}
