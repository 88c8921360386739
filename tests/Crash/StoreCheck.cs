using System.Text.Json;
using TestTools;

namespace Crash;

/// <summary>What <c>postern spool verify</c> says of a store that nobody has open (O6).</summary>
internal static class StoreCheck
{
    /// <summary>What is wrong; empty: nothing.</summary>
    /// <param name="gateway">Whose store; it does not run.</param>
    /// <param name="isEmpty">No message may be left.</param>
    public static async Task<IReadOnlyList<string>> FaultsAsync(GatewayProcess gateway, bool isEmpty)
    {
        // Before its first start is over there is no store, or none that has its name.
        if (!File.Exists(Path.Combine(gateway.Data, "spool/store/CURRENT"))) return [];
        try
        {
            using var report = JsonDocument.Parse(await gateway.RunAsync("spool", "verify", "--json"));
            var left = report.RootElement.GetProperty("messages").GetInt64();
            return isEmpty && left > 0 ? [$"O6: {left} messages are left in the store"] : [];
        }
        catch (RunException failed)
        {
            return [$"O6: {failed.Message}"];
        }
    }
}
