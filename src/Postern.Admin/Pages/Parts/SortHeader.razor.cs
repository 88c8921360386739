using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages.Parts;

/// <summary>The head of a column that a list can be sorted by.</summary>
/// <typeparam name="TOrder">The orders of the list.</typeparam>
public partial class SortHeader<TOrder>
{
    /// <summary>The order that it stands for.</summary>
    [Parameter, EditorRequired] public TOrder Order { get; set; }

    /// <summary>What stands in it.</summary>
    [Parameter, EditorRequired] public string Title { get; set; } = "";

    /// <summary>The order in force.</summary>
    [Parameter, EditorRequired] public (TOrder Order, bool IsDescending) Sort { get; set; }

    /// <summary>Its order is wanted.</summary>
    [Parameter] public EventCallback<TOrder> OnSort { get; set; }

    private bool IsInForce => EqualityComparer<TOrder>.Default.Equals(Sort.Order, Order);
}
