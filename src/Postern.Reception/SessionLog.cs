using System.Net;
using Postern.Mail;

namespace Postern.Reception;

/// <summary>
/// The events of one session, in their order: the connection first, with the name of the client if that was found
/// before anything else happened. Used by the session and by the lookup beside it.
/// </summary>
internal sealed class SessionLog(
    IMailEventSink sink, Icid icid, string listener, IPAddress local, IPAddress client, SenderGroupMatched group)
{
    private readonly Lock _lock = new();
    private volatile bool _announced;
    private volatile Domain? _verifiedName;

    /// <summary>The session.</summary>
    public Icid Icid => icid;

    /// <summary>The name that leads back to the client's address, once it is known.</summary>
    public Domain? VerifiedName => _verifiedName;

    /// <summary>The lookup has ended.</summary>
    public void NameFound(string? name, bool verified)
    {
        if (verified && name is not null && Domain.TryParse(name, out var domain)) _verifiedName = domain;
        Announce(name, verified);
    }

    /// <summary>Something happened in the session; the name is not waited for.</summary>
    public void Publish(MailEvent mailEvent)
    {
        if (!_announced) Announce(null, verified: false);
        sink.Publish(mailEvent);
    }

    private void Announce(string? name, bool verified)
    {
        lock (_lock)
        {
            if (_announced) return;
            sink.Publish(new IncomingConnection(icid, listener, local, client, name, verified));
            sink.Publish(group);
            _announced = true;
        }
    }
}
