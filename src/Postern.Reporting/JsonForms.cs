using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Postern.Mail;

namespace Postern.Reporting;

/// <summary>
/// Every event as one JSON object on one line, with the ids and words of the mail log (docs/guide/mail-log.md). The
/// default encoder leaves nothing but plain ASCII, whatever a peer sent. For one thread.
/// </summary>
internal sealed class JsonForms(IBufferWriter<byte> output, TimeProvider time) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(output);
    private readonly Dictionary<Type, JsonEncodedText> _names = [];

    /// <summary>Writes the line of an event.</summary>
    public void Write(DateTimeOffset at, MailEvent mailEvent)
    {
        if (mailEvent is MessageIdSeen { MessageId: null } or SubjectSeen { Subject: null }) return;
        _json.Reset(output);
        _json.WriteStartObject();
        Time("time", at, "yyyy-MM-dd'T'HH:mm:ss.fffzzz");
        _json.WriteString("level", TextForms.LevelOf(mailEvent));
        _json.WriteString("event", NameOf(mailEvent));
        if (!Incoming(mailEvent) && !Message(mailEvent) && !Connection(mailEvent) && !Outcome(mailEvent))
            Gateway(mailEvent);
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n"u8);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private bool Incoming(MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case IncomingConnection e:
                Number("icid", e.Icid.Value);
                Peer("listener", e.Listener);
                Address("interface", e.LocalAddress);
                Address("address", e.Client);
                Peer("reverse_name", e.ReverseName);
                _json.WriteBoolean("verified", e.Verified);
                return true;
            case SenderGroupMatched e:
                Number("icid", e.Icid.Value);
                _json.WriteBoolean("relay", e.Relay);
                Peer("group", e.Group);
                Peer("match", e.Match);
                return true;
            case IncomingClosed e:
                Number("icid", e.Icid.Value);
                return true;
            case IncomingProblem e:
                Number("icid", e.Icid.Value);
                Peer("text", e.Text);
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
                Session(e.Mid, e.Icid);
                return true;
            case MessageFrom e:
                Session(e.Mid, e.Icid);
                Peer("from", e.ReversePath?.Text ?? "");
                return true;
            case RecipientAccepted e:
                Session(e.Mid, e.Icid);
                Number("rid", e.Rid.Value);
                Peer("to", e.ForwardPath.Text);
                return true;
            case RecipientRejected e:
                Session(e.Mid, e.Icid);
                Peer("to", e.ForwardPath);
                return true;
            case MessageIdSeen e:
                Number("mid", e.Mid.Value);
                Peer("message_id", e.MessageId);
                return true;
            case SubjectSeen e:
                Number("mid", e.Mid.Value);
                Peer("subject", e.Subject);
                return true;
            case MessageReady e:
                Number("mid", e.Mid.Value);
                Number("octets", e.Octets);
                Peer("from", e.ReversePath?.Text ?? "");
                return true;
            case MessageQueued e:
                Number("mid", e.Mid.Value);
                return true;
            case MessageAborted e:
                Session(e.Mid, e.Icid);
                Peer("reason", e.Reason);
                return true;
            case BounceGenerated e:
                Number("mid", e.Bounce.Value);
                Number("original_mid", e.Original.Value);
                Peer("action", e.Action.ToString().ToLowerInvariant());
                return true;
            case AlertGenerated e:
                Number("mid", e.Mid.Value);
                return true;
            case MessageFinished e:
                Number("mid", e.Mid.Value);
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
                Number("dcid", e.Dcid.Value);
                Address("interface", e.Interface);
                Address("address", e.Address);
                Number("port", e.Port);
                return true;
            case OutgoingConnectionError e:
                Number("dcid", e.Dcid.Value);
                Peer("domain", e.Domain);
                Peer("address", e.Address);
                Number("port", e.Port);
                Peer("details", e.Details);
                Address("interface", e.Interface);
                Peer("reason", e.Reason);
                return true;
            case OutgoingTls e:
                Number("dcid", e.Dcid.Value);
                Peer("protocol", e.Protocol);
                Peer("cipher", e.Cipher);
                return true;
            case DeliveryStarted e:
                Attempt(e.Dcid, e.Mid, e.Recipients);
                return true;
            case OutgoingClosed e:
                Number("dcid", e.Dcid.Value);
                return true;
            default:
                return false;
        }
    }

    private bool Outcome(MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case Delivered e:
                Attempt(e.Dcid, e.Mid, e.Recipients);
                Peer("response", e.Response);
                return true;
            case Delayed e:
                Failure(e.Dcid, e.Mid, e.Rid, EnhancedStatusText.Of(e.Reply));
                Reply(e.Reply.Code.ToString(CultureInfo.InvariantCulture), e.Reply.Lines);
                return true;
            case RecipientsPending e:
                Number("mid", e.Mid.Value);
                Rids(e.Recipients);
                Time("till", e.Till, "yyyy-MM-dd'T'HH:mm:sszzz");
                Peer("profile", e.Profile);
                return true;
            case Bounced e:
                Failure(e.Dcid, e.Mid, e.Rid, e.Status);
                Reply(e.Code, e.Lines);
                return true;
            case ReportDropped e:
                Number("mid", e.Mid.Value);
                Rids(e.Recipients);
                Peer("sender", e.Sender.Text);
                return true;
            case DoubleBounce e:
                Number("mid", e.Mid.Value);
                Number("rid", e.Rid.Value);
                return true;
            case PossibleDelivery e:
                Attempt(e.Dcid, e.Mid, e.Recipients);
                return true;
            case Uncertain e:
                Attempt(e.Dcid, e.Mid, e.Recipients);
                Time("till", e.Till, "yyyy-MM-dd'T'HH:mm:sszzz");
                Peer("profile", e.Profile);
                _json.WriteBoolean("alert", e.Alert);
                return true;
            case Discarded e:
                Number("mid", e.Mid.Value);
                Rids(e.Recipients);
                return true;
            case Deleted e:
                Number("mid", e.Mid.Value);
                Rids(e.Recipients);
                return true;
            case Redirected e:
                Number("mid", e.Mid.Value);
                Rids(e.Recipients);
                Peer("hosts", e.Hosts);
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
                Peer("host", e.Host);
                Peer("text", e.Text);
                break;
            case GatewayNotice e:
                Peer("text", e.Text);
                break;
            case EventsNotLogged e:
                Number("count", e.Count);
                break;
            default:
                Peer("text", mailEvent.ToString());
                break;
        }
    }

    private void Number(string name, long value) => _json.WriteNumber(name, value);

    private void Session(Mid mid, Icid icid)
    {
        Number("mid", mid.Value);
        Number("icid", icid.Value);
    }

    private void Attempt(Dcid dcid, Mid mid, IReadOnlyList<Rid> rids)
    {
        Number("dcid", dcid.Value);
        Number("mid", mid.Value);
        Rids(rids);
    }

    private void Failure(Dcid dcid, Mid mid, Rid rid, EnhancedStatus status)
    {
        Number("dcid", dcid.Value);
        Number("mid", mid.Value);
        Number("rid", rid.Value);
        _json.WriteString("status", status.ToString());
        _json.WriteString("status_text", EnhancedStatusText.Of(status));
    }

    private void Rids(IReadOnlyList<Rid> rids)
    {
        _json.WriteStartArray("rids");
        for (var index = 0; index < rids.Count; index++) _json.WriteNumberValue(rids[index].Value);
        _json.WriteEndArray();
    }

    private void Reply(string code, IReadOnlyList<string> lines)
    {
        Peer("code", code);
        _json.WriteStartArray("lines");
        var left = PeerText.MaxCharacters;
        for (var index = 0; index < lines.Count && left > 0; index++)
        {
            _json.WriteStringValue(WellFormed(lines[index], left));
            left -= lines[index].Length;
        }
        _json.WriteEndArray();
    }

    private void Peer(string name, string? text)
    {
        if (text is null) _json.WriteNull(name);
        else _json.WriteString(name, WellFormed(text, PeerText.MaxCharacters));
    }

    private void Address(string name, IPAddress? address) => Peer(name, address?.ToString());

    private void Time(string name, DateTimeOffset at, string format)
    {
        Span<byte> text = stackalloc byte[40];
        text[0] = (byte)'"';
        var local = TimeZoneInfo.ConvertTime(at, time.LocalTimeZone);
        _ = local.TryFormat(text[1..], out var written, format, CultureInfo.InvariantCulture);
        text[written + 1] = (byte)'"';
        // Raw, because the encoder would make \u002B of the plus sign of the offset.
        _json.WritePropertyName(name);
        _json.WriteRawValue(text[..(written + 2)], skipInputValidation: true);
    }

    // JSON has no form for an unpaired surrogate, and the writer may refuse one: U+FFFD stands for it.
    private static string WellFormed(string text, int maxCharacters)
    {
        var kept = PeerText.Cut(text, maxCharacters);
        var shown = kept.Length == text.Length ? text : kept.ToString();
        return shown.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0
            ? shown : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(shown));
    }

    private JsonEncodedText NameOf(MailEvent mailEvent)
    {
        var type = mailEvent.GetType();
        if (_names.TryGetValue(type, out var name)) return name;
        name = JsonEncodedText.Encode(JsonNamingPolicy.SnakeCaseLower.ConvertName(type.Name));
        _names[type] = name;
        return name;
    }
}
