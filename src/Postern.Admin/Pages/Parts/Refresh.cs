using Microsoft.AspNetCore.Components;

namespace Postern.Admin.Pages.Parts;

/// <summary>Lets the page that it stands on look again and again at what it shows, until the page is left.</summary>
public sealed class Refresh : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _left = new();

    /// <summary>Looks, and is a method of the page; the page is drawn again behind it.</summary>
    [Parameter, EditorRequired] public Func<Task> OnLook { get; set; } = null!;

    /// <summary>From look to look.</summary>
    [Parameter] public double Seconds { get; set; } = 2;

    [Inject] private AdminParts Parts { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnInitialized() => _ = LookAgainAsync(_left.Token);

    private async Task LookAgainAsync(CancellationToken left)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Seconds), Parts.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(left)) await InvokeAsync(LookAsync);
        }
        catch (OperationCanceledException)
        {
            // The page was left, or the gateway stops.
            return;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // As if it had happened on the page, which says that it has a fault.
            await DispatchExceptionAsync(e);
        }
    }

    // As a handler of the page's own it would be drawn twice, the first time while it still looks: with what is on it.
    private async Task LookAsync()
    {
        await OnLook();
        await new EventCallback((IHandleEvent?)OnLook.Target, static () => { }).InvokeAsync();
    }
}
