using System.CommandLine;

namespace Postern.Commands;

/// <summary><c>postern admin</c>: what concerns who may log in.</summary>
internal static class AdminTree
{
    /// <summary>Builds it.</summary>
    public static Command Build(Terminal terminal, Option<string?> configuration)
    {
        var json = CommandTree.Json();
        var reset = new PosternCommand("reset",
            "Make a new one-time password for the account admin; a running gateway takes it at once.",
            "postern admin reset\npostern admin reset --json") { json };
        reset.SetAction(result => new AdminCommands(terminal)
            .Reset(ConfigurationFile.Of(result.GetValue(configuration)), result.GetValue(json)));
        return new PosternCommand("admin", "Who may log in to the admin page.", "postern admin reset") { reset };
    }
}
