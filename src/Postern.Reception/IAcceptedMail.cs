using System.Net;
using Postern.Spool;

namespace Postern.Reception;

/// <summary>Takes over messages that are durable; implemented by Delivery. May be called by several threads.</summary>
public interface IAcceptedMail
{
    /// <summary>
    /// Ends when it can take over more: before, so much waits to be taken up that it must not become much more. To be
    /// awaited before a commit.
    /// </summary>
    Task RoomAsync();

    /// <summary>
    /// The message was committed and is the callee's from now on. Returns at once and never throws: the client waits
    /// for its 250 meanwhile.
    /// </summary>
    void Accepted(StoredMessage message);
}

/// <summary>
/// Looks up the name of a client: the name its address has, and whether the name leads back to the address. Called
/// beside the session, once a connection; cancelled when the session ends first. Null: unknown.
/// </summary>
public delegate ValueTask<(string? Name, bool Verified)> ReverseLookup(
    IPAddress client, CancellationToken cancellationToken);
