using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Postern.Admin.Access;

/// <summary>
/// Lets an open page do nothing once its session is over: what somebody does on it passes no gate any more, since it
/// comes over the connection that was opened before. One for each open page.
/// </summary>
internal sealed class SessionCircuit(Sessions sessions, AuthenticationStateProvider state) : CircuitHandler
{
    /// <inheritdoc/>
    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(
        Func<CircuitInboundActivityContext, Task> next) => async context =>
        {
            var user = (await state.GetAuthenticationStateAsync()).User;
            // Not a use of it: a page that nobody sits before says again and again by itself that it was drawn.
            if (Caller.SessionOf(user) is not { } id || !sessions.IsOpen(id)) return;
            await next(context);
        };
}
