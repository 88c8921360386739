using Postern.Smtp.Client;

namespace Postern.Delivery.Acting;

/// <summary>What a connection is told of the options of delivery. Pure.</summary>
internal static class ClientOptions
{
    private static readonly TimeSpan DataInitiation = TimeSpan.FromMinutes(2);

    /// <summary>The options of connections that begin from now on.</summary>
    public static SmtpClientOptions Of(DeliveryOptions options) => new()
    {
        HostName = options.HostName,
        ConnectTimeout = options.ConnectTimeout,
        GreetingTimeout = options.GreetingTimeout,
        CommandTimeout = options.CommandTimeout,
        // RFC 5321 §4.5.3.2.4 gives the reply to DATA two minutes; who waits less for other replies waits less for it.
        DataInitiationTimeout = options.CommandTimeout < DataInitiation ? options.CommandTimeout : DataInitiation,
        DataTimeout = options.DataTimeout,
        FinalDotTimeout = options.FinalDotTimeout,
        MaxReplyLine = options.MaxReplyLine,
        MaxReplyLines = options.MaxReplyLines,
    };
}
