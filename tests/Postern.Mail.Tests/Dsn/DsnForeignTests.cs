using Postern.Mail.Dsn;
using TestTools;

namespace Postern.Mail.Tests.Dsn;

/// <summary>Reports as the email package of Python reads them, which finds defects that MimeKit forgives.</summary>
public sealed class DsnForeignTests
{
    private const string Program = """
        import email, email.policy, sys
        message = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
        print(message.get_content_type(), message.get_param('report-type'), message['Auto-Submitted'])
        for part in message.walk():
            for defect in part.defects:
                print('defect', repr(defect))
        text, status = message.get_payload()[:2]
        print(len(text.get_content().splitlines()) > 5, 'Sie' in text.get_content())
        print(status.get_content_type())
        for block in status.get_payload():
            print('; '.join(f'{field}={value}' for field, value in block.items() if 'Date' not in field))
        print(*[part.get_content_type() for part in message.get_payload()[2:]])
        """;

    [Fact]
    public async Task Python_reads_a_failure()
    {
        Assert.Equal(
            ["multipart/report delivery-status auto-replied", "True False", "message/delivery-status",
                "Reporting-MTA=dns; gw.example.com; Original-Envelope-Id=QQ+314 x",
                "Original-Recipient=rfc822; Bob+Smith@old.example; Final-Recipient=rfc822; bob@example.com; "
                + "Action=failed; Status=5.2.2; Remote-MTA=dns; [127.0.0.10]; Diagnostic-Code=smtp; 552 5.2.2 This "
                + "mailbox is full and has been full for a very long time, so that we refuse more; "
                + "Final-Log-ID=MID 6 RID 0",
                "Final-Recipient=rfc822; carol@nowhere.example; Action=failed; Status=5.1.2; Final-Log-ID=MID 6 RID 2",
                "Final-Recipient=rfc822; dave@example.com; Action=failed; Status=5.4.7; "
                + "Remote-MTA=dns; mx.example.com; Diagnostic-Code=smtp; 452 4.3.1 Insufficient system resources; "
                + "Final-Log-ID=MID 6 RID 3",
                "message/rfc822"],
            await ReadAsync(ReportSamples.Several()));
    }

    [Fact]
    public async Task Python_reads_a_delay_in_german()
    {
        var lines = await ReadAsync(ReportSamples.Delayed() with { Language = ReportLanguage.German });
        Assert.Equal("True True", lines[1]);
        Assert.Equal(
            "Final-Recipient=rfc822; carol@example.net; Action=delayed; Status=4.4.1; Final-Log-ID=MID 6 RID 1; "
            + "Will-Retry-Until=Sat, 05 Jul 2014 09:15:07 +0200", lines[5]);
        Assert.Equal("text/rfc822-headers", lines[6]);
    }

    [Fact]
    public async Task Python_reads_a_success_and_a_hostile_reply()
    {
        Assert.Contains("Action=relayed; Status=2.0.0", (await ReadAsync(ReportSamples.Relayed()))[4],
            StringComparison.Ordinal);
        var request = ReportSamples.Refused();
        var lines = await ReadAsync(request with
        {
            Recipients =
            [
                request.Recipients[0] with { Reply = new SmtpReply(550, ["a\r\n\r\nFinal-Recipient: x\r\n--=_\0é"]) },
            ],
        });
        Assert.Equal(6, lines.Length);
        Assert.Contains("Diagnostic-Code=smtp; 550 a Final-Recipient: x --=_", lines[4], StringComparison.Ordinal);
    }

    private static async Task<string[]> ReadAsync(ReportRequest request)
    {
        var python = ForeignTool.Python.Require();
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder.File("report.eml"), ReportSamples.Compose(request).Content.ToArray());
        var text = await Child.RunAsync(
            python, ["-c", Program, folder.File("report.eml")], TestContext.Current.CancellationToken);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
