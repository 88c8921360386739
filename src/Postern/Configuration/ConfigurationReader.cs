using System.Net;
using System.Text;
using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Configuration;

/// <summary>Reads <c>postern.toml</c>. A file with an error gives no configuration, only all its errors.</summary>
public static class ConfigurationReader
{
    /// <summary>A configuration file is a few kB; a larger one is some other file.</summary>
    public const int MaxFileSize = 10_000_000;

    // A file that is not UTF-8 is refused, not read with question marks in it.
    private static readonly UTF8Encoding strictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads a file. Paths in it are relative to its folder.</summary>
    public static ConfigurationResult ReadFile(string file) => Read(FileReading.Of(file, MaxFileSize), file);

    /// <summary>Reads what a file held, or says why it could not be read.</summary>
    public static ConfigurationResult Read(FileReading reading, string file)
    {
        if (reading.Content is not { } content)
            return Failed(file, reading.Problem!, "Name the configuration file with --config.");
        var octets = content.Span;
        if (octets.StartsWith(Encoding.UTF8.Preamble)) octets = octets[3..];
        try
        {
            var result = Read(strictUtf8.GetString(octets), file, FolderOf(file));
            return result.Configuration is not { } read ? result
                : result with { Configuration = read with { HasFile = true } };
        }
        catch (DecoderFallbackException)
        {
            return Failed(file, "the file is not UTF-8", "Save it as UTF-8.");
        }
    }

    /// <summary>What holds without a file: loopback only, data and routes in the folder given.</summary>
    public static PosternConfiguration Defaults(string folder) =>
        Read("", "postern.toml", folder).Configuration
            ?? throw new InvalidOperationException("the defaults are valid");

    /// <summary>Reads text.</summary>
    /// <param name="text">The content.</param>
    /// <param name="file">How errors name the file.</param>
    /// <param name="folder">Where relative paths start.</param>
    public static ConfigurationResult Read(string text, string file, string folder)
    {
        var errors = new ConfigurationErrors(file);
        var tree = TomlTree.Read(text, file, errors);
        var top = new Section(tree, "", errors);
        var hostName = top.Parsed("hostname", LocalHostName(), TryDomain, "a domain name", "gw.example.com");
        var limits = ReadLimits(top.Table("limits"));
        var wrong = errors.Count;
        var (dataFolder, routesFile) = (
            Rooted(folder, top.Text("data", "data", "data")!), ReadRoutesFile(top.Table("smtp_routes"), folder));
        // What stands in a part that could not be read is not known.
        var placed = errors.Count == wrong && (!errors.HasSyntaxErrors || top.Has("smtp_routes"));
        var configuration = new PosternConfiguration
        {
            File = file,
            HostName = hostName,
            DataFolder = dataFolder,
            RoutesFile = routesFile,
            Listeners = ReadListeners(top),
            Dns = ReadDns(top.Table("dns")),
            Limits = limits,
            Space = ReadSpace(top.Table("spool")),
            Delivery = DeliverySections.Read(top, hostName, limits, folder) with
            {
                AuthProfiles = AuthSections.Read(top.Table("auth_profile"), folder),
            },
            Log = ReadLog(top.Table("log")),
            Alerts = AlertSection.Read(top.Table("alert")),
            Admin = AdminSection.Read(top.Table("admin"), folder),
        };
        top.Done();
        var found = errors.ToList();
        var routes = RoutesPlace.Of(configuration);
        return new ConfigurationResult(found.Count == 0 ? configuration : null, found,
            placed ? routes with { Profiles = errors.HasSyntaxErrors ? null : routes.Profiles } : null)
        {
            Named = errors.Named,
        };
    }

    /// <summary>The folder that relative paths in a file start at.</summary>
    public static string FolderOf(string file) => Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";

    internal static string Rooted(string folder, string path) => Path.GetFullPath(Path.Combine(folder, path));

    private static string ReadRoutesFile(Section section, string folder)
    {
        var file = section.Text("file", "smtproutes", "smtproutes")!;
        section.Done();
        return Rooted(folder, file);
    }

    private static List<ListenerSettings> ReadListeners(Section top)
    {
        if (top.Tables("listener") is not { } sections) return [new ListenerSettings()];
        List<ListenerSettings> listeners = [];
        foreach (var section in sections)
        {
            var listener = ReadListener(section);
            section.Done();
            if (listeners.Find(l => l.Name == listener.Name) is not null)
                section.Wrong(
                    "name", $"there is a listener '{listener.Name}' already", "Give each listener its own name.");
            if (listener.Address.Port != 0 && listeners.Find(l => l.Address.Equals(listener.Address)) is { } other)
                section.Wrong("address", $"listener '{other.Name}' has the address {listener.Address} already",
                    "Give each listener its own address or port.");
            listeners.Add(listener);
        }
        return listeners;
    }

    private static ListenerSettings ReadListener(Section section)
    {
        var fallback = new ListenerSettings();
        return fallback with
        {
            Name = section.Parsed("name", fallback.Name, TryName, $"a name ({ProfileName.Remedy})", "incoming"),
            Address = section.Parsed("address", fallback.Address, TryEndPoint,
                "an address with a port", "127.0.0.1:2525\" or \"[::1]:2525"),
            RelayFrom = section.List("relay_from", fallback.RelayFrom, Addresses.TryParseNetwork,
                "a network", "127.0.0.0/8", Addresses.NetworkRemedy),
            AcceptFor = section.List("accept_for", fallback.AcceptFor, TryAcceptFor,
                "a domain or .domain", "example.com"),
        };
    }

    private static DnsSettings ReadDns(Section section)
    {
        var fallback = new DnsSettings();
        var dns = fallback with
        {
            Servers = section.List("servers", fallback.Servers, TryServer, "an address", "127.0.0.1:5353"),
            RefuseNetworks = section.List("refuse_networks", fallback.RefuseNetworks, Addresses.TryParseNetwork,
                "a network", "127.0.0.0/8", Addresses.NetworkRemedy),
        };
        section.Done();
        return dns;
    }

    private static LimitSettings ReadLimits(Section section)
    {
        var fallback = new LimitSettings();
        var limits = fallback with
        {
            // RFC 5321 §4.5.3.1.4: a command line has at least 512 octets.
            CommandLine = section.Integer("command_line", fallback.CommandLine, 512, 65_536),
            RecipientsPerMessage = section.Integer("recipients_per_message", fallback.RecipientsPerMessage, 1, 100_000),
            MessageSize = section.Size("message_size", fallback.MessageSize, 1_000, 10_000_000_000),
            Connections = section.Integer("connections", fallback.Connections, 1, 1_000_000),
            ConnectionsPerClient =
                section.Integer("connections_per_client", fallback.ConnectionsPerClient, 1, 1_000_000),
            ReceivedFields = section.Integer("received_fields", fallback.ReceivedFields, 1, 10_000),
            MinimumRate = section.Size("minimum_rate", fallback.MinimumRate, 0, 1_000_000_000),
            // RFC 5321 §4.5.3.1.5: a reply line has at least 512 octets.
            ReplyLine = (int)section.Size("reply_line", fallback.ReplyLine, 512, 1_000_000),
            ReplyLines = section.Integer("reply_lines", fallback.ReplyLines, 1, 10_000),
        };
        section.Done();
        return limits;
    }

    private static SpaceThresholds ReadSpace(Section section)
    {
        const long Most = 1_000_000_000_000_000;
        var fallback = new SpaceThresholds();
        var space = fallback with
        {
            Soft = section.Size("free_space_soft", fallback.Soft, 0, Most),
            Hard = section.Size("free_space_hard", fallback.Hard, 0, Most),
        };
        if (space.Hard > space.Soft)
        {
            section.Wrong(section.Has("free_space_hard") ? "free_space_hard" : "free_space_soft",
                "free_space_hard is above free_space_soft", "New mail has to stop first: make it the smaller one.");
        }
        section.Done();
        return space;
    }

    private static LogSettings ReadLog(Section section)
    {
        var fallback = new LogSettings();
        var log = fallback with
        {
            Json = section.Flag("json", fallback.Json),
            RotateSize = section.Size("rotate_size", fallback.RotateSize, 1_000, 1_000_000_000_000),
            KeepDays = section.Integer("keep_days", fallback.KeepDays, 1, 36_500),
        };
        section.Done();
        return log;
    }

    private static ConfigurationResult Failed(string file, string text, string remedy) =>
        new(null, [new ConfigurationError(file, 1, 1, text, remedy)], null);

    /// <summary>The name of this machine when it is a domain name; else localhost.</summary>
    private static string LocalHostName() =>
        Domain.TryParse(Environment.MachineName, out var domain) ? domain.Name : "localhost";

    private static bool TryDomain(string text, out string name)
    {
        var ok = Domain.TryParse(text, out var domain);
        name = domain?.Name ?? "";
        return ok;
    }

    private static bool TryName(string text, out string name)
    {
        name = text;
        return ProfileName.IsValid(text);
    }

    private static bool TryAcceptFor(string text, out string entry)
    {
        var below = text.StartsWith('.');
        var ok = TryDomain(below ? text[1..] : text, out var name);
        entry = below ? $".{name}" : name;
        return ok;
    }

    private static bool TryEndPoint(string text, out IPEndPoint endPoint) =>
        Addresses.TryParseEndPoint(text, null, out endPoint);

    private static bool TryServer(string text, out IPEndPoint endPoint) =>
        Addresses.TryParseEndPoint(text, 53, out endPoint) && endPoint.Port > 0;
}
