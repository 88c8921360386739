using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postern.Admin.Auditing;

/// <summary>An entry as a line of the file, and back. Pure.</summary>
internal static class AuditLine
{
    /// <summary>Octets of a line, with its line feed.</summary>
    public const int MaxLength = 32 * 1024;

    /// <summary>What the first line carries as the hash of the one before it.</summary>
    public static readonly string NoHash = new('0', 64);

    private const int MaxText = 2_000;
    private const int MaxParameters = 50;
    private const string Cut = " …";

    private static readonly JsonSerializerOptions options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<AuditResult>(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The line of an entry, with its line feed. Long texts are cut, and end with <c>…</c> then.</summary>
    public static byte[] Of(AuditEntry entry)
    {
        var cut = entry with
        {
            Who = Short(entry.Who)!,
            Parameters = entry.Parameters?.Take(MaxParameters)
                .ToDictionary(p => p.Key, p => Short(p.Value)!, StringComparer.Ordinal),
            Before = Short(entry.Before),
            After = Short(entry.After),
            Detail = Short(entry.Detail),
        };
        var line = Write(cut);
        // Text that is escaped octet by octet, or many parameters: who, what and the result are kept in any case.
        return line.Length <= MaxLength ? line
            : Write(cut with { Parameters = null, Before = null, After = null, Detail = "too long for the log" });
    }

    /// <summary>The entry of a line without its line feed; null: it is none.</summary>
    public static AuditEntry? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<AuditEntry>(line, options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The hash of a line without its line feed.</summary>
    public static string HashOf(ReadOnlySpan<byte> line) => Convert.ToHexStringLower(SHA256.HashData(line));

    /// <summary>Octets of a line as text of an entry.</summary>
    public static string TextOf(ReadOnlySpan<byte> line) =>
        Encoding.UTF8.GetString(line[..Math.Min(line.Length, MaxText)]);

    private static byte[] Write(AuditEntry entry) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(entry, options), (byte)'\n'];

    private static string? Short(string? text) =>
        text is null || text.Length <= MaxText ? text : text[..MaxText] + Cut;
}
