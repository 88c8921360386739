using System.Net;
using System.Net.Sockets;

namespace Failover.Tests;

/// <summary>The host of the bench does to its clients what a case says, and counts what it did.</summary>
public sealed class DestinationHostTests : IAsyncLifetime
{
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private readonly List<int> _taken = [];
    private readonly List<Talk> _clients = [];
    private readonly DestinationHost _host;

    public DestinationHostTests() => _host = new DestinationHost("127.0.0.1", 0, _taken.Add);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_healthy_host_takes_the_message_whose_number_is_the_recipient()
    {
        var talk = await OpenAsync();
        Assert.StartsWith("220", await talk.ReadAsync());
        await SendAsync(talk, 42);

        Assert.Equal([42], _taken);
        Assert.Equal((1, 0), (_host.Messages, _host.Fruitless));
    }

    [Fact]
    public async Task A_silent_host_says_nothing_until_it_goes_on()
    {
        _host.Fail(Trouble.Silent);
        var talk = await OpenAsync();
        var banner = talk.ReadAsync();
        var other = await OpenAsync();
        other.Dispose();
        Assert.False(banner.IsCompleted);
        _host.Recover();

        Assert.StartsWith("220", await banner);
        await SendAsync(talk, 1);
        await _host.UsedAgain.WaitAsync(_cancel);
        await EndAsync();
        Assert.Equal(1, _host.Fruitless);
    }

    [Fact]
    public async Task A_host_that_refuses_ends_a_connection_behind_its_transaction_and_takes_no_other()
    {
        var idle = await OpenAsync();
        await idle.ReadAsync();
        var busy = await OpenAsync();
        await busy.ReadAsync();
        await busy.AskAsync("MAIL FROM:<>", "250");
        _host.Fail(Trouble.Refuses);

        Assert.Null(await idle.ReadAsync());
        await Assert.ThrowsAsync<SocketException>(OpenAsync);
        await busy.AskAsync("RCPT TO:<7@destination.example>", "250");
        await busy.AskAsync("DATA", "354");
        await busy.AskAsync("hello\r\n.", "250");
        Assert.Null(await busy.ReadAsync());
        Assert.False(_host.UsedAgain.IsCompleted);

        _host.Recover();
        var again = await OpenAsync();
        await again.ReadAsync();
        await SendAsync(again, 8);
        await _host.UsedAgain.WaitAsync(_cancel);
        Assert.Equal([7, 8], _taken);
        await EndAsync();
        Assert.Equal(0, _host.Fruitless);
    }

    [Theory]
    [InlineData(Trouble.Banner421, "421", null, null)]
    [InlineData(Trouble.Mail452, "220", "452", "503")]
    [InlineData(Trouble.Rcpt451, "220", "250", "451")]
    public async Task A_connection_without_an_accepted_recipient_is_counted(
        Trouble trouble, string banner, string? mail, string? rcpt)
    {
        _host.Fail(trouble);
        var talk = await OpenAsync();
        Assert.StartsWith(banner, await talk.ReadAsync());
        if (mail is not null)
        {
            await talk.AskAsync("MAIL FROM:<>", mail);
            await talk.AskAsync("RCPT TO:<1@destination.example>", rcpt!);
        }

        talk.Dispose();
        await EndAsync();
        Assert.Equal((0, 1), (_host.Messages, _host.Fruitless));
    }

    [Fact]
    public async Task A_connection_that_came_before_the_trouble_is_not_counted()
    {
        var talk = await OpenAsync();
        await talk.ReadAsync();
        _host.Fail(Trouble.Mail452);
        await talk.AskAsync("MAIL FROM:<>", "452");
        talk.Dispose();
        await EndAsync();

        Assert.Equal(0, _host.Fruitless);
    }

    private async Task<Talk> OpenAsync()
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _host.Port), _cancel);
        }
        catch
        {
            client.Dispose();
            throw;
        }

        _clients.Add(new Talk(client, _cancel));
        return _clients[^1];
    }

    private static async Task SendAsync(Talk talk, int message)
    {
        await talk.AskAsync("MAIL FROM:<>", "250");
        await talk.AskAsync($"RCPT TO:<{message}@destination.example>", "250");
        await talk.AskAsync("DATA", "354");
        await talk.AskAsync("hello\r\n.", "250");
    }

    // The count is complete when all connections have ended.
    private async Task EndAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _host.DisposeAsync();
    }

    private sealed class Talk(TcpClient client, CancellationToken cancel) : IDisposable
    {
        private readonly StreamReader _reader = new(client.GetStream());

        public async Task<string?> ReadAsync() => await _reader.ReadLineAsync(cancel);

        public async Task AskAsync(string line, string code)
        {
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(line + "\r\n"), cancel);
            Assert.StartsWith(code, await ReadAsync());
        }

        public void Dispose()
        {
            _reader.Dispose();
            client.Dispose();
        }
    }
}
