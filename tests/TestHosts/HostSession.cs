using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Postern.TestHosts;

/// <summary>One connection at a scripted host.</summary>
internal sealed class HostSession(ScriptedHost host, Socket socket, int number, CancellationToken stopping)
    : IDisposable
{
    private Stream _stream = new NetworkStream(socket, ownsSocket: true);
    private HostReader _reader = null!;
    private HostTransaction? _transaction;
    private bool _isSecure;
    private bool _isKnown;

    private HostScript Script => host.Script;

    public async Task RunAsync()
    {
        _reader = new HostReader(_stream);
        if (!await AnswerAsync(Script.Banner).ConfigureAwait(false)) return;
        while (await _reader.ReadLineAsync(stopping).ConfigureAwait(false) is { } line)
        {
            host.Note(number, line);
            if (!await ObeyAsync(line).ConfigureAwait(false)) return;
        }
    }

    public void Reset()
    {
        // The stream would send an orderly end before it closes the socket.
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    /// <summary>Says a line and closes; when this returns, the client's kernel has both.</summary>
    public void Leave(string line)
    {
        socket.Send(Encoding.ASCII.GetBytes(line + "\r\n"));
        socket.LingerState = new LingerOption(true, 10);
        _stream.Dispose();
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>The path between the brackets of a MAIL or RCPT.</summary>
    internal static string PathOf(string command)
    {
        var open = command.IndexOf('<', StringComparison.Ordinal);
        var close = command.IndexOf("> ", StringComparison.Ordinal);
        if (close < 0) close = command.LastIndexOf('>');
        return open < 0 || close < open ? "" : command[(open + 1)..close];
    }

    private async Task<bool> ObeyAsync(string line)
    {
        var verb = line.Length < 4 ? line : line[..4].ToUpperInvariant();
        switch (verb)
        {
            case "EHLO":
                return await AnswerAsync(Script.Ehlo ?? Offer()).ConfigureAwait(false);
            case "HELO":
                return await AnswerAsync(Script.Helo).ConfigureAwait(false);
            case "MAIL":
                return await MailAsync(line).ConfigureAwait(false);
            case "RCPT":
                return await RcptAsync(line).ConfigureAwait(false);
            case "DATA":
                return await DataAsync().ConfigureAwait(false);
            case "RSET":
                _transaction = null;
                return await AnswerAsync(Script.Rset).ConfigureAwait(false);
            case "STAR":
                return await StartTlsAsync().ConfigureAwait(false);
            case "AUTH":
                return await AuthAsync(line).ConfigureAwait(false);
            case "QUIT":
                return await AnswerAsync(Script.Quit).ConfigureAwait(false);
            default:
                return await AnswerAsync(Script.Other).ConfigureAwait(false);
        }
    }

    private HostAnswer Offer()
    {
        List<string> lines = ["host.example", .. Script.Extensions];
        if (Script.Certificate is not null && !_isSecure) lines.Add("STARTTLS");
        var mechanisms = _isSecure ? Script.TlsMechanisms : Script.ClearMechanisms;
        if (mechanisms.Length > 0) lines.Add("AUTH " + mechanisms);
        return HostAnswer.Say(string.Join(
            '\n', lines.Select((text, at) => (at == lines.Count - 1 ? "250 " : "250-") + text)));
    }

    private async Task<bool> StartTlsAsync()
    {
        var answer = Script.StartTls ?? (Script.Certificate is null ? Script.Other : "220 2.0.0 go on");
        if (!await AnswerAsync(answer).ConfigureAwait(false)) return false;
        if (answer.Code != 220 || Script.Certificate is not { } certificate) return true;
        var secure = Secure(_stream);
        _stream = secure;
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = certificate }, stopping).ConfigureAwait(false);
        host.NoteName(secure.TargetHostName);
        _reader = new HostReader(secure);
        (_isSecure, _isKnown) = (true, false);
        return true;
    }

    private static SslStream Secure(Stream stream)
    {
        try
        {
            return new SslStream(stream);
        }
        catch (ArgumentException error) when (!stream.CanRead)
        {
            // The test has closed it meanwhile; SslStream says so by the wrong name.
            throw new ObjectDisposedException(nameof(HostSession), error);
        }
    }

    private async Task<bool> AuthAsync(string line)
    {
        if (Script.Auth is { } scripted) return await AnswerAsync(scripted(line)).ConfigureAwait(false);
        var words = line.Split(' ');
        if (Script.Account is not { } account) return await AnswerAsync("504 5.5.4 unknown").ConfigureAwait(false);
        _isKnown = await new HostAuthentication(account, AskAsync)
            .RunAsync(words[1], words.Length > 2 ? words[2] : null).ConfigureAwait(false);
        return await AnswerAsync(_isKnown ? "235 2.7.0 welcome" : "535 5.7.8 who are you").ConfigureAwait(false);
    }

    private async Task<string?> AskAsync(string challenge)
    {
        await AnswerAsync($"334 {challenge}").ConfigureAwait(false);
        var line = await _reader.ReadLineAsync(stopping).ConfigureAwait(false);
        if (line is not null) host.Note(number, line);
        return line;
    }

    private async Task<bool> MailAsync(string line)
    {
        if (Script.Account is not null && !_isKnown)
            return await AnswerAsync("530 5.7.0 authentication required").ConfigureAwait(false);
        if (_transaction is not null) return await AnswerAsync("503 5.5.1 nested MAIL").ConfigureAwait(false);
        var transaction = new HostTransaction(number, line);
        var answer = Script.Mail(transaction);
        if (answer.Code is >= 200 and < 300) _transaction = transaction;
        host.Began(transaction);
        return await AnswerAsync(answer).ConfigureAwait(false);
    }

    private async Task<bool> RcptAsync(string line)
    {
        if (_transaction is null) return await AnswerAsync("503 5.5.1 MAIL first").ConfigureAwait(false);
        var path = PathOf(line);
        var answer = Script.Rcpt(_transaction, path);
        _transaction.Offer(line, path, answer.Code is >= 200 and < 300);
        return await AnswerAsync(answer).ConfigureAwait(false);
    }

    private async Task<bool> DataAsync()
    {
        if (_transaction is null) return await AnswerAsync("503 5.5.1 MAIL first").ConfigureAwait(false);
        var answer = Script.Data?.Invoke(_transaction)
            ?? (_transaction.Accepted.Count > 0 ? "354 go on" : "554 5.5.1 no valid recipients");
        if (!await AnswerAsync(answer).ConfigureAwait(false)) return false;
        if (answer.Code != 354) return true;
        if (Script.ContentGate is { } gate) await gate.WaitAsync(stopping).ConfigureAwait(false);
        var (stuffed, dot) = await _reader.ReadContentAsync(Script.EarlyAfter, stopping).ConfigureAwait(false);
        Unstuff(_transaction, stuffed);
        _transaction.DotCame = dot;
        host.Changed();
        if (!dot && Script.EarlyAfter is null) return false;
        return dot ? await DotAsync().ConfigureAwait(false) : await EarlyAsync().ConfigureAwait(false);
    }

    private async Task<bool> DotAsync()
    {
        var transaction = _transaction!;
        var answer = Script.Dot(transaction);
        _transaction = null;
        if (answer.Gate is { } gate) await gate.WaitAsync(stopping).ConfigureAwait(false);
        transaction.IsTaken = answer.Code is >= 200 and < 300;
        host.Changed();
        return await AnswerAsync(answer).ConfigureAwait(false);
    }

    private async Task<bool> EarlyAsync()
    {
        if (!await AnswerAsync(Script.EarlyAnswer).ConfigureAwait(false)) return false;
        // It reads nothing more, so that a client which writes on without listening stands still.
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping).ConfigureAwait(false);
        return false;
    }

    private async Task<bool> AnswerAsync(HostAnswer answer)
    {
        if (answer.Gate is { } gate) await gate.WaitAsync(stopping).ConfigureAwait(false);
        if (answer.Octets.Length > 0) await _stream.WriteAsync(answer.Octets, stopping).ConfigureAwait(false);
        switch (answer.End)
        {
            case HostEnd.None:
                return true;
            case HostEnd.Hold:
                return await HoldAsync().ConfigureAwait(false);
            case HostEnd.Reset:
                Reset();
                return false;
            default:
                // Nothing unread is left behind a close, or the kernel would make a reset of it.
                socket.Shutdown(SocketShutdown.Send);
                return false;
        }
    }

    private async Task<bool> HoldAsync()
    {
        var ignored = new byte[4096];
        while (await _stream.ReadAsync(ignored, stopping).ConfigureAwait(false) > 0)
        {
            // Whatever the client says is left without an answer until it leaves.
        }

        return false;
    }

    private static void Unstuff(HostTransaction transaction, byte[] stuffed)
    {
        var content = new List<byte>(stuffed.Length);
        for (var i = 0; i < stuffed.Length; i++)
        {
            var lineStart = i == 0 || (stuffed[i - 1] == '\n' && i > 1 && stuffed[i - 2] == '\r');
            if (lineStart && stuffed[i] == '.') continue;
            content.Add(stuffed[i]);
            var bareLf = stuffed[i] == '\n' && (i == 0 || stuffed[i - 1] != '\r');
            var bareCr = stuffed[i] == '\r' && (i + 1 == stuffed.Length || stuffed[i + 1] != '\n');
            if (bareLf || bareCr) transaction.HasBareLineEnd = true;
        }

        transaction.Content = [.. content];
    }
}
