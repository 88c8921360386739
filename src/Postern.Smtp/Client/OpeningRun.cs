using System.Globalization;
using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>
/// The opening of a session: banner, EHLO, STARTTLS, AUTH, as far as they are asked for. For one session, used once.
/// </summary>
internal sealed class OpeningRun(
    ClientWire wire, SmtpClientOptions options, CommandBuffer commands, SessionSecurity security, TimeProvider time)
{
    private static readonly SessionOpening _ready = new(SmtpStage.Ehlo, null, null);

    /// <summary>What the host offers, by its last EHLO.</summary>
    public SmtpExtensions Extensions { get; private set; } = SmtpExtensions.None;

    /// <summary>The TLS that was agreed on; null: none.</summary>
    public SessionTls? Tls { get; private set; }

    /// <summary>Runs until the session takes mail, or the stage that ended it.</summary>
    public async ValueTask<SessionOpening> RunAsync()
    {
        var banner = await wire.ReadReplyAsync(
            SmtpStage.Banner, options.GreetingTimeout, stillOwed: false).ConfigureAwait(false);
        if (banner.Reply is not { Code: 220 }) return Refused(SmtpStage.Banner, "the connection", banner);
        var opening = await HelloAsync().ConfigureAwait(false);
        if (opening.IsReady) opening = await SecureAsync().ConfigureAwait(false);
        if (opening.IsReady) opening = await AuthenticateAsync().ConfigureAwait(false);
        return opening;
    }

    private async ValueTask<SessionOpening> HelloAsync()
    {
        commands.Clear();
        commands.Hello("EHLO "u8, options.HostName);
        var ehlo = await AskAsync(SmtpStage.Ehlo, commands.Octets).ConfigureAwait(false);
        if (ehlo.Reply is { IsPositive: true } offer)
        {
            Extensions = SmtpExtensions.Parse(offer);
            return _ready;
        }

        // 521 is a host that takes no mail (RFC 7504 §3), 421 one that closes: HELO would be answered no better.
        if (ehlo.Reply is not { IsPermanent: true, Code: not 521 }) return Refused(SmtpStage.Ehlo, "EHLO", ehlo);
        commands.Clear();
        commands.Hello("HELO "u8, options.HostName);
        var helo = await AskAsync(SmtpStage.Ehlo, commands.Octets).ConfigureAwait(false);
        return helo.Reply is { IsPositive: true } ? _ready : Refused(SmtpStage.Ehlo, "HELO", helo);
    }

    private async ValueTask<SessionOpening> SecureAsync()
    {
        var isOptional = security.Tls == TlsDemand.Preferred;
        if (security.Tls == TlsDemand.None || (isOptional && !Extensions.StartTls)) return _ready;
        // RFC 7672 §2.1: TLSA records count only when DNSSEC has proven them, and our resolver proves nothing.
        if (security.Tls == TlsDemand.Dane)
            return Unmet(SmtpStage.StartTls, "tls = dane cannot be met: DNS answers are not validated by DNSSEC");
        if (!Extensions.StartTls)
            return Unmet(SmtpStage.StartTls, $"tls = {Word(security.Tls)} cannot be met: STARTTLS is not offered");
        var answer = await AskAsync(SmtpStage.StartTls, "STARTTLS\r\n"u8.ToArray()).ConfigureAwait(false);
        if (answer.Reply is { Code: 220 }) return await UpgradeAsync().ConfigureAwait(false);
        var refused = Refused(SmtpStage.StartTls, "STARTTLS", answer);
        return isOptional && refused.Refusal is { Code: not 421 } ? _ready : refused;
    }

    private async ValueTask<SessionOpening> UpgradeAsync()
    {
        var limit = options.CommandTimeout < TlsHandshake.Timeout ? options.CommandTimeout : TlsHandshake.Timeout;
        var (tls, problem) = await wire.UpgradeAsync(new TlsHandshake(security, time), limit).ConfigureAwait(false);
        if (tls is null) return Unmet(SmtpStage.StartTls, problem!);
        Tls = tls;
        // RFC 3207 §4.2: what was offered in clear counts no more (hardening CL36).
        Extensions = SmtpExtensions.None;
        var opening = await HelloAsync().ConfigureAwait(false);
        // With TLS 1.3 a host refuses our side of the handshake only when we believe it to be over.
        return opening.Fault is { Kind: SmtpFaultKind.Lost } fault
            ? Unmet(SmtpStage.StartTls, $"TLS failed behind its handshake: {fault.Details}") : opening;
    }

    private async ValueTask<SessionOpening> AuthenticateAsync()
    {
        if (security.Credentials is not { } credentials) return _ready;
        // What is wrong here is told first: no host can mend it.
        var reading = credentials.ReadPassword();
        if (reading.Secret is not { } password) return Unmet(SmtpStage.Auth, reading.Problem!);
        if (Tls is null && !credentials.AllowPlaintext)
            return Unmet(SmtpStage.Auth, "credentials are not sent without TLS, since allow_plaintext is false");
        if (Extensions.AuthMechanisms.Count == 0) return Unmet(SmtpStage.Auth, "AUTH is not offered");
        var opening = Unmet(SmtpStage.Auth,
            $"no mechanism for AUTH in common: the host has {string.Join(' ', Extensions.AuthMechanisms)}");
        foreach (var mechanism in SaslExchange.Usable(Extensions.AuthMechanisms))
        {
            var exchange = new SaslExchange(mechanism, credentials.UserName, password);
            opening = WithoutSecrets(await ExchangeAsync(mechanism, exchange).ConfigureAwait(false), exchange);
            // RFC 4954 §4: 504 is about the mechanism alone.
            if (opening.Refusal is not { Code: 504 }) break;
        }

        return opening;
    }

    private async ValueTask<SessionOpening> ExchangeAsync(string mechanism, SaslExchange exchange)
    {
        if (exchange.Command() is not { } command)
            return Unmet(SmtpStage.Auth, "the username or the password has characters that SASL forbids");
        for (var challenges = 0; ; challenges++)
        {
            var answer = await AskAsync(SmtpStage.Auth, command).ConfigureAwait(false);
            if (answer.Reply is { Code: 235 })
            {
                return exchange.IsComplete ? _ready : Unmet(
                    SmtpStage.Auth, $"the host ended {mechanism} without a proof that it knows the password");
            }

            if (answer.Reply is not { Code: 334 } challenge)
                return Refused(SmtpStage.Auth, "AUTH", answer);
            if (challenges < SaslExchange.MaxChallenges && exchange.Answer(challenge.Lines[0]) is { } response)
            {
                command = response;
                continue;
            }

            // RFC 4954 §4: an asterisk cancels; what the host says to it changes nothing.
            await AskAsync(SmtpStage.Auth, "*\r\n"u8.ToArray()).ConfigureAwait(false);
            return Unmet(SmtpStage.Auth, $"the host's part of {mechanism} makes no sense");
        }
    }

    // What is no reply may be cut or escaped in its midst, so that an echo in it would not be known as one.
    private static SessionOpening WithoutSecrets(SessionOpening opening, SaslExchange exchange)
    {
        return opening with { Refusal = ReplyWithout(opening.Refusal), Fault = FaultWithout(opening.Fault) };

        SmtpReply? ReplyWithout(SmtpReply? reply) =>
            reply is null ? null : reply with { Lines = [.. reply.Lines.Select(exchange.WithoutSecrets)] };

        SmtpFault? FaultWithout(SmtpFault? fault) => fault switch
        {
            null => null,
            { Kind: SmtpFaultKind.Malformed, Reply: null } => fault with
            {
                Details = "what came in answer to AUTH is not a reply; it is not shown, since it may hold the password",
            },
            _ => fault with { Details = exchange.WithoutSecrets(fault.Details), Reply = ReplyWithout(fault.Reply) },
        };
    }

    private async ValueTask<HostReply> AskAsync(SmtpStage stage, ReadOnlyMemory<byte> command)
    {
        if (wire.HostSpoke())
        {
            var spoken = await wire.ReadUnsolicitedAsync(stage, options.CommandTimeout).ConfigureAwait(false);
            return spoken.Reply is null or { Code: 421 }
                ? spoken
                : new HostReply(null, new SmtpFault(
                    stage, SmtpFaultKind.Malformed, "the host spoke out of turn", spoken.Reply));
        }

        wire.Owe(afterDot: false);
        wire.SetDeadline(options.CommandTimeout);
        await wire.WriteAsync(command).ConfigureAwait(false);
        return await wire.ReadReplyAsync(stage, options.CommandTimeout, stillOwed: false).ConfigureAwait(false);
    }

    private static SessionOpening Unmet(SmtpStage stage, string details) =>
        new(stage, null, new SmtpFault(stage, SmtpFaultKind.Unmet, details));

    private static string Word(TlsDemand demand) => demand.ToString().ToLower(CultureInfo.InvariantCulture);

    private static SessionOpening Refused(SmtpStage stage, string asked, HostReply answer)
    {
        if (answer.Reply is not { } reply) return new SessionOpening(stage, null, answer.Fault);
        if (reply.IsTransient || reply.IsPermanent) return new SessionOpening(stage, reply, null);
        return new SessionOpening(stage, null, new SmtpFault(
            stage, SmtpFaultKind.WrongClass, $"wrong reply to {asked}: {reply.Code} {reply.Lines[^1]}", reply));
    }
}
