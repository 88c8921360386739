using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Postern.Admin.Pages;

/// <summary>Files that the pages hand out. Always as an attachment, so that no browser shows them as a page.</summary>
internal sealed class Downloads(AdminParts parts)
{
    private const string RoutesPath = "/routes/export";

    /// <summary>Maps them.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes
        .MapGet(RoutesPath, ApiPipeline.Guarded(_ => Task.FromResult(Results.File(
            parts.Edits.Content.ToArray(), "text/plain; charset=utf-8", "smtproutes"))))
        .ExcludeFromDescription();
}
