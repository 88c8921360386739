using Postern.Admin.Accounts;

namespace Postern.Commands;

/// <summary>Works on the accounts file, with or without a running gateway, which reads it at each login.</summary>
internal sealed class AdminCommands(Terminal terminal)
{
    /// <summary><c>postern admin reset</c>.</summary>
    public int Reset(ConfigurationFile file, bool json)
    {
        var read = file.Read();
        if (read.Configuration is not { } configuration)
        {
            foreach (var error in read.Errors) terminal.Error.WriteLine(error);
            return ExitCode.Failed;
        }
        DataFolder.Make(configuration.DataFolder);
        var password = new AccountStore(DataFolder.AccountsIn(configuration.DataFolder)).Reset();
        if (json) JsonForm.WriteLine(terminal.Out, new { account = Account.Admin, password });
        else terminal.Out.WriteLine($"account {Account.Admin}, one-time password {password} (shown this once)");
        return ExitCode.Done;
    }
}
