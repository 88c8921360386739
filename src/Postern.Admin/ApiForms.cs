using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Postern.Delivery.Reports;

namespace Postern.Admin;

/// <summary>
/// A page of hosts; <paramref name="Next"/>: what <c>after</c> the next page has, null: there is none.
/// </summary>
public sealed record HostsPage(IReadOnlyList<HostReport> Hosts, int? Next);

/// <summary>
/// What <c>drain</c> or <c>undrain</c> did: the host as it was understood, and the hosts of it that mail was led to
/// so far.
/// </summary>
public sealed record DrainAnswer(string Host, bool Changed, IReadOnlyList<HostReport> Hosts);

/// <summary>What is wrong in a routes file.</summary>
public sealed record PreviewError(int Line, int Column, string Message, string Remedy);

/// <summary>What another routes file would change; with errors it would change nothing.</summary>
/// <param name="Errors">All errors.</param>
/// <param name="Added">Keys.</param>
/// <param name="Removed">Keys.</param>
/// <param name="Altered">Keys.</param>
/// <param name="RecipientsElsewhere">Queued recipients that would go to other hosts.</param>
public sealed record PreviewAnswer(
    IReadOnlyList<PreviewError> Errors, IReadOnlyList<string> Added, IReadOnlyList<string> Removed,
    IReadOnlyList<string> Altered, int RecipientsElsewhere);

/// <summary>How the API writes JSON: camelCase, states by their names.</summary>
public static class ApiJson
{
    /// <summary>The options; never changed.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}

/// <summary>The routes file was read.</summary>
/// <param name="Routes">How many routes are in force now.</param>
public sealed record RoutesTaken(int Routes);
