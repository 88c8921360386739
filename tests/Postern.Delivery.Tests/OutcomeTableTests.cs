using Postern.Delivery.Deciding;
using Postern.Mail;
using Postern.Smtp.Client;

namespace Postern.Delivery.Tests;

/// <summary>Rows of the table "What moves mail on to the next host" (contract §3) that depend on several replies.</summary>
public sealed class OutcomeTableTests
{
    [Fact]
    public void A_421_to_RCPT_is_the_answer_to_all_that_have_no_final_result()
    {
        var closing = new SmtpReply(421, ["4.3.2 closing"]);
        var report = new TransactionReport
        {
            Mail = new SmtpReply(250, ["ok"]),
            Recipients = [new SmtpReply(250, ["ok"]), new SmtpReply(550, ["5.1.1 nobody"]), closing, null],
            IsUsable = false,
        };
        Mailbox[] addresses = [.. "abcd".Select(c => Mailbox.Parse($"{c}@example.com"))];

        var verdict = OutcomeTable.Judge(report, addresses, wasReused: false, possibleDelivery: false);

        var next = new RecipientVerdict(RecipientFate.NextHost, closing, AnswersMail: true);
        Assert.Equal([next, new(RecipientFate.Bounce, report.Recipients[1]), next, next], verdict.Recipients);
        Assert.Equal(HostMark.Strong, verdict.Mark);
    }
}
