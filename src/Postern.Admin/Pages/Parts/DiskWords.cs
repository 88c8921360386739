using Microsoft.Extensions.Localization;
using Postern.Routing;

namespace Postern.Admin.Pages.Parts;

/// <summary>What pages say of a change that could not be written.</summary>
internal static class DiskWords
{
    /// <summary>Why a change was not made, and that nothing was changed, unless that is not known.</summary>
    public static string DiskFailed(this IStringLocalizer<Words> words, IOException failure) =>
        failure is UncertainWriteException { Failure: var why }
            ? words["The disk failed, and what was written may be in force: look, and repeat it. {0}", why]
            : words["The disk failed, and nothing was changed: {0}", failure.Message];
}
