using System.Net;
using System.Text;
using Postern.Mail;

namespace Postern.Commands;

/// <summary>A recipient whose way is asked for: by its domain or by its address literal.</summary>
internal sealed record TestTarget(string Given, Domain? Domain, IPAddress? Literal)
{
    /// <summary>Reads <c>bob@example.com</c>, <c>bob@[10.1.2.3]</c>, or a domain alone; null: it is neither.</summary>
    public static TestTarget? Read(string text)
    {
        if (Mailbox.TryParse(Encoding.UTF8.GetBytes(text), smtpUtf8: true, out var mailbox)
            && (mailbox.Domain is not null || mailbox.Literal is not null))
            return new TestTarget(text, mailbox.Domain, mailbox.Literal);
        return Domain.TryParse(text, out var domain) ? new TestTarget(text, domain, null) : null;
    }
}
