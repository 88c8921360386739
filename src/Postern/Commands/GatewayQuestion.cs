using System.Text.Json;
using Postern.Admin;

namespace Postern.Commands;

/// <summary>Asks the running gateway for a command; what fails is told on stderr in one line.</summary>
internal sealed class GatewayQuestion(Terminal terminal, TimeProvider? clock = null)
{
    private static readonly JsonSerializerOptions printed = new(ApiJson.Options) { WriteIndented = true };

    /// <summary>Asks; <paramref name="body"/> null: a GET. Null: it failed, and that was told.</summary>
    public Task<T?> AskAsync<T>(
        ConfigurationFile file, string path, byte[]? body, CancellationToken cancellationToken)
        where T : class =>
        OfGatewayAsync(file, api => api.AskAsync<T>(path, body, cancellationToken), static failure => failure);

    /// <summary>
    /// Has work done that tells a line at a time how far it is. Null: it failed, and that was told.
    /// </summary>
    /// <param name="file">The configuration.</param>
    /// <param name="method">What is asked with.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="take">Takes each line.</param>
    /// <param name="told">What is told of a failure.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<T?> FollowAsync<T>(
        ConfigurationFile file, HttpMethod method, string path, Action<T> take, Func<string, string> told,
        CancellationToken cancellationToken)
        where T : class =>
        OfGatewayAsync(file, api => api.FollowAsync(method, path, take, cancellationToken), told);

    private async Task<T?> OfGatewayAsync<T>(
        ConfigurationFile file, Func<GatewayApi, Task<GatewayAnswer<T>>> ask, Func<string, string> told)
        where T : class
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        if (read.Configuration is not { } configuration) return null;
        using var api = new GatewayApi(configuration, clock);
        var answer = await ask(api);
        if (!answer.IsDone) terminal.Fail(told(answer.Failure));
        return answer.Value;
    }

    /// <summary>A value as one line of JSON, for those who read line by line.</summary>
    public static string ToLine<T>(T value) => JsonSerializer.Serialize(value, ApiJson.Options);

    /// <summary>An answer of the gateway as commands print it: as it came, indented.</summary>
    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, printed);
}
