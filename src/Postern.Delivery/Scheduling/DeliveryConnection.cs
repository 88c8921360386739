using System.Net;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Smtp.Client;

namespace Postern.Delivery.Scheduling;

/// <summary>How far an outgoing connection is.</summary>
public enum ConnectionState
{
    /// <summary>TCP, banner, EHLO, TLS, credentials.</summary>
    Opening,
    /// <summary>Open, without a message.</summary>
    Idle,
    /// <summary>A message is offered on it.</summary>
    Busy,
    /// <summary>The outcome of its message is being made durable.</summary>
    Settling,
    /// <summary>Ended or ending.</summary>
    Closed,
}

/// <summary>
/// An outgoing connection as the scheduler sees it. For the scheduler's thread only, but for <see cref="Pulse"/>.
/// </summary>
public sealed class DeliveryConnection(Dcid dcid, HostHealth host, Access access, string hostText)
{
    /// <summary>The DCID.</summary>
    public Dcid Dcid { get; } = dcid;
    /// <summary>Where it leads.</summary>
    public HostHealth Host { get; } = host;
    /// <summary>How it was made.</summary>
    public Access Access { get; } = access;
    /// <summary>The destination host as written in the route it was opened for.</summary>
    public string HostText { get; } = hostText;
    /// <summary>The name by which the host was reached, or its address, for TLS.</summary>
    public string HostName { get; init; } = "";
    /// <summary>The receiving domain it was last used for.</summary>
    public string DomainName { get; set; } = "";
    /// <summary>Its state.</summary>
    public ConnectionState State { get; set; } = ConnectionState.Opening;
    /// <summary>The job bound to it.</summary>
    public DeliveryJob? Job { get; set; }
    /// <summary>When it began to be opened, or became idle; <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long Since { get; set; }
    /// <summary>Transactions so far.</summary>
    public int Messages { get; set; }
    /// <summary>Its end decides whether the host comes back.</summary>
    public bool IsProbe { get; set; }
    /// <summary>What the host offers.</summary>
    public SmtpExtensions Extensions { get; set; } = SmtpExtensions.None;
    /// <summary>The source address; null: not connected.</summary>
    public IPAddress? LocalAddress { get; set; }
    /// <summary>When it owes and gives replies.</summary>
    public ReplyPulse Pulse { get; } = new();
    /// <summary>Its last transaction left it unusable: the host has closed it, or is about to.</summary>
    public bool IsBroken { get; set; }
    /// <summary>It was past its banner and EHLO when it ended by our will.</summary>
    public bool WasOpen { get; set; }
    /// <summary>
    /// The host had another connection, and had just answered on it, when this one began to be opened.
    /// </summary>
    public bool IsBesideOthers { get; set; }
    /// <summary>Past its banner and EHLO and not ended.</summary>
    public bool IsOpen => State is ConnectionState.Idle or ConnectionState.Busy or ConnectionState.Settling;
}
