namespace Postern.Smtp.Client;

/// <summary>How far a connection or a transaction got.</summary>
public enum SmtpStage
{
    /// <summary>TCP.</summary>
    Connect,
    /// <summary>Waiting for the 220.</summary>
    Banner,
    /// <summary>EHLO or HELO.</summary>
    Ehlo,
    /// <summary>STARTTLS and the handshake.</summary>
    StartTls,
    /// <summary>AUTH.</summary>
    Auth,
    /// <summary>MAIL.</summary>
    Mail,
    /// <summary>RCPT.</summary>
    Rcpt,
    /// <summary>DATA, until its 354.</summary>
    Data,
    /// <summary>The content is being written; the final dot is not.</summary>
    Content,
    /// <summary>The final dot was written (in whole or in part handed to the kernel).</summary>
    FinalDot,
}
