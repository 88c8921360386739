using System.Net;
using Postern.Mail;

namespace Postern.Reception.Tests;

public sealed class AcceptTests
{
    [Fact]
    public async Task Nothing_is_committed_while_delivery_has_no_room_for_more()
    {
        var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var gateway = await Gateway.StartAsync(room: room);
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("MAIL FROM:<alice@src.example>");
        await client.AskAsync("RCPT TO:<bob@example.org>");
        await client.AskAsync("DATA");
        await client.SendAsync("Subject: x\r\n\r\nx\r\n.\r\n");
        await gateway.RoomAsked.Task;

        Assert.Empty(gateway.Spool.ReadQueue());
        room.SetResult();

        Assert.StartsWith("250 2.0.0 MID", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Single(gateway.Spool.ReadQueue());
        Assert.Single(gateway.Mail);
    }

    [Fact]
    public async Task A_message_is_in_the_spool_when_its_250_comes_and_the_log_tells_it_in_order()
    {
        await using var gateway = await Gateway.StartAsync();
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        Assert.Equal("250 2.1.0 Sender OK",
            await client.AskAsync("MAIL FROM:<alice@src.example> BODY=8BITMIME RET=HDRS ENVID=a+2Bb"));
        Assert.Equal("250 2.1.5 Recipient OK", await client.AskAsync("RCPT TO:<bob@example.org> NOTIFY=NEVER"));
        Assert.Equal("250 2.1.5 Recipient OK",
            await client.AskAsync("RCPT TO:<carol@example.org> ORCPT=rfc822;c+2Bd@x"));
        Assert.StartsWith("354 ", await client.AskAsync("DATA"), StringComparison.Ordinal);
        const string Content = "Message-ID: <1@host>\r\nSubject: hello\r\n\tworld\r\n\r\nß..\r\n";
        var reply = await client.AskAsync(Content + "..dot\r\n.");

        var message = Assert.Single(gateway.Mail);
        Assert.Equal($"250 2.0.0 MID {message.Mid} queued", reply);
        Assert.Equal("221 2.0.0 Bye", await client.AskAsync("QUIT"));
        Assert.Equal("", await client.ReplyAsync());

        var stored = Assert.Single(gateway.Spool.ReadQueue());
        Assert.Equal("alice@src.example", stored.Envelope.ReversePath!.Text);
        var envelope = stored.Envelope;
        Assert.Equal(
            (true, DsnReturn.Headers, "a+2Bb"), (envelope.EightBitMime, envelope.Return, envelope.EnvelopeId));
        Assert.Equal(
            ["bob@example.org", "carol@example.org"], stored.Recipients.Select(r => r.Recipient.ForwardPath.Text));
        Assert.Equal(DsnNotify.Never, stored.Recipients[0].Recipient.Notify);
        Assert.Equal("rfc822;c+2Bd@x", stored.Recipients[1].Recipient.OriginalRecipient);
        Assert.True(stored.HasEightBit);

        var content = gateway.ContentOf(message.Mid);
        Assert.Equal(stored.Size, content.Length);
        Assert.EndsWith("\r\n" + Content + ".dot\r\n", content, StringComparison.Ordinal);
        Assert.StartsWith(
            "Received: from client.example ([127.0.0.1])\r\n"
            + $"\tby gw.example.com (Postern) with ESMTP id {message.Mid};\r\n\t",
            content, StringComparison.Ordinal);

        await gateway.Reception.StopAsync(TimeSpan.FromSeconds(5));
        var (icid, mid) = (message.Icid, message.Mid);
        var alice = Mailbox.Parse("alice@src.example");
        Assert.Equal<MailEvent>(
        [
            new IncomingConnection(icid, "incoming", IPAddress.Loopback, IPAddress.Loopback, null, false),
            new SenderGroupMatched(icid, true, "relay_from", "127.0.0.0/8"),
            new MessageStarted(mid, icid),
            new MessageFrom(mid, icid, alice),
            new RecipientAccepted(mid, icid, new Rid(0), Mailbox.Parse("bob@example.org")),
            new RecipientAccepted(mid, icid, new Rid(1), Mailbox.Parse("carol@example.org")),
            new MessageIdSeen(mid, "<1@host>"),
            new SubjectSeen(mid, "hello\tworld"),
            new MessageReady(mid, Content.Length + ".dot\r\n".Length, alice),
            new MessageQueued(mid),
            new IncomingClosed(icid),
        ], gateway.Events);
    }
}
