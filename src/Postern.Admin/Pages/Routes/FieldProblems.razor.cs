using Microsoft.AspNetCore.Components;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>What is wrong with a field, below it.</summary>
public partial class FieldProblems
{
    /// <summary>Its id in the page, for the field that names it.</summary>
    [Parameter, EditorRequired] public string Id { get; set; } = "";

    /// <summary>In the words of the routes file's reader.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<DraftProblem> Problems { get; set; } = [];
}
