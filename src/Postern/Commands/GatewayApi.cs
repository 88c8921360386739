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

    private readonly HttpClient http;

    private readonly TimeProvider time;

    private GatewayApi(Uri address, string token, AdminCertificate? certificate, TimeProvider time)
    {
        this.time = time;
        var isTls = address.Scheme == Uri.UriSchemeHttps;
        // No proxy: the token is for the gateway alone.
        http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = new GatewayProof(token, isTls, certificate).ConnectAsync,
        })
        {
            // The connection is handed over with TLS on it, so that there is none to add.
            BaseAddress = new UriBuilder(address) { Scheme = Uri.UriSchemeHttp }.Uri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        // The audit log tells apart the people who may read the file of the token.
        http.DefaultRequestHeaders.TryAddWithoutValidation(
            CommandUser.Header, Uri.EscapeDataString(Environment.UserName));
    }

    /// <summary>Finds the gateway of a configuration; null: none runs, with the reason.</summary>
    /// <param name="configuration">Names the folder.</param>
    /// <param name="reason">Why there is none.</param>
    /// <param name="clock">Measures its silence; null: that of the system.</param>
    public static GatewayApi? Find(
        PosternConfiguration configuration, out string reason, TimeProvider? clock = null)
    {
        var folder = configuration.DataFolder;
        reason = NoGateway(folder);
        try
        {
            var text = File.ReadAllText(DataFolder.ApiAddressIn(folder)).Trim();
            if (!Uri.TryCreate(text, UriKind.Absolute, out var address)) return null;
            if (ApiToken.Read(DataFolder.TokenIn(folder)) is { } token)
            {
                return new GatewayApi(
                    address, token, configuration.Admin.Tls?.Certificate, clock ?? TimeProvider.System);
            }
            reason = $"{DataFolder.TokenIn(folder)} holds no token";
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            reason = $"{e.Message} Run the command as the user of the gateway";
            return null;
        }
    }

    /// <summary>Asks; <paramref name="body"/> null: a GET.</summary>
    /// <param name="configuration">Names the folder when nothing answers.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="body">What is posted, may be empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<GatewayAnswer<T>> AskAsync<T>(
        PosternConfiguration configuration, string path, byte[]? body, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, Relative(path))
        {
            Content = body is null ? null : new ByteArrayContent(body),
        };
        return await SendAsync(configuration, request, static async (content, token) =>
            (await JsonSerializer.DeserializeAsync<T>(content, ApiJson.Options, token))!, cancellationToken);
    }

    /// <summary>Copies what a GET answers, octet for octet, to what <paramref name="target"/> opens for it.</summary>
    /// <returns>The path, once it is copied whole; why the target cannot be opened is told as it is.</returns>
    public async Task<GatewayAnswer<string>> CopyAsync(
        PosternConfiguration configuration, string path, Func<Stream> target, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Relative(path));
        string? refused = null;
        var copied = await SendAsync(configuration, request, async (content, token) =>
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
        PosternConfiguration configuration, HttpMethod method, string path, Action<T> take,
        CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(method, Relative(path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(JsonLines.Type));
        return await SendAsync(configuration, request, async (content, token) =>
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
        PosternConfiguration configuration, HttpRequestMessage request,
        Func<Stream, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
        where T : class
    {
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
            return new(null, NoGateway(configuration.DataFolder), false);
        }
        catch (HttpRequestException e) when (e.InnerException is StrangerException stranger)
        {
            return new(null, $"{NoGateway(configuration.DataFolder)} ({http.BaseAddress!.Authority} {stranger.Told}, "
                + "and was told nothing)", false);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException)
        {
            return new(null, $"the gateway gave no usable answer: {e.Message}", true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, $"the gateway was silent for {patience.TotalSeconds:0} seconds", true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static string NoGateway(string folder) =>
        $"no gateway runs on {folder}; 'postern serve' starts one";

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
