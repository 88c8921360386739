using Postern.Mail;

namespace Postern.Reporting;

/// <summary>Hands every event to several sinks, in their order. Immutable; may be used by several threads.</summary>
public sealed class FanOut(params IReadOnlyList<IMailEventSink> sinks) : IMailEventSink
{
    /// <inheritdoc/>
    public void Publish(MailEvent mailEvent)
    {
        for (var index = 0; index < sinks.Count; index++) sinks[index].Publish(mailEvent);
    }
}
