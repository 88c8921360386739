using Microsoft.AspNetCore.Http;
using Postern.Admin.Access;

namespace Postern.Admin;

/// <summary>
/// The user of the system who ran a command that asks the gateway. It is what the command says of itself, and believed
/// from whoever has the token of the file, since they may do everything.
/// </summary>
public static class CommandUser
{
    /// <summary>Carries the name, percent-encoded (RFC 3986 §2.1).</summary>
    public const string Header = "Postern-User";

    private const int MaxName = 64;

    /// <summary>Who makes a request, for the audit log.</summary>
    internal static string Of(HttpContext context)
    {
        var caller = Caller.NameOf(context.User);
        var said = context.Request.Headers[Header].ToString();
        if (!Caller.IsTokenOfFile(context.User) || said.Length is 0 or > 3 * MaxName) return caller;
        return $"{caller} ({Uri.UnescapeDataString(said)})";
    }
}
