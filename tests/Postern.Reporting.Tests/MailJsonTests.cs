using System.Text.Json;
using Postern.Mail;

namespace Postern.Reporting.Tests;

public sealed class MailJsonTests
{
    [Fact]
    public async Task Every_event_is_one_object_with_its_time_level_and_name()
    {
        using var folder = new LogFolder();
        await using (var log = folder.Open(folder.Options with { Json = true }))
            foreach (var (_, mailEvent) in Samples.All) log.Publish(mailEvent);

        var lines = LogFolder.Read(folder.JsonPath);
        Assert.Equal(Samples.All.Length, lines.Length);
        foreach (var (line, (_, mailEvent)) in lines.Zip(Samples.All))
        {
            using var json = JsonDocument.Parse(line);
            Assert.Equal("2014-07-02T09:15:07.000+02:00", json.RootElement.GetProperty("time").GetString());
            Assert.Equal(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(mailEvent.GetType().Name),
                json.RootElement.GetProperty("event").GetString());
        }
    }

    [Fact]
    public async Task Its_keys_are_those_of_the_guide()
    {
        Assert.Equal(
            Start("Info") + """
            "event":"delayed","dcid":300,"mid":6,"rid":1,"status":"4.3.1",
            "status_text":"Mail system full","code":"452","lines":["4.3.1 Insufficient system resources"]}
            """.ReplaceLineEndings(""),
            await ObjectOf(new Delayed(new Dcid(300), new Mid(6), new Rid(1),
                new SmtpReply(452, ["4.3.1 Insufficient system resources"]) { Status = new(4, 3, 1) })));
        Assert.Equal(
            Start("Warning") + """
            "event":"uncertain","dcid":300,"mid":6,"rids":[0,2],
            "till":"2014-07-02T09:16:07+02:00","profile":"default","alert":true}
            """.ReplaceLineEndings(""),
            await ObjectOf(new Uncertain(new Dcid(300), new Mid(6), [new Rid(0), new Rid(2)],
                Samples.At.AddMinutes(1), "default", true)));
        Assert.Equal(
            Start("Info") + """
            "event":"outgoing_connection_error","dcid":299,"domain":"example.com","address":"127.0.0.10","port":2510,
            "details":"431-?example.com ESMTP\nMail system full","interface":null,"reason":"unexpected SMTP response"}
            """.ReplaceLineEndings(""),
            await ObjectOf(new OutgoingConnectionError(new Dcid(299), "example.com", "127.0.0.10", 2510,
                "431-?example.com ESMTP\nMail system full", null, "unexpected SMTP response")));
    }

    // Hardening I4. What a peer sent comes back whole from a parser, and cannot end the object or the line.
    [Fact]
    public async Task Hostile_text_comes_back_as_it_was()
    {
        const string evil = "\"}\r\n{\"event\":\"forged\"}\u2028\u202e\0</script>\U0001F600";
        using var json = JsonDocument.Parse(await ObjectOf(new SubjectSeen(new Mid(6), evil)));
        Assert.Equal(evil, json.RootElement.GetProperty("subject").GetString());

        var lone = new string('\ud800', 1);
        using var replaced = JsonDocument.Parse(await ObjectOf(new SubjectSeen(new Mid(6), "a" + lone + "b")));
        Assert.Equal("a\ufffdb", replaced.RootElement.GetProperty("subject").GetString());
    }

    private static string Start(string level) =>
        $"{{\"time\":\"2014-07-02T09:15:07.000+02:00\",\"level\":\"{level}\",";

    private static async Task<string> ObjectOf(MailEvent mailEvent)
    {
        using var folder = new LogFolder();
        await using (var log = folder.Open(folder.Options with { Json = true })) log.Publish(mailEvent);
        return Assert.Single(LogFolder.Read(folder.JsonPath));
    }
}
