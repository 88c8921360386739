using System.Globalization;
using System.Text.Json;
using Postern.Admin;
using Postern.Configuration;
using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;

namespace Postern.Commands;

/// <summary>The commands that talk to the running gateway.</summary>
internal sealed class GatewayCommands(Terminal terminal, TimeProvider time)
{
    private static readonly JsonSerializerOptions printed = new(ApiJson.Options) { WriteIndented = true };

    private sealed record FlushAnswer(bool Flushed);

    /// <summary><c>drain HOST</c> and <c>undrain HOST</c>.</summary>
    public async Task<int> DrainAsync(
        ConfigurationFile file, string host, bool undrain, bool json, CancellationToken cancellationToken)
    {
        if (!HostSelector.TryParse(host, out var selector))
            return terminal.Misused($"'{host}' is no host; write 10.0.0.1:25, [2001:db8::1]:25 or relay.example");
        var verb = undrain ? "undrain" : "drain";
        var path = $"/api/v1/hosts/{Uri.EscapeDataString(selector.ToString())}/{verb}";
        var answer = await AskAsync<DrainAnswer>(file, path, ReadOnlyMemory<byte>.Empty, cancellationToken);
        if (answer is null) return ExitCode.Failed;
        if (json)
        {
            terminal.Out.WriteLine(ToJson(answer));
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
        var answer = await AskAsync<MessageReport>(file, path, null, cancellationToken);
        if (answer is null) return ExitCode.Failed;
        if (json) terminal.Out.WriteLine(ToJson(answer));
        else ExplanationPrinting.Print(terminal.Out, answer, time.LocalTimeZone);
        return ExitCode.Done;
    }

    /// <summary><c>dnsflush</c>.</summary>
    public async Task<int> FlushDnsAsync(ConfigurationFile file, CancellationToken cancellationToken)
    {
        var answer = await AskAsync<FlushAnswer>(
            file, "/api/v1/dns/flush", ReadOnlyMemory<byte>.Empty, cancellationToken);
        if (answer is null) return ExitCode.Failed;
        terminal.Out.WriteLine("DNS answers are forgotten; names are looked up again when mail needs them");
        return ExitCode.Done;
    }

    /// <summary>
    /// <c>smtproutes test</c> by the running gateway. Null: none runs, so that the file has to say it.
    /// </summary>
    public async Task<int?> TestAsync(
        PosternConfiguration configuration, IReadOnlyList<TestTarget> targets, bool json,
        CancellationToken cancellationToken)
    {
        using var api = GatewayApi.Find(configuration, out _);
        if (api is null) return null;
        var query = string.Join('&', targets.Select(t => $"address={Uri.EscapeDataString(t.Given)}"));
        var answer = await api.AskAsync<List<AddressReport>>(
            configuration, $"/api/v1/routes/test?{query}", null, cancellationToken);
        if (!answer.IsRunning) return null;
        if (!answer.IsDone) return terminal.Fail(answer.Failure);
        if (json) terminal.Out.WriteLine(ToJson(answer.Value));
        else foreach (var report in answer.Value) ExplanationPrinting.Print(terminal.Out, report, time.LocalTimeZone);
        return ExitCode.Done;
    }

    /// <summary>How many queued recipients a routes file would lead elsewhere; null: no gateway says it.</summary>
    public async Task<int?> CountElsewhereAsync(
        PosternConfiguration configuration, ReadOnlyMemory<byte> routes, CancellationToken cancellationToken)
    {
        using var api = GatewayApi.Find(configuration, out _);
        if (api is null) return null;
        var answer = await api.AskAsync<PreviewAnswer>(
            configuration, "/api/v1/routes/preview", routes, cancellationToken);
        if (!answer.IsDone && answer.IsRunning)
            terminal.Error.WriteLine($"postern: queued recipients were not counted: {answer.Failure}");
        return answer.Value?.RecipientsElsewhere;
    }

    /// <summary>
    /// Tells a running gateway that the routes file was replaced, so that it need not find out by itself; returns when
    /// it was read. What goes wrong is told, and changes nothing: the gateway looks at the file by itself as well.
    /// </summary>
    public async Task TakeRoutesAsync(PosternConfiguration configuration, CancellationToken cancellationToken)
    {
        using var api = GatewayApi.Find(configuration, out _);
        if (api is null) return;
        var answer = await api.AskAsync<RoutesTaken>(
            configuration, "/api/v1/routes/reload", ReadOnlyMemory<byte>.Empty, cancellationToken);
        if (!answer.IsDone && answer.IsRunning)
            terminal.Error.WriteLine($"postern: the gateway was not told of the routes: {answer.Failure}");
    }

    private async Task<T?> AskAsync<T>(
        ConfigurationFile file, string path, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
        where T : class
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        if (read.Configuration is not { } configuration) return null;
        using var api = GatewayApi.Find(configuration, out var reason);
        if (api is null)
        {
            terminal.Fail(reason);
            return null;
        }
        var answer = await api.AskAsync<T>(configuration, path, body, cancellationToken);
        if (!answer.IsDone) terminal.Fail(answer.Failure);
        return answer.Value;
    }

    private static string ToJson<T>(T value) => JsonSerializer.Serialize(value, printed);
}
