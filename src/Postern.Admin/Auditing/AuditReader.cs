using System.Globalization;
using System.Text;

namespace Postern.Admin.Auditing;

/// <summary>
/// Reads entries from the newest to the oldest, in pages. A page ends when it is full, or when so much was looked at;
/// then it says where to go on. A cursor is the number of a file and the octets before the next line of it.
/// </summary>
internal sealed class AuditReader(AuditFiles files)
{
    /// <summary>Octets that are looked at for a page.</summary>
    private const long MaxLook = 16_000_000;

    /// <summary>See <see cref="AuditLog.Read"/>.</summary>
    public AuditPage? Read(string? before, string search, int limit)
    {
        if (!TryCursor(before, out var number, out var offset)) return null;
        var found = new List<AuditEntry>();
        var looked = 0L;
        foreach (var (one, path) in files.All().Reverse().Where(file => file.Number <= number))
        {
            using var file = AuditFiles.OpenToRead(path);
            var end = one == number ? Math.Min(offset, file.Length) : file.Length;
            while (end > 0)
            {
                if (found.Count == limit || looked > MaxLook) return new AuditPage(found, $"{one}-{end}");
                var (line, start) = AuditFiles.LineBefore(file, end);
                looked += end - start;
                end = start;
                if (line is not null && IsMeant(line, search)) found.Add(EntryOf(line));
            }
        }
        return new AuditPage(found, null);
    }

    private static bool IsMeant(byte[] line, string search) => search.Length == 0
        || Encoding.UTF8.GetString(line).Contains(search, StringComparison.OrdinalIgnoreCase);

    private static AuditEntry EntryOf(byte[] line) => AuditLine.Read(line) ?? new AuditEntry
    {
        Who = "",
        From = "",
        Action = "",
        Result = AuditResult.Failed,
        Detail = $"This line is no entry: {AuditLine.TextOf(line)}",
    };

    private static bool TryCursor(string? text, out int number, out long offset)
    {
        (number, offset) = (int.MaxValue, long.MaxValue);
        return text is null || (text.Split('-') is [var file, var octets]
            && int.TryParse(file, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && long.TryParse(octets, NumberStyles.None, CultureInfo.InvariantCulture, out offset));
    }
}
