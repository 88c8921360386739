using System.Collections.Frozen;
using System.Net;
using System.Text;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>
/// The names that the system's hosts file gives to addresses (hosts(5)). It is read when first asked for and again when
/// it has changed; one that is missing, unreadable or too long names nothing. May be used by several threads.
/// </summary>
public sealed class HostsFile(string path = "/etc/hosts")
{
    /// <summary>Octets that are read; a longer file names nothing.</summary>
    public const int MaxLength = 1_000_000;

    private volatile Reading _reading = new(default, FrozenDictionary<IPAddress, string>.Empty);

    /// <summary>
    /// The first name of the first line that names the address. The same line leads from the name to the address, so
    /// that it needs no further proof. Null: none.
    /// </summary>
    public string? NameOf(IPAddress address)
    {
        // A file that is not there has a time as well, a constant one.
        var written = File.GetLastWriteTimeUtc(path);
        var reading = _reading;
        if (reading.Written != written) _reading = reading = new Reading(written, Read());
        return reading.Names.GetValueOrDefault(AddressText.Normal(address));
    }

    private FrozenDictionary<IPAddress, string> Read()
    {
        var names = new Dictionary<IPAddress, string>();
        if (FileReading.Of(path, MaxLength).Content is not { } content) return names.ToFrozenDictionary();
        foreach (var line in Encoding.UTF8.GetString(content.Span).Split('\n'))
        {
            var fields = line.Split('#')[0].Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || AddressOf(fields[0]) is not { } address) continue;
            if (Domain.TryParse(fields[1], out var name)) names.TryAdd(address, name.Name);
        }
        return names.ToFrozenDictionary();
    }

    private static IPAddress? AddressOf(string text) =>
        AddressText.LooksLikeIpv4(text) ? AddressText.ReadIpv4(text, out _) : AddressText.ReadIpv6(text);

    private sealed record Reading(DateTime Written, FrozenDictionary<IPAddress, string> Names);
}
