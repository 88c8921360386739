using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Postern.Routing;

/// <summary>Reads the routes file: UTF-8, one route a line, a byte order mark and CRLF accepted.</summary>
public static class SmtpRoutesFile
{
    /// <summary>Octets of a file; more is an error. A million routes need about a tenth.</summary>
    public const int MaxLength = 512 * 1024 * 1024;

    /// <summary>Lines of a file; more is an error, since each line costs memory however short it is.</summary>
    public const int MaxLines = 5_000_000;

    /// <summary>Hosts of a route; more is an error, so that the work for a message stays bounded.</summary>
    public const int MaxHosts = RouteTarget.MaxHosts;

    /// <summary>Octets of a line: room for <see cref="MaxHosts"/> hosts with the longest names.</summary>
    public const int MaxLineLength = 128 * 1024;

    /// <summary>Errors that are told; a further one says only that there are more.</summary>
    public const int MaxErrors = 10_000;

    /// <summary>Reads text. All errors are told at once.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="profiles">Profiles of outgoing SMTP authentication that exist; null: not checked.</param>
    public static RoutesLoad Parse(string text, IReadOnlySet<string>? profiles = null) =>
        Parse(Encoding.UTF8.GetBytes(text), profiles);

    /// <summary>Reads the octets of a file. All errors are told at once.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="profiles">Profiles of outgoing SMTP authentication that exist; null: not checked.</param>
    public static RoutesLoad Parse(ReadOnlySpan<byte> file, IReadOnlySet<string>? profiles = null)
    {
        if (file.Length > MaxLength)
        {
            return RoutesLoad.Failed($"the routes file has more than {MaxLength} octets", $"split the table");
        }
        if (file.Count((byte)'\n') >= MaxLines)
            return RoutesLoad.Failed($"the routes file has more than {MaxLines} lines", $"split the table");
        var version = VersionOf(file);
        if (file.StartsWith(Encoding.UTF8.Preamble)) file = file[3..];
        // The shortest line with a route has three characters and a line end.
        var builder = new RouteStoreBuilder(Math.Min(file.Count((byte)'\n') + 1, file.Length / 4 + 1));
        var errors = new List<RouteError>();
        var problems = new List<RouteProblem>();
        var characters = new char[1024];
        for (var number = 1; !file.IsEmpty && errors.Count < MaxErrors; number++)
        {
            var end = file.IndexOf((byte)'\n');
            var octets = end < 0 ? file : file[..end];
            file = end < 0 ? [] : file[(end + 1)..];
            if (octets is [.., (byte)'\r']) octets = octets[..^1];
            if (octets.Length > MaxLineLength || !Utf8.IsValid(octets))
            {
                errors.Add(octets.Length > MaxLineLength
                    ? new(number, 1, $"the line has more than {MaxLineLength} octets", $"give the route fewer hosts")
                    : new(number, ColumnOfInvalid(octets), $"the octets here are not UTF-8",
                        $"save the file as UTF-8"));
                continue;
            }
            if (characters.Length < octets.Length) characters = new char[MaxLineLength];
            var line = characters.AsSpan(0, Encoding.UTF8.GetChars(octets, characters));
            ReadLine(line, number, builder, profiles, problems);
            if (problems.Count == 0) continue;
            foreach (var problem in problems.OrderBy(p => p.At).Take(MaxErrors - errors.Count))
            {
                errors.Add(new(number, Column(line, problem.At), problem.Message, problem.Remedy));
            }
            problems.Clear();
        }
        if (errors.Count == 0) return new RoutesLoad(builder.Build(version), []);
        if (errors.Count == MaxErrors)
        {
            errors.Add(new(0, 0, $"after {MaxErrors} errors the rest of the file was not read", $"mend these first"));
        }
        return new RoutesLoad(null, errors);
    }

    /// <summary>
    /// What tells one content of the file from all others: the first half of its SHA-256 in hexadecimal digits.
    /// </summary>
    public static string VersionOf(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return Convert.ToHexStringLower(hash[..(SHA256.HashSizeInBytes / 2)]);
    }

    /// <summary>Reads a file. A file that is missing or cannot be read is an error as well.</summary>
    /// <param name="path">The file.</param>
    /// <param name="profiles">Profiles of outgoing SMTP authentication that exist; null: not checked.</param>
    public static RoutesLoad Load(string path, IReadOnlySet<string>? profiles = null) =>
        Read(FileReading.Of(path, MaxLength), profiles);

    /// <summary>
    /// Reads what a <see cref="FileWatch"/> found. A file that is missing or cannot be read is an error as well.
    /// </summary>
    /// <param name="reading">The file.</param>
    /// <param name="profiles">Profiles of outgoing SMTP authentication that exist; null: not checked.</param>
    public static RoutesLoad Read(FileReading reading, IReadOnlySet<string>? profiles = null) =>
        reading.Content is { } content
            ? Parse(content.Span, profiles)
            : RoutesLoad.Failed(reading.Problem!, $"put the file there, or set smtp_routes.file to where it is");

    private static void ReadLine(
        ReadOnlySpan<char> line, int number, RouteStoreBuilder builder, IReadOnlySet<string>? profiles,
        List<RouteProblem> problems)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (!char.IsControl(line[i]) || line[i] == '\t') continue;
            problems.Add(new(i, $"there is a control character (U+{(int)line[i]:X4})", $"take it out"));
            return;
        }
        var parts = RouteLine.Split(line);
        if (!parts.HasRoute) return;
        var key = RouteKey.Read(line[parts.KeyAt..parts.KeyEnd], out RouteProblem problem);
        if (key is null) problems.Add(problem with { At = parts.KeyAt + problem.At });
        ReadTarget(key, line, parts.TargetAt, parts.TargetEnd, profiles, problems);
        if (key is null) return;
        var first = builder.Add(key, line[parts.TargetAt..parts.TargetEnd], number);
        if (first == 0) return;
        problems.Add(new(parts.KeyAt, $"there is a route for {key.Text} already, in line {first}",
            $"put all hosts into one line, or take one line out"));
    }

    /// <summary>Reads what stands behind a key and adds all that is wrong; null: the key itself is.</summary>
    internal static void ReadTarget(
        RouteKey? key, ReadOnlySpan<char> line, int at, int end, IReadOnlySet<string>? profiles,
        List<RouteProblem> problems)
    {
        var target = RouteTarget.Read(line, at, end, profiles, problems);
        if (key?.Kind != RouteKeyKind.All || target.Kind != RouteKind.UseDns) return;
        problems.Add(new(at, $"USEDNS on ALL is what happens without a route", $"take the line out, or name a host"));
    }

    /// <summary>Line and column, from 1, of the first octets that are not UTF-8.</summary>
    internal static (int Line, int Column) FirstInvalid(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith(Encoding.UTF8.Preamble)) file = file[3..];
        for (var line = 1; ; line++)
        {
            var end = file.IndexOf((byte)'\n');
            var octets = end < 0 ? file : file[..end];
            if (end < 0 || !Utf8.IsValid(octets)) return (line, ColumnOfInvalid(octets));
            file = file[(end + 1)..];
        }
    }

    // Columns count characters (code points), as an editor shows them, not UTF-16 units.
    private static int Column(ReadOnlySpan<char> line, int at)
    {
        var column = 1;
        foreach (var _ in line[..Math.Min(at, line.Length)].EnumerateRunes()) column++;
        return column;
    }

    private static int ColumnOfInvalid(ReadOnlySpan<byte> octets)
    {
        var column = 1;
        while (Rune.DecodeFromUtf8(octets, out _, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            octets = octets[consumed..];
            column++;
        }
        return column;
    }
}
