using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Postern.Reporting;

namespace Postern.Admin;

/// <summary>Reads which lines of the mail log a request means.</summary>
internal static class LogLineRequest
{
    /// <summary>What selects lines.</summary>
    public static IReadOnlyList<ApiParameter> Parameters { get; } =
    [
        ApiParameter.Text("mid", "Lines that name this message.", "6"),
        ApiParameter.Text("icid", "Lines that name this incoming connection.", "5"),
        ApiParameter.Text("dcid", "Lines that name this outgoing connection.", "300"),
        ApiParameter.Text("text", "Lines with this text, an address for example; case does not count.", "bob@"),
    ];

    /// <summary>Reads the filter; what is not given does not matter.</summary>
    public static bool TryRead(
        HttpContext context, out LogLineFilter filter, [NotNullWhen(false)] out IResult? problem)
    {
        (filter, problem) = (new LogLineFilter(), null);
        if (!ApiRequest.TryLong(context, "mid", out var mid) || !ApiRequest.TryLong(context, "icid", out var icid)
            || !ApiRequest.TryLong(context, "dcid", out var dcid))
        {
            problem = ApiRequest.Problem(400, "mid, icid and dcid are numbers.");
            return false;
        }
        var text = context.Request.Query["text"].ToString();
        filter = new LogLineFilter
        {
            Mid = mid,
            Icid = icid,
            Dcid = dcid,
            Text = text.Length > 0 ? new LogText(text) : null,
        };
        return true;
    }
}
