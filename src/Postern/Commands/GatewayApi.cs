using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Postern.Admin;
using Postern.Admin.Access;
using Postern.Configuration;

namespace Postern.Commands;

/// <summary>
/// The running gateway as a command reaches it: its address and token are files of the data folder. Every answer is a
/// value, or a failure in one line.
/// </summary>
internal sealed class GatewayApi : IDisposable
{
    /// <summary>
    /// A gateway that is silent for so long is in trouble, and the command says so; work may take longer that tells how
    /// far it is.
    /// </summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(30);

    /// <summary>Null: see <see cref="unreached"/>.</summary>
    private readonly HttpClient? http;
    private Unreached unreached;
    private readonly string folder;
    private readonly TimeProvider time;

    /// <summary>That of a configuration.</summary>
    /// <param name="configuration">Names the data folder.</param>
    /// <param name="clock">Measures its silence; null: that of the system.</param>
    public GatewayApi(PosternConfiguration configuration, TimeProvider? clock = null)
    {
        (folder, time) = (configuration.DataFolder, clock ?? TimeProvider.System);
        try
        {
            if (Address() is { } address && Token() is { } token)
                http = Client(address, token, configuration.Admin.Tls?.Certificate);
        }
        catch (UnauthorizedAccessException e)
        {
            unreached = new($"{e.Message} Run the command as the user of the gateway", false);
        }
    }

    private string AddressFile => DataFolder.ApiAddressIn(folder);

    private string TokenFile => DataFolder.TokenIn(folder);

    /// <summary>Asks; <paramref name="body"/> null: a GET.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="body">What is posted, may be empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<GatewayAnswer<T>> AskAsync<T>(
        string path, byte[]? body, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, Relative(path))
        {
            Content = body is null ? null : new ByteArrayContent(body),
        };
        return await SendAsync(request, static async (content, token) =>
            (await JsonSerializer.DeserializeAsync<T>(content, ApiJson.Options, token))!, cancellationToken);
    }

    /// <summary>Copies what a GET answers, octet for octet, to what <paramref name="target"/> opens for it.</summary>
    /// <returns>The path, once it is copied whole; why the target cannot be opened is told as it is.</returns>
    public async Task<GatewayAnswer<string>> CopyAsync(
        string path, Func<Stream> target, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Relative(path));
        string? refused = null;
        var copied = await SendAsync(request, async (content, token) =>
        {
            Stream to;
            try
            {
                to = target();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                refused = e.Message;
                return path;
            }
            await using (to) await content.CopyToAsync(to, token);
            return path;
        }, cancellationToken);
        return refused is null ? copied : new(null, refused, true);
    }

    /// <summary>Follows what answers with a value a line, as they come.</summary>
    /// <returns>The last of them.</returns>
    public async Task<GatewayAnswer<T>> FollowAsync<T>(
        HttpMethod method, string path, Action<T> take, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(method, Relative(path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(JsonLines.Type));
        return await SendAsync(request, async (content, token) =>
        {
            T? last = null;
            using var lines = new StreamReader(content);
            while (await lines.ReadLineAsync(token) is { } line)
                take(last = JsonSerializer.Deserialize<T>(line, ApiJson.Options)!);
            return last ?? throw new JsonException("it is empty");
        }, cancellationToken);
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private async Task<GatewayAnswer<T>> SendAsync<T>(
        HttpRequestMessage request, Func<Stream, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
        where T : class
    {
        if (http is null) return Failed<T>(unreached);
        using var silence = new Silence(patience, time, cancellationToken);
        try
        {
            using var answer = await http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, silence.TooLong);
            silence.Broken();
            if (!answer.IsSuccessStatusCode) return new(null, await DetailOfAsync(answer, silence.TooLong), true);
            await using var content = new HeardStream(await answer.Content.ReadAsStreamAsync(silence.TooLong), silence);
            return new(await read(content, silence.TooLong), "", true);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            return Failed<T>(Unreached.Of(folder, $"nobody listens at {http.BaseAddress!.Authority}, which "
                + $"{AddressFile} names; restart it, and it writes that anew"));
        }
        catch (HttpRequestException e) when (e.InnerException is StrangerException stranger)
        {
            return Failed<T>(OfStranger(http.BaseAddress!.Authority, stranger));
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException)
        {
            return new(null, $"the gateway gave no usable answer: {e.Message}", true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, $"the gateway was silent for {patience.TotalSeconds:0} seconds"
                + (request.Method == HttpMethod.Get ? "" : "; how much it has done of this is not known"), true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http?.Dispose();

    private static GatewayAnswer<T> Failed<T>(Unreached why)
        where T : class => new(null, why.Reason, why.IsRunning);

    private Uri? Address()
    {
        var file = AddressFile;
        if (ReadIfThere(file) is not { } text)
        {
            unreached = Unreached.Of(folder, $"{file} is missing, by which commands find it: it starts or stops, or "
                + "could not listen at the address of [admin], as its log says then");
            return null;
        }
        if (Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address)) return address;
        unreached = Unreached.Of(folder, $"{file} holds no address; restart it, and it writes that anew");
        return null;
    }

    private string? Token()
    {
        var file = TokenFile;
        if (ReadIfThere(file) is not { } text)
        {
            unreached = Unreached.Of(folder, $"{file} is missing; restart it, and it makes a new one");
            return null;
        }
        if (ApiToken.In(text) is { } token) return token;
        unreached = Unreached.Of(folder, $"{file} holds no token; delete it and restart the gateway, which makes a "
            + "new one");
        return null;
    }

    private static string? ReadIfThere(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static HttpClient Client(Uri address, string token, AdminCertificate? certificate)
    {
        // No proxy: the token is for the gateway alone.
        var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = new GatewayProof(token, address.Scheme == Uri.UriSchemeHttps, certificate).ConnectAsync,
        })
        {
            // The connection is handed over with TLS on it, so that there is none to add.
            BaseAddress = new UriBuilder(address) { Scheme = Uri.UriSchemeHttp }.Uri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        // The audit log tells apart the people who may read the file of the token.
        client.DefaultRequestHeaders.TryAddWithoutValidation(
            CommandUser.Header, Uri.EscapeDataString(Environment.UserName));
        return client;
    }

    private Unreached OfStranger(string address, StrangerException stranger)
    {
        var told = stranger.Told ?? "is somebody else";
        return Unreached.Of(folder,
            stranger.IsSilent
                ? $"gives no answer within {GatewayProof.Patience.TotalSeconds:0} seconds at {address}; its log may "
                + "say why, and no mail is lost by a restart"
            : stranger.Told is null
                ? $"who answers at {address} does not know the token of {TokenFile}, and was told nothing; restart "
                + "the gateway, which takes up the token and writes its address anew"
            : $"{address} {told}, and was told nothing",
            $" ({address} {told}, and was told nothing)");
    }

    private static async Task<string> DetailOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.TryGetProperty("detail", out var detail)) return detail.GetString()!.TrimEnd('.');
        }
        catch (JsonException)
        {
            // Not ours to read: the status alone is told.
        }
        return answer.StatusCode == HttpStatusCode.Unauthorized
            ? "the gateway does not know the token of its data folder"
            : $"the gateway answered {(int)answer.StatusCode}";
    }
}
