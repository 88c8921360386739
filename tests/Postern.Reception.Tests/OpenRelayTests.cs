using System.Net;
using System.Text;
using Postern.Mail;

namespace Postern.Reception.Tests;

/// <summary>
/// The open-relay list of hardening §2.7 from a client that may not relay; example.com and .example.net are ours.
/// </summary>
public sealed class OpenRelayTests
{
    // 30 and 32 need AUTH and PROXY, which the gateway does not speak; both are refused as unknown.
    [Theory]
    [InlineData("01", "<>", "<u@ext.example>")]
    [InlineData("02", "<s@ext.example>", "<u@ext.example>")]
    [InlineData("03", "<s@gw.example.com>", "<u@ext.example>")]
    [InlineData("04", "<s@[127.0.0.1]>", "<u@ext.example>")]
    [InlineData("05", "<s@ext.example>", "<u%ext.example@[127.0.0.1]>")]
    [InlineData("06", "<s@ext.example>", "<u%ext.example@gw.example.com>")]
    [InlineData("06 local", "<s@ext.example>", "<u%ext.example@example.com>")]
    [InlineData("07", "<s@ext.example>", "<\"u@ext.example\">")]
    [InlineData("08", "<s@ext.example>", "<\"u%ext.example\">")]
    [InlineData("09", "<s@ext.example>", "<u@ext.example@[127.0.0.1]>")]
    [InlineData("10", "<s@ext.example>", "<\"u@ext.example\"@[127.0.0.1]>")]
    [InlineData("11", "<s@ext.example>", "<u@ext.example@gw.example.com>")]
    [InlineData("12", "<s@ext.example>", "<@[127.0.0.1]:u@ext.example>")]
    [InlineData("13", "<s@ext.example>", "<@gw.example.com:u@ext.example>")]
    [InlineData("13 local", "<s@ext.example>", "<@example.com:u@ext.example>")]
    [InlineData("14", "<s@ext.example>", "<ext.example!u>")]
    [InlineData("15", "<s@ext.example>", "<ext.example!u@[127.0.0.1]>")]
    [InlineData("16", "<s@ext.example>", "<ext.example!u@gw.example.com>")]
    [InlineData("16 local", "<s@ext.example>", "<ext.example!u@example.com>")]
    [InlineData("17", "<s@localhost>", "<u@ext.example>")]
    [InlineData("19", "<s@example.com>", "<u@ext.example>")]
    [InlineData("20", "<s@ext.example>", "<\"u@ext.example\"@gw.example.com>")]
    [InlineData("20 local", "<s@ext.example>", "<\"u@ext.example\"@example.com>")]
    [InlineData("21", "<s@ext.example>", "<u@ext.example@example.com>")]
    [InlineData("22", "<s@ext.example>", "<@ext.example,@example.com:u@ext2.example>")]
    [InlineData("23", "<s@ext.example>", "<u%ext.example%example.com@example.com>")]
    [InlineData("24", "<s@ext.example>", "<u@[192.0.2.1]>")]
    [InlineData("25", "<s@ext.example>", "<u@example.com.ext.example>")]
    [InlineData("25 suffix", "<s@ext.example>", "<u@notexample.com>")]
    [InlineData("25 parent", "<s@ext.example>", "<u@example.net>")]
    [InlineData("25 parent suffix", "<s@ext.example>", "<u@notexample.net>")]
    [InlineData("26", "<s@ext.example>", "<u@ext.example.>")]
    [InlineData("26 case", "<s@ext.example>", "<u@EXT.Example>")]
    [InlineData("27", "<s@ext.example>", "u@ext.example")]
    [InlineData("27 twice", "<s@ext.example>", "<<u@ext.example>>")]
    [InlineData("27 behind", "<s@ext.example>", "<u@ext.example >")]
    [InlineData("27 before", "<s@ext.example>", "< u@ext.example>")]
    [InlineData("28", "<s@ext.example>", "<u＠ext.example>")]
    [InlineData("28 dot", "<s@ext.example>", "<u@ext。example>")]
    [InlineData("28 wide", "<s@ext.example> SMTPUTF8", "<u@ｅxample.com>")]
    [InlineData("31", "<s@ext.example>", "<u@#2130706433>")]
    [InlineData("31 literal", "<s@ext.example>", "<u@[127.0.0.1]>")]
    [InlineData("31 literal 6", "<s@ext.example>", "<u@[IPv6:::1]>")]
    [InlineData("33", "<s@ext.example>", "<postmaster@ext.example>")]
    [InlineData("34", "<s@ext.example>", "<gw.example.com::u>")]
    [InlineData("34 dot", "<s@ext.example>", "<u.ext.example@gw.example.com>")]
    [InlineData("34 two", "<s@ext.example>", "<u@gw.example.com@ext.example>")]
    [InlineData("34 slash", "<s@ext.example>", "<ext.example/u@gw.example.com>")]
    public async Task Refused(string number, string from, string to)
    {
        await using var gateway = await Gateway.StartAsync(Gateway.Untrusted());
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        Assert.StartsWith("250 ", await client.AskAsync("MAIL FROM:" + from), StringComparison.Ordinal);
        await client.SendAsync(Encoding.UTF8.GetBytes($"RCPT TO:{to}\r\n"));
        var reply = await client.ReplyAsync();
        Assert.True(reply.StartsWith("550 5.7.1 ", StringComparison.Ordinal)
            || reply.StartsWith("501 5.", StringComparison.Ordinal)
            || reply.StartsWith("553 5.6.7 ", StringComparison.Ordinal), $"{number}: {reply}");
        Assert.StartsWith("554 5.5.1", await client.AskAsync("DATA"), StringComparison.Ordinal);
        if (reply.StartsWith("550 ", StringComparison.Ordinal))
        {
            // The log has the address as it was read, without a source route.
            var rejected = Assert.Single(gateway.Events.OfType<RecipientRejected>());
            Assert.EndsWith(rejected.ForwardPath + ">", to, StringComparison.Ordinal);
        }

        Assert.Empty(gateway.Mail);
    }

    [Fact]
    public async Task No18_a_sender_without_a_domain_is_refused()
    {
        await using var gateway = await Gateway.StartAsync(Gateway.Untrusted());
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        Assert.StartsWith("501 5.1.7", await client.AskAsync("MAIL FROM:<s>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No29_a_domain_of_ours_before_it_opens_nothing_and_33_postmaster_is_ours()
    {
        await using var gateway = await Gateway.StartAsync(Gateway.Untrusted());
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("MAIL FROM:<s@ext.example> SMTPUTF8");
        Assert.StartsWith("250 ", await client.AskAsync("RCPT TO:<u@Example.COM>"), StringComparison.Ordinal);
        Assert.Equal("550 5.7.1 Relaying denied", await client.AskAsync("RCPT TO:<u@ext.example>"));
        Assert.StartsWith("250 ", await client.AskAsync("RCPT TO:<u@a.b.example.net>"), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await client.AskAsync("RCPT TO:<POSTmaster>"), StringComparison.Ordinal);
        await client.SendAsync(Encoding.UTF8.GetBytes("RCPT TO:<u@Bücher.example>\r\n"));
        Assert.StartsWith("250 ", await client.ReplyAsync(), StringComparison.Ordinal);
        await client.AskAsync("DATA");
        Assert.StartsWith("250 ", await client.AskAsync("text\r\n."), StringComparison.Ordinal);
        Assert.Equal(
            ["u@Example.COM", "u@a.b.example.net", "POSTmaster@gw.example.com", "u@Bücher.example"],
            Assert.Single(gateway.Mail).Recipients.Select(r => r.Recipient.ForwardPath.Text));
        var rejected = Assert.Single(gateway.Events.OfType<RecipientRejected>());
        Assert.Equal("u@ext.example", rejected.ForwardPath);
        Assert.Contains(
            gateway.Events, e => e is SenderGroupMatched { Relay: false, Group: "accept_for", Match: "ALL" });
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    // 35: a neighbour of a trusted host.
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    // 36, N13: IPv4-mapped forms are what they map.
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "::ffff:11.1.2.3", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("::/0", "10.0.0.1", false)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    public void No35_36_N13_networks(string network, string client, bool expected)
    {
        Assert.True(ClientNetworks.TryParse([network], out var networks, out _));
        Assert.Equal(expected ? network : null, networks.Match(IPAddress.Parse(client)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("localhost")]
    [InlineData("fe80::1%lo")]
    [InlineData("10.0.0.0/")]
    public void What_is_no_network_is_named(string entry)
    {
        Assert.False(ClientNetworks.TryParse(["127.0.0.0/8", entry], out _, out var error));
        Assert.StartsWith($"'{entry}' is no network", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_domain_is_named()
    {
        Assert.False(RecipientDomains.TryParse(["example.com", "..example.net"], out _, out var error));
        Assert.StartsWith("'..example.net' is neither", error, StringComparison.Ordinal);
    }
}
