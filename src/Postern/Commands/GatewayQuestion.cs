using System.Text.Json;
using Postern.Admin;

namespace Postern.Commands;

/// <summary>Asks the running gateway for a command; what fails is told on stderr in one line.</summary>
internal sealed class GatewayQuestion(Terminal terminal)
{
    private static readonly JsonSerializerOptions printed = new(ApiJson.Options) { WriteIndented = true };

    /// <summary>Asks; <paramref name="body"/> null: a GET. Null: it failed, and that was told.</summary>
    public async Task<T?> AskAsync<T>(
        ConfigurationFile file, string path, byte[]? body, CancellationToken cancellationToken)
        where T : class
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        if (read.Configuration is not { } configuration) return null;
        using var api = GatewayApi.Find(configuration, out var reason);
        if (api is null)
        {
            terminal.Fail(reason);
            return null;
        }
        var answer = await api.AskAsync<T>(configuration, path, body, cancellationToken);
        if (!answer.IsDone) terminal.Fail(answer.Failure);
        return answer.Value;
    }

    /// <summary>A value as one line of JSON, for those who read line by line.</summary>
    public static string ToLine<T>(T value) => JsonSerializer.Serialize(value, ApiJson.Options);

    /// <summary>An answer of the gateway as commands print it: as it came, indented.</summary>
    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, printed);
}
