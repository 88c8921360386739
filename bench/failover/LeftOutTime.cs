using System.Text.Json;
using Peers;
using TestTools;

namespace Failover;

/// <summary>How long Postern will leave a host out, as its API tells it.</summary>
internal static class LeftOutTime
{
    /// <summary>From a moment on; zero for a host that is not left out by a clock.</summary>
    public static async Task<TimeSpan> ReadAsync(
        PosternGateway gateway, string host, DateTimeOffset from, CancellationToken cancel)
    {
        using var api = await gateway.ApiAsync(cancel);
        var answer = await api.GetStringAsync(new Uri($"/api/v1/hosts/{host}", UriKind.Relative), cancel);
        return Until(answer) is { } until && until - from is { Ticks: > 0 } left
            ? left : TimeSpan.Zero;
    }

    /// <summary>When the time of the one host in an answer is over; null: it is not left out by a clock.</summary>
    public static DateTimeOffset? Until(string answer)
    {
        using var document = JsonDocument.Parse(answer);
        var hosts = document.RootElement.GetProperty("hosts");
        if (hosts.GetArrayLength() != 1)
        {
            throw new RunException($"one host was asked for: {answer}");
        }

        // A host that was never left out has the property with null, or does not have it.
        return hosts[0].TryGetProperty("until", out var until) && until.ValueKind != JsonValueKind.Null
            ? until.GetDateTimeOffset() : null;
    }
}
