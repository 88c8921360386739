using System.Globalization;
using Postern.TestHosts;

namespace Pages;

/// <summary>Mail and hosts for tests of pages, and what an operator does on all of them.</summary>
internal static class Mail
{
    /// <summary>Sends a message through the gateway.</summary>
    public static async Task SendAsync(GatewayProcess gateway, params string[] recipients) =>
        await SendAsync(gateway, "Subject: hello\r\n\r\nhello\r\n", recipients);

    /// <summary>The same with another content.</summary>
    public static async Task SendAsync(GatewayProcess gateway, string content, string[] recipients)
    {
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        Assert.StartsWith("250", await client.MessageAsync("alice@src.example", recipients, content),
            StringComparison.Ordinal);
    }

    /// <summary>A host as a route names it.</summary>
    public static string Name(ScriptedHost host) =>
        string.Create(CultureInfo.InvariantCulture, $"{host.EndPoint.Address}:{host.EndPoint.Port}");

    /// <summary>A moment stands there in the zone of the browser, and in UTC where somebody points at it.</summary>
    public static async Task IsInZoneAsync(ILocator time, string zone)
    {
        var at = DateTimeOffset.Parse(
            await time.GetAttributeAsync("datetime") ?? "", CultureInfo.InvariantCulture);
        string Text(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        Assert.Equal(Text(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(at, zone)), await time.TextContentAsync());
        Assert.Equal($"{Text(at.ToUniversalTime())} UTC", await time.GetAttributeAsync("title"));
        Assert.NotEqual(Text(at.ToUniversalTime()), await time.TextContentAsync());
    }

    /// <summary>A button by its whole name.</summary>
    public static ILocator Button(IPage page, string name) =>
        page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Answers the question that the page asks.</summary>
    public static async Task AnswerAsync(IPage page, string question, string answer)
    {
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog).ToContainTextAsync(question);
        await dialog.GetByRole(AriaRole.Button, new() { Name = answer, Exact = true }).ClickAsync();
    }
}
