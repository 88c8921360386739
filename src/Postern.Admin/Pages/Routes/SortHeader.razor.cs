using Microsoft.AspNetCore.Components;
using Postern.Routing;

namespace Postern.Admin.Pages.Routes;

/// <summary>The head of a column that the routes can be sorted by.</summary>
public partial class SortHeader
{
    /// <summary>The order that it stands for.</summary>
    [Parameter, EditorRequired] public RouteOrder Order { get; set; }

    /// <summary>What stands in it.</summary>
    [Parameter, EditorRequired] public string Title { get; set; } = "";

    /// <summary>The order in force.</summary>
    [Parameter, EditorRequired] public (RouteOrder Order, bool IsDescending) Sort { get; set; }

    /// <summary>Its order is wanted.</summary>
    [Parameter] public EventCallback<RouteOrder> OnSort { get; set; }
}
