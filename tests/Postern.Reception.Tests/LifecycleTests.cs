using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Reception.Tests;

/// <summary>Listeners that come and go, limits of connections, names of clients, the end of the service.</summary>
public sealed class LifecycleTests
{
    private const string Stopping = "421 4.3.2 Service shutting down, closing";

    [Fact]
    public async Task A_suspended_listener_takes_no_connection_keeps_those_it_has_and_comes_back()
    {
        await using var gateway = await Gateway.StartAsync();
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        var address = gateway.Address;
        // A fixed address, so that it is bound again while a connection of it is open.
        Assert.Empty(await gateway.Reception.ApplyAsync(Gateway.Trusted() with
        {
            Listeners = [Gateway.Listener("incoming", ["127.0.0.0/8"]) with { Address = address }],
        }));

        Assert.True(await gateway.Reception.SuspendAsync("incoming"));
        Assert.Equal([new ListenerStatus("incoming", address, false, true)], gateway.Reception.Listeners);
        await Assert.ThrowsAsync<SocketException>(() => TestClient.ConnectAsync(address));
        Assert.StartsWith("250 ", await client.AskAsync("NOOP"), StringComparison.Ordinal);

        Assert.Null(await gateway.Reception.ResumeAsync("incoming"));
        using var next = await TestClient.ConnectAsync(address);
        await next.GreetAsync();
        Assert.StartsWith("250 ", await client.AskAsync("NOOP"), StringComparison.Ordinal);
        Assert.False(await gateway.Reception.SuspendAsync("other"));
        Assert.Equal("there is no listener other", await gateway.Reception.ResumeAsync("other"));
    }

    [Fact]
    public async Task New_options_add_and_remove_listeners_and_leave_connections_alone()
    {
        await using var gateway = await Gateway.StartAsync();
        var old = gateway.Address;
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        var changed = Gateway.Trusted(smtp => smtp with { MaxMessageSize = 4711 });
        Assert.Empty(await gateway.Reception.ApplyAsync(changed with
        {
            Listeners = [Gateway.Listener("second", []), Gateway.Listener("third", [])],
        }));
        Assert.Equal(["second", "third"], gateway.Reception.Listeners.Select(listener => listener.Name));
        await Assert.ThrowsAsync<SocketException>(() => TestClient.ConnectAsync(old));

        Assert.StartsWith("250 ", await client.AskAsync("NOOP"), StringComparison.Ordinal);
        using var next = await TestClient.ConnectAsync(gateway.Reception.Listeners[1].Address);
        await next.ReplyAsync();
        Assert.Contains("250-SIZE 4711", await next.AskAsync("EHLO c.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_named_and_the_old_one_stays()
    {
        await using var gateway = await Gateway.StartAsync();
        await using var other = await Gateway.StartAsync();
        var errors = await gateway.Reception.ApplyAsync(Gateway.Trusted() with
        {
            Listeners = [Gateway.Listener("incoming", []) with { Address = other.Address }],
        });
        Assert.StartsWith($"listener incoming: {other.Address} cannot be bound: ", Assert.Single(errors),
            StringComparison.Ordinal);
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
    }

    [Fact]
    public async Task D7_a_client_has_so_many_connections_and_no_more()
    {
        await using var gateway = await Gateway.StartAsync(Gateway.Untrusted() with { MaxConnectionsPerClient = 2 });
        using var first = await gateway.ConnectAsync();
        await first.GreetAsync();
        using var second = await gateway.ConnectAsync();
        await second.GreetAsync();
        using var third = await gateway.ConnectAsync();
        Assert.StartsWith("421 4.7.0 ", await third.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("", await third.ReplyAsync());
        Assert.Contains("421 4.7.0", Assert.Single(gateway.Events.OfType<IncomingProblem>()).Text,
            StringComparison.Ordinal);
        await first.AskAsync("QUIT");
        await gateway.UntilAsync(() => gateway.Reception.Connections == 1);
        using var fourth = await gateway.ConnectAsync();
        await fourth.GreetAsync();
    }

    [Fact]
    public async Task D7_clients_of_relay_from_are_bound_by_the_total_alone()
    {
        await using var gateway = await Gateway.StartAsync(
            Gateway.Trusted() with { MaxConnectionsPerClient = 1, MaxConnections = 2 });
        using var first = await gateway.ConnectAsync();
        await first.GreetAsync();
        using var second = await gateway.ConnectAsync();
        await second.GreetAsync();
        using var third = await gateway.ConnectAsync();
        Assert.StartsWith("421 4.3.2 Too many", await third.ReplyAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("0.0.0.1", "::1", false)]
    public void D7_IPv6_clients_count_by_64(string first, string second, bool same)
    {
        var limits = new ConnectionLimits();
        var options = Gateway.Untrusted() with { MaxConnectionsPerClient = 1 };
        Assert.Null(limits.Enter(IPAddress.Parse(first), false, options));
        Assert.Equal(same, limits.Enter(IPAddress.Parse(second), false, options) is not null);
        limits.Leave(IPAddress.Parse(first));
        Assert.Null(limits.Enter(IPAddress.Parse(first), false, options));
    }

    [Fact]
    public async Task The_banner_does_not_wait_for_the_name_and_the_log_has_it_if_it_came_first()
    {
        var answer = new TaskCompletionSource<(string?, bool)>();
        await using var gateway = await Gateway.StartAsync(lookup: (_, _) => new(answer.Task));
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        Assert.Empty(gateway.Events);
        answer.SetResult(("client.example", true));
        await gateway.UntilAsync(() => !gateway.Events.IsEmpty);
        var connection = Assert.IsType<IncomingConnection>(gateway.Events.First());
        Assert.Equal(("client.example", true), (connection.ReverseName, connection.Verified));

        await client.SendAsync("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n.\r\n");
        for (var i = 0; i < 4; i++) await client.ReplyAsync();
        Assert.StartsWith("Received: from client.example (client.example [127.0.0.1])\r\n",
            gateway.ContentOf(Assert.Single(gateway.Mail).Mid), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_late_is_unknown_and_a_session_that_ends_first_is_told_of_all_the_same()
    {
        var cancelled = new TaskCompletionSource();
        await using var gateway = await Gateway.StartAsync(lookup: async (_, token) =>
        {
            var never = new TaskCompletionSource<(string?, bool)>();
            await using var registration = token.Register(() =>
            {
                cancelled.TrySetResult();
                never.TrySetCanceled(token);
            });
            return await never.Task;
        });
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("MAIL FROM:<a@src.example>");
        Assert.IsType<IncomingConnection>(gateway.Events.First());
        Assert.Null(((IncomingConnection)gateway.Events.First()).ReverseName);
        await client.AskAsync("QUIT");
        await cancelled.Task;
    }

    [Fact]
    public async Task V1_a_store_that_is_shut_answers_451_and_takes_nothing()
    {
        await using var gateway = await Gateway.StartAsync();
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        await client.SendAsync("MAIL FROM:<a@src.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        for (var i = 0; i < 3; i++) await client.ReplyAsync();
        await gateway.Spool.DisposeAsync();
        Assert.Equal("451 4.3.0 Mail cannot be stored now, try again later", await client.AskAsync("text\r\n."));
        Assert.StartsWith("451 4.3.0", Assert.Single(gateway.Events.OfType<MessageAborted>()).Reason,
            StringComparison.Ordinal);
        Assert.StartsWith("451 4.3.0", await client.AskAsync("MAIL FROM:<a@src.example>"), StringComparison.Ordinal);
        Assert.Empty(gateway.Mail);
        Assert.Empty(gateway.Events.OfType<MessageQueued>());
    }

    [Fact]
    public async Task V1_a_disk_that_is_nearly_full_answers_452_at_MAIL_and_at_the_dot_and_takes_mail_again()
    {
        const string Full = "452 4.3.1 Insufficient system storage, try again later";
        var time = new FakeTimeProvider();
        var space = new SpaceThresholds();
        var free = space.Soft + 1_000_000;
        await using var gateway = await Gateway.StartAsync(time: time, freeOctets: () => Volatile.Read(ref free));
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        Assert.Equal(Full, await client.AskAsync("MAIL FROM:<a@src.example> SIZE=2000000"));
        await client.SendAsync("MAIL FROM:<a@src.example> SIZE=900000\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        for (var i = 0; i < 3; i++) await client.ReplyAsync();
        Volatile.Write(ref free, space.Hard - 1);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Full, await client.AskAsync("text\r\n."));
        Volatile.Write(ref free, space.Hard + 1);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Full, await client.AskAsync("MAIL FROM:<a@src.example>"));
        Volatile.Write(ref free, space.Soft);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("250 ", await client.AskAsync("MAIL FROM:<a@src.example>"), StringComparison.Ordinal);
        Assert.Empty(gateway.Mail);
    }

    [Fact]
    public async Task A_stop_ends_idle_sessions_lets_a_transaction_end_and_cuts_it_when_the_bound_is_over()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var gateway = await Gateway.StartAsync(time: time);
        using var idle = await gateway.ConnectAsync();
        await idle.GreetAsync();
        using var ending = await gateway.ConnectAsync();
        await ending.GreetAsync();
        using var hanging = await gateway.ConnectAsync();
        await hanging.GreetAsync();
        foreach (var client in (TestClient[])[ending, hanging])
        {
            await client.SendAsync("MAIL FROM:<a@src.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
            for (var i = 0; i < 3; i++) await client.ReplyAsync();
        }

        var address = gateway.Address;
        var stop = gateway.Reception.StopAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(Stopping, await idle.ReplyAsync());
        await Assert.ThrowsAsync<SocketException>(() => TestClient.ConnectAsync(address));
        Assert.StartsWith("250 2.0.0 MID", await ending.AskAsync("text\r\n."), StringComparison.Ordinal);
        Assert.Equal(Stopping, await ending.ReplyAsync());
        Assert.False(stop.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(Stopping, await hanging.ReplyAsync());
        await stop;
        Assert.Single(gateway.Mail);
        Assert.Equal(3, gateway.Events.OfType<IncomingClosed>().Count());
    }

    [Fact]
    public async Task V3_a_message_of_49_MB_is_stored_octet_for_octet()
    {
        await using var gateway = await Gateway.StartAsync();
        using var client = await gateway.ConnectAsync();
        await client.GreetAsync();
        await client.SendAsync("MAIL FROM:<a@src.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        for (var i = 0; i < 3; i++) await client.ReplyAsync();
        var random = new Random(49);
        var line = new byte[1000];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < 49_000; i++)
        {
            for (var j = 0; j < 998; j++) line[j] = (byte)random.Next(' ', 256);
            (line[998], line[999]) = ((byte)'\r', (byte)'\n');
            hash.AppendData(line);
            if (line[0] == (byte)'.') await client.SendAsync(".");
            await client.SendAsync(line);
        }

        Assert.StartsWith("250 2.0.0 MID", await client.AskAsync("."), StringComparison.Ordinal);
        var expected = hash.GetHashAndReset();
        using var body = gateway.Spool.OpenBody(Assert.Single(gateway.Mail).Mid);
        var skip = gateway.Mail.First().Size - 49_000_000;
        while (body.ReadNext() is { IsEmpty: false } piece)
        {
            hash.AppendData(piece.Span[(int)Math.Min(skip, piece.Length)..]);
            skip -= Math.Min(skip, piece.Length);
        }

        Assert.Equal(expected, hash.GetHashAndReset());
    }
}
