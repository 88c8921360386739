using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postern.Admin.Accounts;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Admin;

/// <summary>
/// The fields and the content of a message in the queue over the API. Who looks has an entry in the audit log, since
/// mail is nobody's business but that of sender and recipient.
/// </summary>
internal sealed class MessageContentApi(AdminParts parts)
{
    private static readonly ApiParameter mid = ApiParameter.InPath("mid", "The MID, as the mail log shows it.", "6");

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/messages/{mid}/headers", "showMessageHeaders",
            "The header of a message in the queue, as text.", typeof(MessageHeaders),
            context => Answer(context, (_, body) => ApiRequest.Json(MessageHeaders.Of(body))))
        {
            Parameters = [mid],
            Least = AccountRole.Operator,
            IsAudited = true,
            Problems = [400, 404],
        },
        new(HttpMethod.Get, "/api/v1/messages/{mid}/content", "exportMessage",
            "A message in the queue as it goes out, octet for octet.", typeof(string),
            context => Answer(context, Whole))
        {
            Parameters = [mid],
            MediaType = Export.Type,
            Least = AccountRole.Operator,
            IsAudited = true,
            Problems = [400, 404],
        },
    ];

    private Task<IResult> Answer(HttpContext context, Func<Mid, BodyReader, IResult> answer)
    {
        var text = context.GetRouteValue("mid") as string;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Task.FromResult(ApiRequest.Problem(400, $"'{text}' is no MID."));
        try
        {
            return Task.FromResult(answer(new Mid(number), parts.OpenBody(new Mid(number))));
        }
        catch (SpoolException e) when (e is not SpoolClosedException)
        {
            return Task.FromResult(ApiRequest.Problem(404, $"{e.Message}."));
        }
    }

    // An answer that has begun cannot say that the rest cannot be read: all is read once before.
    private Export Whole(Mid number, BodyReader body)
    {
        using (body)
        {
            while (body.ReadNext().Length > 0)
            {
            }
        }
        return new Export(parts.OpenBody(number));
    }

    /// <summary>Sends a message in pieces, and closes it in any case.</summary>
    private sealed class Export(BodyReader body) : IResult
    {
        /// <summary>RFC 2046 §5.2.1.</summary>
        public const string Type = "message/rfc822";

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using (body)
            {
                var response = httpContext.Response;
                (response.ContentType, response.ContentLength) = (Type, body.Length);
                // A browser keeps it, and never shows what a stranger wrote as a page of ours.
                response.Headers.ContentDisposition =
                    $"attachment; filename=\"{httpContext.GetRouteValue("mid")}.eml\"";
                for (var piece = body.ReadNext(); piece.Length > 0; piece = body.ReadNext())
                    await response.Body.WriteAsync(piece, httpContext.RequestAborted).ConfigureAwait(false);
            }
        }
    }
}

/// <summary>The header of a message.</summary>
/// <param name="Text">Its fields as they stand there, folded; octets that are not UTF-8 are replaced.</param>
/// <param name="IsWhole">False: it is longer than what is shown.</param>
public sealed record MessageHeaders(string Text, bool IsWhole)
{
    /// <summary>Octets of fields that are shown.</summary>
    private const int MaxFields = 256 * 1024;

    /// <summary>Reads them, and closes the message.</summary>
    /// <param name="body">The message from its beginning.</param>
    internal static MessageHeaders Of(BodyReader body)
    {
        using (body)
        {
            var octets = new List<byte>();
            for (var piece = body.ReadNext(); piece.Length > 0; piece = body.ReadNext())
            {
                var from = Math.Max(0, octets.Count - 3);
                octets.AddRange(piece.Span);
                // RFC 5322 §2.1: the header ends with an empty line.
                var end = octets.Slice(from, octets.Count - from).ToArray().AsSpan().IndexOf("\r\n\r\n"u8);
                if (end >= 0) return new(TextOf(octets, from + end + 2), true);
                if (octets.Count >= MaxFields) return new(TextOf(octets, MaxFields), false);
            }
            return new(TextOf(octets, octets.Count), true);
        }
    }

    private static string TextOf(List<byte> octets, int length) => Encoding.UTF8.GetString([.. octets.Take(length)]);
}
