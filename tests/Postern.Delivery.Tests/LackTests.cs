using Postern.Delivery.Deciding;
using Postern.Smtp.Client;

namespace Postern.Delivery.Tests;

/// <summary>What a next hop lacks for a message (contract §3, rules under the table).</summary>
public sealed class LackTests
{
    private static readonly SmtpExtensions All = new()
    {
        EightBitMime = true,
        SmtpUtf8 = true,
        Size = true,
        MaxSize = 1000,
    };

    [Fact]
    public void What_a_host_lacks_for_a_message_has_its_status()
    {
        Assert.Null(Lack.Of(All, smtpUtf8: true, eightBit: true, size: 1000));
        Assert.Equal("5.6.7", StatusOf(All with { SmtpUtf8 = false }, smtpUtf8: true));
        Assert.Equal("5.6.3", StatusOf(All with { EightBitMime = false }, eightBit: true));
        Assert.Equal("5.3.4", StatusOf(All, size: 1001));
        Assert.Null(Lack.Of(All with { MaxSize = 0 }, smtpUtf8: true, eightBit: true, size: 1001));
        Assert.Null(Lack.Of(SmtpExtensions.None, smtpUtf8: false, eightBit: false, size: 1001));
    }

    private static string StatusOf(
        SmtpExtensions offered, bool smtpUtf8 = false, bool eightBit = false, long size = 1) =>
        $"{Lack.Of(offered, smtpUtf8, eightBit, size)!.Status}";
}
