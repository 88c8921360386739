using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages.Parts;

/// <summary>Leads through a list in pages.</summary>
public partial class Pager
{
    /// <summary>Rows before the page.</summary>
    [Parameter, EditorRequired] public int Skip { get; set; }

    /// <summary>Rows of a page.</summary>
    [Parameter, EditorRequired] public int Take { get; set; }

    /// <summary>Rows in all.</summary>
    [Parameter, EditorRequired] public int Count { get; set; }

    /// <summary>Another page is wanted: the rows before it.</summary>
    [Parameter] public EventCallback<int> SkipChanged { get; set; }

    private bool IsLast => Skip + Take >= Count;

    private Task GoAsync(int skip) => SkipChanged.InvokeAsync(Math.Max(0, skip));
}
