using Microsoft.AspNetCore.Components;
using Postern.Admin.Accounts;

namespace Postern.Admin.Pages.Credentials;

/// <summary>Asks for a role.</summary>
public partial class RoleField
{
    /// <summary>The role that is chosen.</summary>
    [Parameter, EditorRequired] public AccountRole Value { get; set; }

    /// <summary>Another one was chosen.</summary>
    [Parameter] public EventCallback<AccountRole> ValueChanged { get; set; }

    private static string MeaningOf(AccountRole role) => role switch
    {
        AccountRole.Viewer => "looks at figures, queue and log",
        AccountRole.Operator => "changes what becomes of mail, too",
        _ => "changes routes, profiles, accounts and tokens, too",
    };
}
