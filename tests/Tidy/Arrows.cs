using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidy;

/// <summary>
/// Which room may know which, as the picture in ARCHITECTURE.md draws it: lines of the form
/// <c>Postern.Smtp  the wire … → Mail</c>.
/// </summary>
public sealed partial class Arrows
{
    // Libraries that a single room knows, so that they can be exchanged by changing that room only.
    private static readonly (string Package, string Space, string Room)[] Captive =
    [
        ("RocksDB", "RocksDbSharp", "Postern.Spool"),
        ("DnsClient", "DnsClient", "Postern.Routing"),
        ("MailKit", "MailKit", "Postern.Smtp"),
        ("MudBlazor", "MudBlazor", "Postern.Admin"),
        ("Tomlyn", "Tomlyn", "Postern"),
        ("System.CommandLine", "System.CommandLine", "Postern"),
    ];

    private readonly Dictionary<string, SortedSet<string>> _drawn;

    private Arrows(Dictionary<string, SortedSet<string>> drawn) => _drawn = drawn;

    /// <summary>The rooms, by the names of their projects.</summary>
    public IReadOnlyCollection<string> Rooms => _drawn.Keys;

    /// <summary>Reads the picture.</summary>
    public static Arrows FromPicture(string document)
    {
        var drawn = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var line in SourceFile.SplitLines(document))
        {
            if (RoomLine().Match(line) is { Success: true } room)
            {
                var arrows = room.Groups["to"].Value.Split(',', StringSplitOptions.TrimEntries
                    | StringSplitOptions.RemoveEmptyEntries).Select(name => "Postern." + name);
                drawn[room.Groups["room"].Value] = new SortedSet<string>(arrows, StringComparer.Ordinal);
            }
        }

        return new Arrows(drawn);
    }

    /// <summary>What is wrong with the references of a room's project file.</summary>
    public IEnumerable<Complaint> Project(string path, string text)
    {
        var room = Path.GetFileNameWithoutExtension(path);
        if (!_drawn.TryGetValue(room, out var drawn))
        {
            return [new Complaint(path, 1, $"{room} is not in the picture of ARCHITECTURE.md")];
        }

        var project = XElement.Parse(text);
        var references = Included(project, "ProjectReference").Select(reference =>
            Path.GetFileNameWithoutExtension(reference.Replace('\\', '/'))).ToHashSet(StringComparer.Ordinal);
        var packages = Included(project, "PackageReference").ToList();
        return
        [
            .. references.Except(drawn).Select(name =>
                new Complaint(path, 1, $"{room} → {name} is not in the picture of ARCHITECTURE.md")),
            .. drawn.Except(references).Select(name =>
                new Complaint(path, 1, $"{room} → {name} is in the picture of ARCHITECTURE.md but not here")),
            .. Captive.Where(library => library.Room != room && packages.Contains(library.Package)).Select(library =>
                new Complaint(path, 1, $"{library.Package} belongs to {library.Room} alone")),
        ];
    }

    /// <summary>What is wrong with the namespaces that a room's file names, in a using or in front of a type.</summary>
    public IEnumerable<Complaint> Source(SourceFile file)
    {
        foreach (var name in file.Root.DescendantNodes().Where(node => node is QualifiedNameSyntax
            or MemberAccessExpressionSyntax or UsingDirectiveSyntax { Name: not null }))
        {
            var space = name is UsingDirectiveSyntax directive ? directive.Name!.ToString() : name.ToString();
            var target = _drawn.Keys.Where(room => Within(space, room)).MaxBy(room => room.Length);
            // All rooms speak the words of Postern.Mail; the program's own namespace holds nothing that a room may use.
            if (target is not null and not "Postern" and not "Postern.Mail" && target != file.Room
                && _drawn.TryGetValue(file.Room, out var drawn) && !drawn.Contains(target))
            {
                yield return file.At(name, $"{file.Room} → {target} is not in the picture of ARCHITECTURE.md");
            }

            foreach (var library in Captive.Where(library => library.Room != file.Room
                && Within(space, library.Space)))
            {
                yield return file.At(name, $"{library.Space} belongs to {library.Room} alone");
            }
        }
    }

    private static bool Within(string space, string outer) =>
        space == outer || space.StartsWith(outer + ".", StringComparison.Ordinal);

    private static IEnumerable<string> Included(XElement project, string item) =>
        project.Descendants(item).Select(element => element.Attribute("Include")?.Value ?? "");

    [GeneratedRegex(@"^ *(?<room>Postern(\.[A-Z]\w+)?)  +[^→]*(→ *(?<to>[\w, ]+?) *)?$")]
    private static partial Regex RoomLine();
}
