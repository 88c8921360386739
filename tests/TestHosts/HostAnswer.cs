using System.Text;

namespace Postern.TestHosts;

/// <summary>What a host does to the connection behind an answer.</summary>
public enum HostEnd
{
    /// <summary>It goes on.</summary>
    None,
    /// <summary>It closes in good order.</summary>
    Close,
    /// <summary>It resets the connection.</summary>
    Reset,
    /// <summary>It says nothing more, and keeps the connection open.</summary>
    Hold,
}

/// <summary>What a scripted host does where a reply is due. Immutable.</summary>
public sealed record HostAnswer
{
    /// <summary>Closes without a word.</summary>
    public static readonly HostAnswer Drop = new() { End = HostEnd.Close };

    /// <summary>Resets without a word.</summary>
    public static readonly HostAnswer Reset = new() { End = HostEnd.Reset };

    /// <summary>Never answers, and keeps the connection open.</summary>
    public static readonly HostAnswer Silence = new() { End = HostEnd.Hold };

    /// <summary>What is sent, as it is.</summary>
    public byte[] Octets { get; init; } = [];

    /// <summary>What happens then.</summary>
    public HostEnd End { get; init; }

    /// <summary>What the host waits for before it answers; null: nothing.</summary>
    public Task? Gate { get; init; }

    /// <summary>The code of the answer; 0 when it has none.</summary>
    public int Code => Octets.Length > 2 && int.TryParse(Octets.AsSpan(0, 3), out var code) ? code : 0;

    /// <summary>
    /// A reply, its lines separated by line feeds: <c>"431-?example.com ESMTP\n431 Mail system full"</c>.
    /// </summary>
    public static HostAnswer Say(string reply) =>
        Raw(reply.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n");

    /// <summary>Octets as they are, given as Latin-1.</summary>
    public static HostAnswer Raw(string octets) => new() { Octets = Encoding.Latin1.GetBytes(octets) };

    /// <summary>A reply, and the end of the connection.</summary>
    public static HostAnswer SayAndDrop(string reply) => Say(reply) with { End = HostEnd.Close };

    /// <summary>The same, once <paramref name="gate"/> is done.</summary>
    public HostAnswer After(Task gate) => this with { Gate = gate };

    /// <summary>A reply.</summary>
    public static implicit operator HostAnswer(string reply) => Say(reply);
}
