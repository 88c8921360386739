using System.Globalization;
using Postern.Mail;
using Postern.Mail.Dsn;

namespace Postern.Reporting;

/// <summary>
/// The form of every event in the mail log, octet for octet (contract §5). A form is added here, in
/// <see cref="JsonForms"/> and in docs/guide/mail-log.md together. For one thread.
/// </summary>
internal sealed class TextForms(TextLine line)
{
    /// <summary>
    /// Writes the line or lines of an event; a message without Message-ID or Subject has no line for it.
    /// </summary>
    public void Write(DateTimeOffset at, MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case MessageIdSeen { MessageId: null } or SubjectSeen { Subject: null }:
                return;
            case Delivered delivered:
                WriteDelivered(at, delivered);
                return;
        }
        line.Begin(at, LevelOf(mailEvent));
        if (!Incoming(mailEvent) && !Message(mailEvent) && !Connection(mailEvent) && !Outcome(mailEvent))
            Gateway(mailEvent);
        line.End();
    }

    /// <summary>The word of the level: Info, Warning or Critical.</summary>
    public static ReadOnlySpan<byte> LevelOf(MailEvent mailEvent) => mailEvent switch
    {
        Uncertain { Alert: true } or ReportDropped or EventsNotLogged => "Warning"u8,
        GatewayNotice { Level: "Info" } => "Info"u8,
        GatewayNotice { Level: "Critical" } => "Critical"u8,
        GatewayNotice => "Warning"u8,
        _ => "Info"u8,
    };

    private bool Incoming(MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case IncomingConnection e:
                line.Raw("New SMTP ICID "u8).Number(e.Icid.Value).Raw(" interface "u8).Peer(e.Listener)
                    .Raw(" ("u8).Address(e.LocalAddress).Raw(") address "u8).Address(e.Client)
                    .Raw(" reverse dns host "u8).Peer(e.ReverseName ?? "unknown")
                    .Raw(e.Verified ? " verified yes"u8 : " verified no"u8);
                return true;
            case SenderGroupMatched e:
                line.Raw("ICID "u8).Number(e.Icid.Value).Raw(e.Relay ? " RELAY SG "u8 : " ACCEPT SG "u8)
                    .Peer(e.Group).Raw(" match "u8).Peer(e.Match);
                return true;
            case IncomingClosed e:
                line.Raw("ICID "u8).Number(e.Icid.Value).Raw(" close"u8);
                return true;
            case IncomingProblem e:
                line.Raw("ICID "u8).Number(e.Icid.Value).Raw(" "u8).Peer(e.Text);
                return true;
            default:
                return false;
        }
    }

    private bool Message(MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case MessageStarted e:
                line.Raw("Start MID "u8).Number(e.Mid.Value).Raw(" ICID "u8).Number(e.Icid.Value);
                return true;
            case MessageFrom e:
                Session(e.Mid, e.Icid).Raw(" From: "u8).Path(e.ReversePath?.Text);
                return true;
            case RecipientAccepted e:
                Session(e.Mid, e.Icid).Raw(" RID "u8).Number(e.Rid.Value).Raw(" To: "u8).Path(e.ForwardPath.Text);
                return true;
            case RecipientRejected e:
                Session(e.Mid, e.Icid).Raw(" To: "u8).Path(e.ForwardPath).Raw(" Rejected by RAT"u8);
                return true;
            case MessageIdSeen e:
                Mid(e.Mid).Raw(" Message-ID '"u8).Peer(e.MessageId!).Raw("'"u8);
                return true;
            case SubjectSeen e:
                Mid(e.Mid).Raw(" Subject \""u8).Peer(e.Subject!).Raw("\""u8);
                return true;
            case MessageReady e:
                Mid(e.Mid).Raw(" ready "u8).Number(e.Octets).Raw(" bytes from "u8).Path(e.ReversePath?.Text);
                return true;
            case MessageQueued e:
                Mid(e.Mid).Raw(" queued for delivery"u8);
                return true;
            case MessageAborted e:
                line.Raw("Message aborted MID "u8).Number(e.Mid.Value).Raw(" ICID "u8).Number(e.Icid.Value)
                    .Raw(" "u8).Peer(e.Reason);
                return true;
            case BounceGenerated e:
                Mid(e.Bounce).Raw(" was generated for "u8).Raw(e.Action switch
                {
                    DsnAction.Delayed => "delay warning"u8,
                    DsnAction.Relayed => "success report"u8,
                    _ => "bounce"u8,
                }).Raw(" of MID "u8).Number(e.Original.Value);
                return true;
            case AlertGenerated e:
                Mid(e.Mid).Raw(" was generated for alert"u8);
                return true;
            case MessageFinished e:
                line.Raw("Message finished MID "u8).Number(e.Mid.Value).Raw(" done"u8);
                return true;
            default:
                return false;
        }
    }

    private bool Connection(MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case OutgoingConnection e:
                line.Raw("New SMTP DCID "u8).Number(e.Dcid.Value).Raw(" interface "u8).Address(e.Interface)
                    .Raw(" address "u8).Address(e.Address).Raw(" port "u8).Number(e.Port);
                return true;
            case OutgoingConnectionError e:
                line.Raw("Connection Error: DCID "u8).Number(e.Dcid.Value).Raw(" domain: "u8).Peer(e.Domain)
                    .Raw(" IP: "u8).Peer(e.Address).Raw(" port: "u8).Number(e.Port)
                    .Raw(" details: "u8).Peer(e.Details).Raw(" interface: "u8).Address(e.Interface)
                    .Raw(" reason: "u8).Peer(e.Reason);
                return true;
            case OutgoingTls e:
                line.Raw("DCID "u8).Number(e.Dcid.Value).Raw(" TLS success protocol "u8).Peer(e.Protocol)
                    .Raw(" cipher "u8).Peer(e.Cipher);
                return true;
            case DeliveryStarted e:
                line.Raw("Delivery start"u8);
                Attempt(e.Dcid, e.Mid).Raw(" to RID "u8).Rids(e.Recipients);
                return true;
            case OutgoingClosed e:
                line.Raw("DCID "u8).Number(e.Dcid.Value).Raw(" close"u8);
                return true;
            default:
                return false;
        }
    }

    private bool Outcome(MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case Delayed e:
                line.Raw("Delayed:"u8);
                Failure(e.Dcid, e.Mid, e.Rid, EnhancedStatusText.Of(e.Reply));
                line.Reply(e.Reply.Code.ToString(CultureInfo.InvariantCulture), e.Reply.Lines);
                return true;
            case RecipientsPending e:
                Mid(e.Mid).Raw(" to RID "u8).Rids(e.Recipients).Raw(" pending till "u8).Time(e.Till)
                    .Raw(" ["u8).Peer(e.Profile).Raw("]"u8);
                return true;
            case Bounced e:
                line.Raw("Bounced:"u8);
                Failure(e.Dcid, e.Mid, e.Rid, e.Status);
                line.Reply(e.Code, e.Lines);
                return true;
            case ReportDropped e:
                Mid(e.Mid).Raw(" to RID "u8).Rids(e.Recipients).Raw(" no report to "u8).Path(e.Sender.Text)
                    .Raw(": its domain gets more than max_bounces_per_hour"u8);
                return true;
            case DoubleBounce e:
                line.Raw("Double bounce: MID "u8).Number(e.Mid.Value).Raw(" to RID "u8).Number(e.Rid.Value);
                return true;
            case PossibleDelivery e:
                line.Raw("Possible Delivery:"u8);
                Attempt(e.Dcid, e.Mid).Raw(" to "u8).Rids(e.Recipients);
                return true;
            case Uncertain e:
                line.Raw("Uncertain:"u8);
                Attempt(e.Dcid, e.Mid).Raw(" to RID "u8).Rids(e.Recipients)
                    .Raw(" - no reply after the final dot, pending till "u8).Time(e.Till)
                    .Raw(" ["u8).Peer(e.Profile).Raw("]"u8);
                return true;
            case Discarded e:
                line.Raw("Discarded: MID "u8).Number(e.Mid.Value).Raw(" to RID "u8).Rids(e.Recipients)
                    .Raw(" - the route is /dev/null"u8);
                return true;
            case Deleted e:
                line.Raw("Deleted: MID "u8).Number(e.Mid.Value).Raw(" to RID "u8).Rids(e.Recipients)
                    .Raw(" - by the operator"u8);
                return true;
            case Redirected e:
                line.Raw("Redirected: MID "u8).Number(e.Mid.Value).Raw(" to RID "u8).Rids(e.Recipients)
                    .Raw(" - to "u8).Peer(e.Hosts).Raw(" by the operator"u8);
                return true;
            default:
                return false;
        }
    }

    private void Gateway(MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case HostHealthChanged e:
                line.Raw("Host "u8).Peer(e.Host).Raw(": "u8).Peer(e.Text);
                break;
            case GatewayNotice e:
                line.Peer(e.Text);
                break;
            case EventsNotLogged e:
                line.Number(e.Count).Raw(" events were not logged"u8);
                break;
            default:
                line.Peer(mailEvent.ToString());
                break;
        }
    }

    // Two lines, as on an ESA: the recipients that are done, then what the host said to the final dot.
    private void WriteDelivered(DateTimeOffset at, Delivered e)
    {
        line.Begin(at, "Info"u8).Raw("Message done"u8);
        Attempt(e.Dcid, e.Mid).Raw(" to RID "u8).Rids(e.Recipients).End();
        line.Begin(at, "Info"u8);
        Mid(e.Mid).Raw(" RID "u8).Rids(e.Recipients).Raw(" Response '"u8).Peer(e.Response).Raw("'"u8).End();
    }

    private TextLine Mid(Mid mid) => line.Raw("MID "u8).Number(mid.Value);

    private TextLine Session(Mid mid, Icid icid) => Mid(mid).Raw(" ICID "u8).Number(icid.Value);

    private TextLine Attempt(Dcid dcid, Mid mid) =>
        line.Raw(" DCID "u8).Number(dcid.Value).Raw(" MID "u8).Number(mid.Value);

    private void Failure(Dcid dcid, Mid mid, Rid rid, EnhancedStatus status)
    {
        Attempt(dcid, mid).Raw(" to RID "u8).Number(rid.Value).Raw(" - "u8)
            .Number(status.Class).Raw("."u8).Number(status.Subject).Raw("."u8).Number(status.Detail)
            .Raw(" - "u8).Raw(EnhancedStatusText.Of(status)).Raw(" "u8);
    }
}
