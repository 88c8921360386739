using System.Globalization;
using Postern.Mail;
using Postern.Smtp.Client;
using Postern.Spool;

namespace Postern.Delivery.Scheduling;

/// <summary>What a host said or did, and when, in the words of mail log and queue.</summary>
internal static class AttemptText
{
    /// <summary>The reply, or what broke; empty: neither.</summary>
    public static string DetailsOf(SmtpReply? reply, SmtpFault? fault) =>
        Of(reply ?? fault?.Reply) ?? fault?.Details ?? "";

    /// <summary>Code, hyphen, and the lines joined by line feeds (contract §5); null: no reply.</summary>
    public static string? Of(SmtpReply? reply) => reply is null ? null
        : string.Create(CultureInfo.InvariantCulture, $"{reply.Code}-{string.Join('\n', reply.Lines)}");

    /// <summary>The reply that an attempt ended with, as far as it was kept; null: none.</summary>
    public static SmtpReply? ReplyOf(StoredAttempt attempt)
    {
        if (attempt.Code == 0) return null;
        var text = attempt.Text;
        var prefix = attempt.Code.ToString(CultureInfo.InvariantCulture) + "-";
        if (text.StartsWith(prefix, StringComparison.Ordinal)) text = text[prefix.Length..];
        var lines = text.Split('\n');
        return new SmtpReply(attempt.Code, lines) { Status = SmtpReplyParser.ReadStatus(attempt.Code, lines[0]) };
    }

    /// <summary>The last reply in a transaction; null: none came.</summary>
    public static SmtpReply? LastReplyIn(TransactionReport report) =>
        report.Fault?.Reply ?? report.FinalDot ?? report.Data
        ?? report.Recipients.LastOrDefault(r => r is not null) ?? report.Mail;

    /// <summary>The stage at which a transaction ended.</summary>
    public static string StageOf(TransactionReport report) =>
        report.Fault is { } fault ? Of(fault.Stage)
        : report.DotWritten is not null ? "dot"
        : report.Data is not null ? "data"
        : report.Mail is { IsPositive: true } ? "rcpt"
        : "mail";

    /// <summary>The stage that decided about a recipient: RCPT where the reply is one to RCPT, though the transaction
    /// went on for others.</summary>
    public static string StageOf(TransactionReport report, SmtpReply? reply) =>
        report.Recipients.Any(r => r is not null && ReferenceEquals(r, reply)) ? Of(SmtpStage.Rcpt) : StageOf(report);

    /// <summary>The name of a stage.</summary>
    public static string Of(SmtpStage stage) => stage switch
    {
        SmtpStage.Connect => "connect",
        SmtpStage.Banner => "banner",
        SmtpStage.Ehlo => "ehlo",
        SmtpStage.StartTls => "starttls",
        SmtpStage.Auth => "auth",
        SmtpStage.Mail => "mail",
        SmtpStage.Rcpt => "rcpt",
        SmtpStage.Data => "data",
        SmtpStage.Content => "content",
        _ => "dot",
    };
}
