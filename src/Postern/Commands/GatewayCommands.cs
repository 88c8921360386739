using System.Globalization;
using Postern.Admin;
using Postern.Configuration;
using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;

namespace Postern.Commands;

/// <summary>The commands that talk to the running gateway.</summary>
internal sealed class GatewayCommands(Terminal terminal, TimeProvider time)
{
    /// <summary>Few enough for a request line of 8 kB, whatever their addresses.</summary>
    private const int AddressesAtOnce = 10;

    private readonly GatewayQuestion question = new(terminal);

    /// <summary><c>drain HOST</c> and <c>undrain HOST</c>.</summary>
    public async Task<int> DrainAsync(
        ConfigurationFile file, string host, bool undrain, bool json, CancellationToken cancellationToken)
    {
        if (!HostSelector.TryParse(host, out var selector))
            return terminal.Misused($"'{host}' is no host; write 10.0.0.1:25, [2001:db8::1]:25 or relay.example");
        var verb = undrain ? "undrain" : "drain";
        var path = $"/api/v1/hosts/{Uri.EscapeDataString(selector.ToString())}/{verb}";
        var answer = await question.AskAsync<DrainAnswer>(file, path, [], cancellationToken);
        if (answer is null) return ExitCode.Failed;
        if (json)
        {
            terminal.Out.WriteLine(GatewayQuestion.ToJson(answer));
            return ExitCode.Done;
        }
        if (undrain && !answer.Changed)
            return terminal.Fail($"{answer.Host} is not drained under this name and port; nothing was changed");
        terminal.Out.WriteLine(undrain ? $"{answer.Host} takes mail again"
            : answer.Changed ? $"{answer.Host} is drained: no new mail for it, also after a restart"
            : $"{answer.Host} was drained already");
        foreach (var report in answer.Hosts) terminal.Out.WriteLine($"  {ExplanationPrinting.Line(report)}");
        if (answer.Hosts.Count == 0) terminal.Out.WriteLine("  no mail was led to it since the start");
        return ExitCode.Done;
    }

    /// <summary><c>showmessage MID</c>.</summary>
    public async Task<int> ShowMessageAsync(
        ConfigurationFile file, long mid, bool json, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/messages/{mid.ToString(CultureInfo.InvariantCulture)}";
        var answer = await question.AskAsync<MessageReport>(file, path, null, cancellationToken);
        if (answer is null) return ExitCode.Failed;
        if (json) terminal.Out.WriteLine(GatewayQuestion.ToJson(answer));
        else ExplanationPrinting.Print(terminal.Out, answer, time);
        return ExitCode.Done;
    }

    /// <summary><c>dnsflush</c>.</summary>
    public async Task<int> FlushDnsAsync(ConfigurationFile file, bool json, CancellationToken cancellationToken)
    {
        var answer = await question.AskAsync<FlushAnswer>(file, "/api/v1/dns/flush", [], cancellationToken);
        if (answer is null) return ExitCode.Failed;
        terminal.Out.WriteLine(json ? GatewayQuestion.ToJson(answer)
            : "DNS answers are forgotten; names are looked up again when mail needs them");
        return ExitCode.Done;
    }

    /// <summary>The ways of recipients by the running gateway.</summary>
    public static async Task<GatewayAnswer<List<AddressReport>>> ExplainAsync(
        PosternConfiguration configuration, IReadOnlyList<TestTarget> targets, CancellationToken cancellationToken)
    {
        using var api = new GatewayApi(configuration);
        var reports = new List<AddressReport>();
        foreach (var some in targets.Chunk(AddressesAtOnce))
        {
            var query = string.Join('&', some.Select(t => $"address={Uri.EscapeDataString(t.Given)}"));
            var answer = await api.AskAsync<List<AddressReport>>(
                $"/api/v1/routes/test?{query}", null, cancellationToken);
            if (!answer.IsDone) return answer;
            reports.AddRange(answer.Value);
        }
        return new(reports, "", true);
    }

    /// <summary>What the running gateway says of a routes file, or why nobody does.</summary>
    public static async Task<GatewayAnswer<PreviewAnswer>> CountElsewhereAsync(
        PosternConfiguration configuration, ReadOnlyMemory<byte> routes, CancellationToken cancellationToken)
    {
        using var api = new GatewayApi(configuration);
        var answer = await api.AskAsync<PreviewAnswer>(
            "/api/v1/routes/preview", routes.ToArray(), cancellationToken);
        // The gateway may not have taken up a profile yet that the file names.
        return answer.Value is { Errors: [var error, ..] } ? new(null, error.Message, true) : answer;
    }

    /// <summary>
    /// Tells a running gateway that the routes file was replaced, so that it need not find out by itself; returns when
    /// it was read.
    /// </summary>
    /// <returns>Why the routes are not known to be in force there, as the rest of a sentence; null: they are, or no
    /// gateway runs.</returns>
    public static async Task<string?> TakeRoutesAsync(
        PosternConfiguration configuration, CancellationToken cancellationToken)
    {
        using var api = new GatewayApi(configuration);
        var answer = await api.AskAsync<RoutesTaken>("/api/v1/routes/reload", [], cancellationToken);
        if (answer.Value is { } taken)
        {
            return taken.Refusal is null ? null
                : $"the running gateway did not take it up, and the routes before stay in force: {taken.Refusal}";
        }
        return answer.IsRunning ? "the running gateway could not be told, and takes it up within two seconds if it "
            + $"reads it by itself, as its log says then: {answer.Failure}" : null;
    }
}
