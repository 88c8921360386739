using TestTools;

namespace Relay;

/// <summary>The mail that a gateway is measured with.</summary>
internal static class Load
{
    public const string Domain = "destination.example";

    /// <summary>Sends it, and returns with the last 250.</summary>
    /// <exception cref="RunException">smtp-source saw an error.</exception>
    public static async Task SendAsync(
        int port, Options options, bool kept, int messages, CancellationToken cancel, string domain = Domain)
    {
        string[] mode = kept ? ["-d"] : [];
        await Child.RunAsync("smtp-source",
        [
            .. mode, "-s", $"{options.Clients}", "-m", $"{messages}", "-l", $"{options.Length}",
            "-f", "sender@source.example", "-t", $"recipient@{domain}", $"127.0.0.1:{port}",
        ], cancel);
    }

    /// <summary>Each message has arrived once.</summary>
    public static void CheckCount(SmtpSink sink, int sent)
    {
        if (sink.Messages != sent)
        {
            throw new RunException($"{sent} messages were sent and {sink.Messages} arrived");
        }
    }
}
