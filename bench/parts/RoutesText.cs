using System.Globalization;
using System.Text;

namespace Parts;

/// <summary>Routes files of any size, of one kind of line each; the same at every run.</summary>
internal static class RoutesText
{
    /// <summary>What a line of each shape looks like, by the number of the route.</summary>
    public static IReadOnlyDictionary<string, Func<int, string>> Shapes { get; } =
        new Dictionary<string, Func<int, string>>(StringComparer.Ordinal)
        {
            ["domains, 64 targets"] = i => $"{Name(i)} relay{i % 64}.example.net, backup.example.net/pri=10",
            ["domains, a target each"] = i =>
                $"{Name(i)} relay{i}.example.net:587/pri=0, [mx{i}.example.org]/pri=10",
            [".domains, 64 targets"] = i => $".{Name(i)} relay{i % 64}.example.net",
            ["names of 60 characters"] = i =>
                $"{i:D7}.department.of.long.names.subsidiary.holding.example.com x.example",
            ["IPv4 addresses"] = i => $"[{V4(i)}] relay{i % 64}.example.net",
            ["IPv4 addresses, a target each"] = i => $"{V4(i)} {V4(i + 7)}:2525, {V4(i + 9)}/pri=10",
            ["IPv4 prefixes"] = i => $"{V4(i * 2)}/31 relay{i % 64}.example.net",
            ["IPv6 addresses"] = i => $"[{V6(i)}] relay{i % 64}.example.net",
            ["IPv6 prefixes"] = i => $"{V6(i * 16)}/124 relay{i % 64}.example.net",
            ["IPv6 ranges that overlap"] = i => $"{V6(i * 16)}-{V6(i * 16 + 40)} relay{i % 64}.example.net",
        };

    /// <summary>A domain of three labels.</summary>
    public static string Name(int i) =>
        string.Create(CultureInfo.InvariantCulture, $"customer{i}.part{i % 97}.example");

    /// <summary>A file of so many lines.</summary>
    public static byte[] Of(Func<int, string> line, int routes)
    {
        using var file = new MemoryStream();
        using var writer = new StreamWriter(file, new UTF8Encoding(false)) { NewLine = "\n" };
        for (var i = 0; i < routes; i++) writer.WriteLine(line(i));
        writer.Flush();
        return file.ToArray();
    }

    /// <summary>An IPv4 address, by its number from 10.0.0.0.</summary>
    public static string V4(int i) =>
        string.Create(CultureInfo.InvariantCulture, $"{10 + (i >> 24)}.{(i >> 16) & 255}.{(i >> 8) & 255}.{i & 255}");

    /// <summary>An IPv6 address, by the number in its last 32 bits.</summary>
    public static string V6(int i) => $"2001:db8:77:1:5:6:{(i >> 16) & 0xffff:x}:{i & 0xffff:x}";
}
