using Microsoft.AspNetCore.Components;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>A text of the form for a route.</summary>
public partial class RouteText
{
    /// <summary>Its id in the page.</summary>
    [Parameter, EditorRequired] public string Id { get; set; } = "";

    /// <summary>What it is, where no label stands beside it.</summary>
    [Parameter] public string? Label { get; set; }

    /// <summary>What stands in it.</summary>
    [Parameter, EditorRequired] public string Value { get; set; } = "";

    /// <summary>Something else stands in it.</summary>
    [Parameter] public EventCallback<string> ValueChanged { get; set; }

    /// <summary>It cannot be changed.</summary>
    [Parameter] public bool IsReadOnly { get; set; }

    /// <summary>Digits are expected.</summary>
    [Parameter] public bool IsNumber { get; set; }

    /// <summary>What is wrong with it.</summary>
    [Parameter] public IReadOnlyList<DraftProblem> Problems { get; set; } = [];

    private string ProblemId => $"{Id}-problem";

    // White space round a value is nobody's wish.
    private Task ChangeAsync(ChangeEventArgs change) => ValueChanged.InvokeAsync($"{change.Value}".Trim());
}
