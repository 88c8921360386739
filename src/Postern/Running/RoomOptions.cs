using Postern.Configuration;
using Postern.Mail;
using Postern.Reception;
using Postern.Reporting;
using Postern.Smtp.Server;
using Postern.Spool;

namespace Postern.Running;

/// <summary>Turns the configuration into the options of each room. Pure.</summary>
internal static class RoomOptions
{
    /// <summary>What Reception is told.</summary>
    public static ReceptionOptions Reception(PosternConfiguration configuration) => new()
    {
        Smtp = new SmtpServerOptions
        {
            HostName = DomainOf(configuration.HostName),
            MaxCommandLine = configuration.Limits.CommandLine,
            MaxRecipients = configuration.Limits.RecipientsPerMessage,
            MaxMessageSize = configuration.Limits.MessageSize,
            MinimumRate = (int)configuration.Limits.MinimumRate,
        },
        Listeners = [.. configuration.Listeners.Select(Listener)],
        MaxConnections = configuration.Limits.Connections,
        MaxConnectionsPerClient = configuration.Limits.ConnectionsPerClient,
        MaxReceivedFields = configuration.Limits.ReceivedFields,
    };

    /// <summary>What the mail log is told.</summary>
    public static MailLogOptions Log(PosternConfiguration configuration) => new()
    {
        Folder = DataFolder.LogsIn(configuration.DataFolder),
        Json = configuration.Log.Json,
        RotateSize = configuration.Log.RotateSize,
        KeepDays = configuration.Log.KeepDays,
    };

    /// <summary>What the spool is told.</summary>
    public static SpoolOptions Spool(PosternConfiguration configuration) =>
        new(DataFolder.SpoolIn(configuration.DataFolder)) { Space = configuration.Space };

    /// <summary>What the log says of the free space; one sentence without its dot.</summary>
    public static string SpaceNotice(SpaceLevel level, long octets, SpaceThresholds space)
    {
        var free = $"{octets / 1_000_000} MB are free on the disk of the spool";
        return level switch
        {
            SpaceLevel.Low => $"{free}, fewer than free_space_soft ({space.Soft / 1_000_000} MB): no new mail is taken",
            SpaceLevel.Critical => $"{free}, fewer than free_space_hard ({space.Hard / 1_000_000} MB): "
                + "no new mail is taken, and nothing is written but the ends of what was accepted",
            _ => $"{free} again: new mail is taken",
        };
    }

    private static ListenerOptions Listener(ListenerSettings listener)
    {
        // The configuration was checked by the same grammar; an entry that fails here is a bug of ours.
        if (!ClientNetworks.TryParse(listener.RelayFrom.Select(n => n.ToString()), out var networks, out var error))
            throw new InvalidOperationException(error);
        if (!RecipientDomains.TryParse(listener.AcceptFor, out var domains, out error))
            throw new InvalidOperationException(error);
        return new ListenerOptions(listener.Name, listener.Address) { RelayFrom = networks, AcceptFor = domains };
    }

    private static Domain DomainOf(string name) =>
        Domain.TryParse(name, out var domain) ? domain : throw new InvalidOperationException($"'{name}' is no domain");
}
