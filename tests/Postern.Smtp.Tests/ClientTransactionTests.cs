using System.Text;
using Postern.Mail;
using Postern.Smtp.Client;
using Postern.TestHosts;
using static Postern.Smtp.Tests.ClientFixture;

namespace Postern.Smtp.Tests;

/// <summary>Transactions that go as they should, command by command (CL10, CL18, CL21, CL30 to CL33).</summary>
public sealed class ClientTransactionTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_goes_out_whole_with_and_without_pipelining(bool pipelining)
    {
        await using var host = ScriptedHost.Start(pipelining ? new() : new HostScript().Without("PIPELINING"));
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Message("a\r\n.b\r\n", "bob@example.com", "carol@example.com"), Cancelled);
        await session.QuitAsync();

        Assert.Null(report.Fault);
        Assert.True(report.IsUsable);
        Assert.Equal(250, report.Mail!.Code);
        Assert.All(report.Recipients, reply => Assert.Equal("2.1.5 ok", reply!.Lines[0]));
        Assert.Equal(354, report.Data!.Code);
        Assert.Equal(["2.0.0 accepted"], report.FinalDot!.Lines);
        Assert.NotNull(report.DotWritten);
        Assert.Equal(
            ["EHLO gw.example.com", "MAIL FROM:<alice@src.example> SIZE=7", "RCPT TO:<bob@example.com>",
                "RCPT TO:<carol@example.com>", "DATA", "QUIT"], Lines(host));
        Assert.Equal("a\r\n.b\r\n", Assert.Single(host.Taken).Text);
    }

    [Fact]
    public async Task CL18_Many_messages_take_one_connection_after_another()
    {
        await using var host = ScriptedHost.Start();
        await using var session = await OpenAsync(host);
        for (var i = 0; i < 20; i++)
        {
            var report = await session.SendAsync(Message($"{i}\r\n"), Cancelled);
            Assert.True(report is { IsUsable: true, FinalDot.Code: 250 });
        }

        Assert.Equal(1, host.Connections);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}\r\n"), host.Taken.Select(taken => taken.Text));
        Assert.DoesNotContain("RSET", Lines(host));
    }

    [Fact]
    public async Task CL30_Parameters_go_unchanged_to_a_host_that_offers_them()
    {
        await using var host = ScriptedHost.Start();
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(Full(), Cancelled);
        Assert.Equal(250, report.FinalDot!.Code);
        var taken = Assert.Single(host.Taken);
        Assert.Equal(
            "MAIL FROM:<alicé@src.example> SIZE=3 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ+2B314159",
            taken.MailCommand);
        Assert.Equal(
            ["RCPT TO:<bob@example.com> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;Bob+2Bx@Example.com",
                "RCPT TO:<carol@example.com> NOTIFY=NEVER"], taken.RcptCommands);
        Assert.Equal(Encoding.Latin1.GetBytes("é\r\n"), taken.Content);
    }

    [Fact]
    public async Task CL33_No_parameter_goes_to_a_host_that_does_not_offer_it()
    {
        await using var host = ScriptedHost.Start(new HostScript { Extensions = [] });
        await using var session = await OpenAsync(host);
        await session.SendAsync(Full(), Cancelled);
        var taken = Assert.Single(host.Taken);
        Assert.Equal("MAIL FROM:<alicé@src.example>", taken.MailCommand);
        Assert.Equal(["RCPT TO:<bob@example.com>", "RCPT TO:<carol@example.com>"], taken.RcptCommands);
    }

    [Fact]
    public async Task The_null_reverse_path_and_a_7bit_message_declare_nothing_more()
    {
        await using var host = ScriptedHost.Start();
        await using var session = await OpenAsync(host);
        await session.SendAsync(Message() with { Envelope = new Envelope() }, Cancelled);
        Assert.Equal($"MAIL FROM:<> SIZE={Hello.Length}", Assert.Single(host.Taken).MailCommand);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CL21_The_accepted_recipients_get_the_message(bool pipelining)
    {
        var script = new HostScript
        {
            Rcpt = (_, path) => path switch
            {
                "full@example.com" => "452 4.2.2 mailbox full",
                "none@example.com" => "550 5.1.1 no such user",
                _ => "250 2.1.5 ok",
            },
        };
        await using var host = ScriptedHost.Start(pipelining ? script : script.Without("PIPELINING"));
        await using var session = await OpenAsync(host);
        var report = await session.SendAsync(
            Message(Hello, "full@example.com", "bob@example.com", "none@example.com"), Cancelled);
        Assert.Equal([452, 250, 550], report.Recipients.Select(reply => reply!.Code));
        Assert.Equal("4.2.2", $"{report.Recipients[0]!.Status}");
        Assert.Equal(250, report.FinalDot!.Code);
        Assert.Equal(["bob@example.com"], Assert.Single(host.Taken).Accepted);
        Assert.True(report.IsUsable);
    }

    [Fact]
    public async Task CL10_A_host_that_refuses_EHLO_gets_HELO_and_no_extension()
    {
        await using var host = ScriptedHost.Start(new HostScript { Ehlo = "502 5.5.1 what" });
        await using var session = await OpenAsync(host);
        Assert.Same(SmtpExtensions.None, session.Extensions);
        var report = await session.SendAsync(Full(), Cancelled);
        Assert.Equal(250, report.FinalDot!.Code);
        Assert.Equal("MAIL FROM:<alicé@src.example>", Assert.Single(host.Taken).MailCommand);
    }

    [Fact]
    public async Task I1_An_envelope_with_a_control_character_is_not_sent()
    {
        await using var host = ScriptedHost.Start();
        await using var session = await OpenAsync(host);
        var message = Message();
        var report = await session.SendAsync(
            message with { Envelope = message.Envelope with { EnvelopeId = "x\r\nRCPT TO:<eve@evil.example>" } },
            Cancelled);
        Assert.Equal("the envelope holds a control character", report.ContentError);
        Assert.False(report.IsUsable);
        Assert.Equal(["EHLO gw.example.com"], Lines(host));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.5")]
    [InlineData("::1", "::1")]
    public async Task The_source_address_is_the_one_asked_for(string address, string source)
    {
        await using var host = ScriptedHost.Start(address: address);
        var (session, fault) = await SmtpClientSession.ConnectAsync(
            host.EndPoint, System.Net.IPAddress.Parse(source), Options, TimeProvider.System, new ReplyPulse(),
            Cancelled);
        Assert.Null(fault);
        await using (session)
        {
            Assert.Equal(source, $"{session!.LocalAddress}");
            Assert.True((await session.OpenAsync(Cancelled)).IsReady);
        }
    }

    private static OutgoingTransaction Full()
    {
        var message = Message("é\r\n", "bob@example.com", "carol@example.com");
        return message with
        {
            Envelope = new Envelope
            {
                ReversePath = Mailbox.Parse("alicé@src.example"),
                SmtpUtf8 = true,
                Return = DsnReturn.Headers,
                EnvelopeId = "QQ+2B314159",
            },
            Recipients =
            [
                message.Recipients[0] with
                {
                    Notify = DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay,
                    OriginalRecipient = "rfc822;Bob+2Bx@Example.com",
                },
                message.Recipients[1] with { Notify = DsnNotify.Never },
            ],
        };
    }
}
