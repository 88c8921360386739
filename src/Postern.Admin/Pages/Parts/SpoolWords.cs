using Microsoft.Extensions.Localization;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Admin.Pages.Parts;

/// <summary>What pages say of a spool that cannot be read or written.</summary>
internal static class SpoolWords
{
    /// <summary>It was closed after a failed sync.</summary>
    public static string SpoolClosed(this IStringLocalizer<Words> words) =>
        words["The spool is closed after a failed sync: no mail is taken or delivered until it is opened again."];

    /// <summary>Why something that needs the spool was not done or is not shown.</summary>
    public static string SpoolTrouble(this IStringLocalizer<Words> words, AdminParts parts, SpoolException trouble) =>
        parts.Readiness().SpoolOpen
            ? words["The spool cannot be read: {0}.", PeerText.Escape(trouble.Message)] : words.SpoolClosed();
}
