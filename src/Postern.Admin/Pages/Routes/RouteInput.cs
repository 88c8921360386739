using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>What stands in the form for a route now. For one page.</summary>
internal sealed class RouteInput
{
    /// <summary>The receiving domain.</summary>
    public string Key { get; set; } = "";

    /// <summary>The rows.</summary>
    public List<HostInput> Rows { get; } = [];

    /// <summary>The profile; empty: none.</summary>
    public string Auth { get; set; } = "";

    /// <summary>Other options.</summary>
    public string Options { get; set; } = "";

    /// <summary>The form of a new route: one row.</summary>
    public static RouteInput Empty() => new() { Rows = { new HostInput() } };

    /// <summary>The form of a route.</summary>
    public static RouteInput Of(SmtpRoute route)
    {
        var draft = RouteDraft.Of(route);
        var input = new RouteInput { Key = draft.Key, Auth = draft.Auth, Options = draft.Options };
        input.Rows.AddRange(draft.Hosts.Select(HostInput.Of));
        return input;
    }

    /// <summary>What it says.</summary>
    public RouteDraft Draft => new()
    {
        Key = Key,
        Hosts = [.. Rows.Select(row => row.Draft)],
        Auth = Auth,
        Options = Options,
    };
}

/// <summary>A row of the form.</summary>
internal sealed class HostInput
{
    /// <summary>The priority.</summary>
    public string Priority { get; set; } = "0";

    /// <summary>Name or address.</summary>
    public string Destination { get; set; } = "";

    /// <summary>The port.</summary>
    public string Port { get; set; } = "25";

    /// <summary>The weight.</summary>
    public string Weight { get; set; } = "1";

    /// <summary>What it says.</summary>
    public DraftHost Draft => new(Destination, Port, Priority, Weight);

    /// <summary>The row of a host.</summary>
    public static HostInput Of(DraftHost host) => new()
    {
        Destination = host.Destination,
        Port = host.Port.Length == 0 ? "" : host.Port,
        Priority = host.Priority,
        Weight = host.Weight,
    };
}
