using Postern.Admin.Auditing;
using Postern.Configuration;

namespace Postern.Commands;

/// <summary>Writes down what a command changed without the API, as the user of the system that ran it.</summary>
internal sealed class CommandAudit(Terminal terminal, TimeProvider time)
{
    /// <summary>Where the commands of this machine are said to come from.</summary>
    private const string Here = "command";

    /// <summary>The audit log of a data folder.</summary>
    public static AuditLog LogOf(PosternConfiguration configuration, Terminal terminal, TimeProvider time) =>
        new(DataFolder.LogsIn(configuration.DataFolder), time, text => terminal.Fail(text));

    /// <summary>Writes an entry; what goes wrong is told, and the command goes on.</summary>
    /// <param name="configuration">Names the data folder.</param>
    /// <param name="action">The command with what it is about, without secrets.</param>
    /// <param name="note">What became of it.</param>
    public Task WriteAsync(PosternConfiguration configuration, string action, AuditNote note)
    {
        DataFolder.Make(configuration.DataFolder);
        return LogOf(configuration, terminal, time).WriteAsync(note.On(new AuditEntry
        {
            Who = Environment.UserName,
            From = Here,
            Action = action,
        }));
    }
}
