using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Delivery;

/// <summary>
/// Delivers what the spool holds. Owned by the program; members may be called by several threads at once.
/// </summary>
public sealed class DeliveryEngine : IAsyncDisposable
{
    /// <summary>Makes an engine that does nothing until <see cref="Start"/>.</summary>
    public DeliveryEngine(
        DeliveryOptions options, SmtpRouteTable routes, MailSpool spool, INextHopResolver resolver,
        IMailEventSink events, TimeProvider time, Random random) => throw new NotImplementedException();

    /// <summary>Takes up everything in the spool and begins.</summary>
    public void Start() => throw new NotImplementedException();

    /// <summary>A message was committed by Reception and is this engine's from now on.</summary>
    public void Accepted(StoredMessage message) => throw new NotImplementedException();

    /// <summary>New routes; in force at once, also for mail that waits.</summary>
    public void UseRoutes(SmtpRouteTable routes) => throw new NotImplementedException();

    /// <summary>New options; in force at once for what begins from now on.</summary>
    public void UseOptions(DeliveryOptions options) => throw new NotImplementedException();

    /// <summary>
    /// Begins nothing new, lets deliveries in progress end within <paramref name="bound"/>, then cuts them; what still
    /// awaits its reply to the dot is stored as uncertain.
    /// </summary>
    public Task StopAsync(TimeSpan bound) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
