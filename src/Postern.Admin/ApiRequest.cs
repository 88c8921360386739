using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Postern.Delivery.Deciding;
using Postern.Mail;

namespace Postern.Admin;

/// <summary>Reads what a request asks for, and answers it.</summary>
internal static class ApiRequest
{
    /// <summary>The body as JSON.</summary>
    public static IResult Json<T>(T body) => Results.Json(body, ApiJson.Options);

    /// <summary>Problem details; <paramref name="detail"/> is one sentence for people.</summary>
    public static IResult Problem(int status, string detail) => Results.Problem(statusCode: status, detail: detail);

    /// <summary>What a body over its bound is answered; null: what failed is something else.</summary>
    public static IResult? TooLarge(Exception failure)
    {
        var request = failure as BadHttpRequestException ?? failure.InnerException as BadHttpRequestException;
        return request is { StatusCode: StatusCodes.Status413PayloadTooLarge }
            ? Problem(request.StatusCode, request.Message) : null;
    }

    /// <summary>
    /// The versions that <c>If-Match</c> names (RFC 9110 §13.1.1); null: it is not given, or says that any will do.
    /// Weak ones match nothing.
    /// </summary>
    public static IReadOnlyList<string>? Expected(HttpContext context)
    {
        var given = context.Request.Headers.IfMatch;
        if (given.Count == 0 || given is ["*"]) return null;
        return EntityTagHeaderValue.TryParseList([.. given.OfType<string>()], out var tags)
            ? [.. tags.Where(tag => !tag.IsWeak).Select(tag => tag.Tag.ToString().Trim('"'))] : [];
    }

    /// <summary>Says with an <c>ETag</c> which version is answered.</summary>
    public static void Tag(HttpContext context, string version) =>
        context.Response.Headers.ETag = $"\"{version}\"";

    /// <summary>Lets a request have a body of so many octets.</summary>
    public static void Allow(HttpContext context, long octets)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = octets;
    }

    /// <summary>The host that the path names.</summary>
    public static bool TryHost(
        HttpContext context, [NotNullWhen(true)] out HostSelector? selector, [NotNullWhen(false)] out IResult? problem)
    {
        var text = context.GetRouteValue("host") as string ?? "";
        problem = null;
        if (HostSelector.TryParse(text, out selector)) return true;
        problem = Problem(StatusCodes.Status400BadRequest,
            $"'{text}' is no host: write 10.0.0.1:25, [2001:db8::1]:25, or a name; all ports without one.");
        return false;
    }

    /// <summary>A number of the query; <paramref name="unset"/> when it is not given.</summary>
    public static bool TryNumber(
        HttpContext context, string name, int least, int most, int unset, out int number)
    {
        number = unset;
        string? text = context.Request.Query[name];
        return text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number >= least && number <= most);
    }

    /// <summary>Whether the query says true or false; null when it is not given.</summary>
    public static bool TryFlag(
        HttpContext context, string name, out bool? flag, [NotNullWhen(false)] out IResult? problem)
    {
        string? text = context.Request.Query[name];
        flag = text switch { "true" => true, "false" => false, _ => null };
        problem = text is null || flag is not null ? null
            : Problem(StatusCodes.Status400BadRequest, $"{name} is true or false.");
        return problem is null;
    }

    /// <summary>A receiving domain, or an address in brackets, as queues are named; null: it is neither.</summary>
    public static string? ReceivingDomainOf(string text) =>
        MailboxOf(text.StartsWith('[') ? $"postmaster@{text}" : text)?.ReceivingDomain;

    /// <summary>An id of the query, from 0; 0 when it is not given.</summary>
    public static bool TryLong(HttpContext context, string name, out long number)
    {
        number = 0;
        string? text = context.Request.Query[name];
        return text is null || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>A recipient, or a domain alone: the way of its postmaster is the way of all its mail.</summary>
    public static Mailbox? MailboxOf(string address)
    {
        if (Mailbox.TryParse(Encoding.UTF8.GetBytes(address), smtpUtf8: true, out var mailbox)
            && !mailbox.IsBarePostmaster) return mailbox;
        return Domain.TryParse(address, out var domain) ? Mailbox.Parse($"postmaster@{domain.Name}") : null;
    }
}
