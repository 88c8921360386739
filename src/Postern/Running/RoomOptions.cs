using Postern.Configuration;
using Postern.Mail;
using Postern.Reception;
using Postern.Reporting;
using Postern.Smtp.Server;

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
