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

    /// <summary>
    /// The rows before a page of a list that may have become shorter: before the last page that has some, at most.
    /// </summary>
    public static int Within(int skip, int take, int count) => Math.Min(skip, Math.Max(0, count - 1) / take * take);

    private bool IsLast => Skip + Take >= Count;

    private Task GoAsync(int skip) => SkipChanged.InvokeAsync(Math.Max(0, skip));
}
