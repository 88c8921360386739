using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Postern.Admin.Access;

/// <summary>
/// Closes connections of other machines when there are too many of them, together or of one address, so that some are
/// always left for this machine. Any thread may call it.
/// </summary>
/// <param name="most">Connections of other machines.</param>
/// <param name="mostOfAddress">Of these, those of one address.</param>
internal sealed class ConnectionBounds(int most, int mostOfAddress)
{
    private readonly CallerTurns all = new(most);
    private readonly CallerTurns ofAddress = new(mostOfAddress);

    /// <summary>Serves a connection, or closes it at once.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.RemoteEndPoint is not IPEndPoint from || IPAddress.IsLoopback(from.Address))
        {
            await next(connection).ConfigureAwait(false);
            return;
        }
        using var one = all.TryTake("");
        using var own = one is null ? null : ofAddress.TryTake($"{from.Address}");
        if (own is null) connection.Abort();
        else await next(connection).ConfigureAwait(false);
    }
}
