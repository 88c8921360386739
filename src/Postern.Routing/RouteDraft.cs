using System.Text;
using Postern.Mail;

namespace Postern.Routing;

/// <summary>A field of a form for a route.</summary>
public enum RouteField
{
    /// <summary>The receiving domain.</summary>
    Key,
    /// <summary>The host of a row.</summary>
    Destination,
    /// <summary>The port of a row.</summary>
    Port,
    /// <summary>The priority of a row.</summary>
    Priority,
    /// <summary>The weight of a row.</summary>
    Weight,
    /// <summary>The profile of outgoing SMTP authentication.</summary>
    Auth,
    /// <summary>The other options.</summary>
    Options,
}

/// <summary>A host as a form has it. Immutable.</summary>
/// <param name="Destination">A name, an address, <c>USEDNS</c> or <c>/dev/null</c>.</param>
/// <param name="Port">Empty: 25.</param>
/// <param name="Priority">Empty: 0.</param>
/// <param name="Weight">Empty: 1.</param>
public sealed record DraftHost(string Destination, string Port = "", string Priority = "", string Weight = "");

/// <summary>What is wrong in a field. Immutable.</summary>
/// <param name="Field">The field.</param>
/// <param name="Row">Of a host: its row, from 0; else 0.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to write instead.</param>
public sealed record DraftProblem(RouteField Field, int Row, Sentence Message, Sentence Remedy);

/// <summary>
/// A route as a form has it: texts that may be wrong. It is read as the line of the routes file that it makes, by the
/// reader of that file, so that a form and the file have the same rules and the same words for what is wrong. Pure.
/// </summary>
public sealed class RouteDraft
{
    /// <summary>As in the file.</summary>
    public string Key { get; init; } = "";
    /// <summary>The hosts in the order of the form.</summary>
    public IReadOnlyList<DraftHost> Hosts { get; init; } = [];
    /// <summary>The profile; empty: none.</summary>
    public string Auth { get; init; } = "";
    /// <summary>Other options as in the file; empty: none.</summary>
    public string Options { get; init; } = "";

    /// <summary>A route as a form shows it.</summary>
    public static RouteDraft Of(SmtpRoute route) => new()
    {
        Key = route.Key,
        Hosts = route.Kind switch
        {
            RouteKind.UseDns => [new DraftHost("USEDNS")],
            RouteKind.Discard => [new DraftHost("/dev/null")],
            _ => [.. route.Hosts.Select(DraftOf)],
        },
        Auth = route.AuthProfile ?? "",
        Options = route.Policy.Text,
    };

    /// <summary>The hosts as in the file.</summary>
    public string HostsText => string.Join(", ", Hosts.Select(TextOf));

    /// <summary>The options as in the file, each of them.</summary>
    public IReadOnlyList<string> OptionTexts =>
    [
        .. Auth.Length == 0 ? Array.Empty<string>() : [$"auth={Auth}"],
        .. Options.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>
    /// The options that make those of a route these: those that it has and this one has not are taken away
    /// (<see cref="RoutesDocument.Edit"/>).
    /// </summary>
    public IReadOnlyList<string> OptionsInPlaceOf(SmtpRoute before)
    {
        var words = OptionTexts.Select(WordOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var gone = Of(before).OptionTexts.Select(WordOf).Where(word => !words.Contains(word));
        return [.. gone.Select(word => $"{word}="), .. OptionTexts.Except(Of(before).OptionTexts)];
    }

    /// <summary>It says what a route says already, as the form shows that one.</summary>
    public bool IsAsIn(SmtpRoute route)
    {
        var shown = Of(route);
        return HostsText == shown.HostsText && OptionTexts.SequenceEqual(shown.OptionTexts);
    }

    /// <summary>All that is wrong, of all fields at once.</summary>
    /// <param name="profiles">The profiles that exist; null: not checked.</param>
    /// <param name="addedTo">The table that it is a new route of; null: it is the route of its key there.</param>
    public IReadOnlyList<DraftProblem> Check(
        IReadOnlySet<string>? profiles = null, SmtpRouteTable? addedTo = null)
    {
        var problems = new List<DraftProblem>();
        CheckForm(problems);
        if (RouteKey.Read(Key, out RouteProblem _) is { } key && addedTo?.Find(key) is not null)
        {
            problems.Add(new DraftProblem(
                RouteField.Key, 0, $"there is a route for {key.Text} already", $"edit that one instead"));
        }
        // What is wrong in one field may hide what is wrong in the others, which are read without it once more.
        while (true)
        {
            var found = Without(problems).CheckLine(profiles);
            found.RemoveAll(problem => IsWrong(problems, problem.Field, problem.Row));
            if (found.Count == 0) return problems;
            problems.AddRange(found);
        }
    }

    private static bool IsWrong(List<DraftProblem> problems, RouteField field, int row) =>
        problems.Exists(problem => (problem.Field, problem.Row) == (field, row));

    private List<DraftProblem> CheckLine(IReadOnlySet<string>? profiles)
    {
        var problems = new List<DraftProblem>();
        var (line, places) = Line();
        foreach (var error in SmtpRoutesFile.Parse(line, profiles).Errors)
        {
            var (_, field, row) = places.Last(place => place.Column <= Math.Max(1, error.Column));
            problems.Add(new DraftProblem(field, row, error.Message, RangeOf(field) ?? error.Remedy));
        }
        return problems;
    }

    // The same with something right in the fields that are wrong.
    private RouteDraft Without(List<DraftProblem> problems)
    {
        string Right(string text, RouteField field, int row = 0, string right = "") =>
            IsWrong(problems, field, row) ? right : text;
        return new RouteDraft
        {
            Key = Right(Key, RouteField.Key, right: "right.invalid"),
            Hosts =
            [
                .. Hosts.Select((host, row) => new DraftHost(
                    Right(host.Destination, RouteField.Destination, row, $"right{row}.invalid"),
                    Right(host.Port, RouteField.Port, row), Right(host.Priority, RouteField.Priority, row),
                    Right(host.Weight, RouteField.Weight, row))),
            ],
            Auth = Right(Auth, RouteField.Auth),
            Options = Right(Options, RouteField.Options),
        };
    }

    // What to write into a field of numbers; null: it is none.
    private static Sentence? RangeOf(RouteField field) => field switch
    {
        RouteField.Port => $"write a number from 1 to {DestinationHostText.MaxPort}, or nothing for 25",
        RouteField.Priority => $"write a number from 0 to {DestinationHostText.MaxPriority}, or nothing for 0",
        RouteField.Weight => $"write a number from 1 to {DestinationHostText.MaxWeight}, or nothing for 1",
        _ => null,
    };

    // What would make two words, or another line, of a field is found here: then each column belongs to one field.
    private void CheckForm(List<DraftProblem> problems)
    {
        CheckWord(RouteField.Key, 0, Key, problems);
        if (Key.Length == 0) problems.Add(Missing(RouteField.Key, 0, $"the domain is missing",
            $"write a domain, .domain, ALL or an address"));
        for (var row = 0; row < Hosts.Count; row++)
        {
            var host = Hosts[row];
            CheckWord(RouteField.Destination, row, host.Destination, problems);
            CheckNumber(RouteField.Port, row, host.Port, "25", problems);
            CheckNumber(RouteField.Priority, row, host.Priority, "0", problems);
            CheckNumber(RouteField.Weight, row, host.Weight, "1", problems);
            if (host.Destination.Length == 0) problems.Add(Missing(RouteField.Destination, row,
                $"the destination host is missing", $"write a name, an address, USEDNS or /dev/null"));
            else if (HasPort(host.Destination)) problems.Add(new DraftProblem(RouteField.Destination, row,
                $"'{host.Destination}' holds a port", $"write the port into its own field"));
            else if (host.Destination[0] == '[' && !host.Destination.Contains(']')) problems.Add(new DraftProblem(
                RouteField.Destination, row, $"the bracket of '{host.Destination}' is not closed", $"write [HOST]"));
            else if (host.Destination.IndexOf('/') > 0) problems.Add(new DraftProblem(RouteField.Destination, row,
                $"'{host.Destination}' holds more than a host", $"write priority and weight into their own fields"));
        }
        CheckWord(RouteField.Auth, 0, Auth, problems);
        if (Options.Any(c => c is '#' or ',' || char.IsControl(c))) problems.Add(new DraftProblem(
            RouteField.Options, 0, $"there is a character that no option has", $"write word=value, set off by spaces"));
    }

    private static DraftProblem Missing(RouteField field, int row, Sentence message, Sentence remedy) =>
        new(field, row, message, remedy);

    // Text that is no number would be read as another part of the line. The file's reader knows the ranges.
    private void CheckNumber(RouteField field, int row, string text, string byDefault, List<DraftProblem> problems)
    {
        if (text.Length == 0 || text == byDefault) return;
        if (!text.All(char.IsAsciiDigit))
        {
            problems.Add(new DraftProblem(field, row, $"'{text}' is not a number", RangeOf(field)!));
        }
        else if (Hosts[row].Destination is var place && RouteTarget.KindOf(place) != RouteKind.Hosts)
        {
            problems.Add(new DraftProblem(
                field, row, $"{place} takes neither port nor priority nor weight", $"write nothing, or {byDefault}"));
        }
    }

    private static void CheckWord(RouteField field, int row, string text, List<DraftProblem> problems)
    {
        if (text.Any(c => char.IsControl(c) && !char.IsWhiteSpace(c)))
            problems.Add(new(field, row, $"there is a control character", $"take it out"));
        else if (text.Any(c => c is ',' or '#' || char.IsWhiteSpace(c))) problems.Add(field == RouteField.Destination
            ? new(field, row, $"'{text}' is more than one value", $"give each host a row of its own")
            : new(field, row, $"'{text}' is more than one value", $"write one"));
    }

    // The line of the file, and the column (in code points, as the reader counts) where each field begins.
    private (string Line, List<(int Column, RouteField Field, int Row)> Places) Line()
    {
        var line = new StringBuilder();
        var places = new List<(int, RouteField, int)>();
        var column = 1;
        void Add(string text, RouteField field, int row)
        {
            places.Add((column, field, row));
            line.Append(text);
            column += text.EnumerateRunes().Count();
        }
        Add(Key + " ", RouteField.Key, 0);
        for (var row = 0; row < Hosts.Count; row++)
        {
            foreach (var (text, field) in PartsOf(Hosts[row])) Add(text, field, row);
            if (row < Hosts.Count - 1) Add(", ", RouteField.Destination, row + 1);
        }
        foreach (var option in OptionTexts)
        {
            var field = WordOf(option) == "auth" ? RouteField.Auth : RouteField.Options;
            Add($" {option}", field, 0);
        }
        return (line.ToString(), places);
    }

    // What has its default value is not written.
    private static IEnumerable<(string Text, RouteField Field)> PartsOf(DraftHost host)
    {
        var hasPort = host.Port is not ("" or "25");
        var isBareIpv6 = host.Destination.Contains(':') && !host.Destination.StartsWith('[');
        yield return (hasPort && isBareIpv6 ? $"[{host.Destination}]" : host.Destination, RouteField.Destination);
        if (hasPort) yield return ($":{host.Port}", RouteField.Port);
        if (host.Priority is not ("" or "0")) yield return ($"/pri={host.Priority}", RouteField.Priority);
        if (host.Weight is not ("" or "1")) yield return ($"/weight={host.Weight}", RouteField.Weight);
    }

    // An IPv6 address has more than one colon, or brackets round all of them.
    private static bool HasPort(string destination)
    {
        var colon = destination.LastIndexOf(':');
        if (colon < 0) return false;
        return destination[0] == '[' ? destination.IndexOf(']') is var close && close >= 0 && colon > close
            : destination.IndexOf(':') == colon;
    }

    /// <summary>A host of a route as a form that does not change it makes it.</summary>
    internal static string TextOf(DestinationHost host) => TextOf(DraftOf(host));

    private static string TextOf(DraftHost host) => string.Concat(PartsOf(host).Select(part => part.Text));

    // The place as it is written, without its port.
    private static DraftHost DraftOf(DestinationHost host) => new(
        HasPort(host.Text) ? host.Text[..host.Text.LastIndexOf(':')] : host.Text,
        $"{host.Port}", $"{host.Priority}", $"{host.Weight}");

    private static string WordOf(string option) => option.Split('=', 2)[0];
}
