using static Pages.Mail;

namespace Pages;

/// <summary>
/// How each page looks: at both widths, light and dark, nothing serious for axe and nothing wider than the window. With
/// <c>POSTERN_SCREENSHOTS</c> the pictures of docs/guide/pages are made anew.
/// </summary>
public sealed class ViewTests(Chromium chromium)
{
    private const int Wide = 1280, Narrow = 390;

    // From look to look one thing changes, and from the last to the first of the next page, too.
    private static readonly (int Width, bool IsDark)[] looks =
        [(Wide, false), (Wide, true), (Narrow, true), (Narrow, false)];

    private static string? PictureFolder =>
        Environment.GetEnvironmentVariable("POSTERN_SCREENSHOTS") is { Length: > 0 } folder ? folder : null;

    [Fact]
    public async Task Each_page_can_be_read_by_everybody_at_both_widths_in_light_and_dark()
    {
        await using var tour = await PageTour.BeginAsync(TourWords.Usual);
        // The list of routes has two addresses, and what is at none is no page of its own.
        Assert.Equal(["/", "/not-found"], RoutedPages.MissingIn(tour.Paths));
        await using var visit = await AdminVisit.LoggedInAsync(chromium, tour.Gateway, new() { Height = 800 });

        foreach (var path in tour.Paths)
        {
            await tour.OpenAsync(visit, path);
            for (var at = 0; at < looks.Length; at++)
            {
                await WidenAsync(visit.Page, looks[at].Width);
                await LightAsync(visit.Page, looks[at].IsDark);
                await ShootAsync(visit.Page, path, looks[at]);
                Assert.Equal(0, await ExcessAsync(visit.Page));
                // What a colour changes is all that can be otherwise than at the look before.
                await Accessibility.HoldsAsync(visit.Page, inColourAlone: at % 2 == 1);
            }
        }
        Assert.Empty(visit.Complaints);
        Assert.DoesNotContain(tour.Gateway.Log.Events, line => line.Contains("has a fault", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_page_is_wider_than_the_window_whatever_others_wrote()
    {
        await using var tour = await PageTour.BeginAsync(TourWords.Long);
        await using var visit = await AdminVisit.LoggedInAsync(chromium, tour.Gateway, new() { Language = "de" });

        var faults = new List<string>();
        foreach (var path in tour.Paths)
        {
            await tour.OpenAsync(visit, path);
            foreach (var width in new[] { Wide, Narrow })
            {
                await WidenAsync(visit.Page, width);
                if (await ExcessAsync(visit.Page) is > 0 and var excess)
                    faults.Add($"{PageTour.NameOf(path)} is {excess} pixels wider than {width}");
            }
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_route_can_be_made_with_the_keyboard_alone()
    {
        await using var gateway = await GatewayProcess.StartAsync("");
        await using var visit = await AdminVisit.LoggedInAsync(chromium, gateway);
        var (page, keys) = (visit.Page, visit.Page.Keyboard);

        await page.GetByRole(AriaRole.Link, new() { Name = "Add Route" }).FocusAsync();
        await keys.PressAsync("Enter");
        await page.Locator("#key").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Help: Receiving Domain" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Note)).ToContainTextAsync("example.com");
        await keys.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Note)).ToHaveCountAsync(0);
        await keys.PressAsync("Tab");
        await Assertions.Expect(page.Locator("#key")).ToBeFocusedAsync();
        await keys.TypeAsync("example.com");
        // The help of priority, destination and port stands before the first field.
        foreach (var text in new[] { "", "", "", "0", "mail.example.com" })
        {
            await keys.PressAsync("Tab");
            if (text.Length > 0) await keys.TypeAsync(text);
        }
        await keys.PressAsync("Enter");

        await Assertions.Expect(page.Locator("table.routes")).ToContainTextAsync("example.com");
        Assert.Equal("example.com mail.example.com\n", await File.ReadAllTextAsync(gateway.RoutesFile));
    }

    private static async Task WidenAsync(IPage page, int width)
    {
        await page.SetViewportSizeAsync(width, width == Narrow ? 844 : 800);
        // The menu stands beside a page that has the room, and is closed on the other.
        await Assertions.Expect(page.Locator($".mud-drawer--{(width == Narrow ? "closed" : "open")}"))
            .ToHaveCountAsync(1);
        await Accessibility.SettleAsync(page);
    }

    // By the button in the bar, without a pointer over it that would be in the picture.
    private static async Task LightAsync(IPage page, bool isDark)
    {
        var button = Button(page, isDark ? "Dark" : "Light");
        if (await button.CountAsync() == 0) return;
        await button.DispatchEventAsync("click");
        await Assertions.Expect(button).ToHaveCountAsync(0);
        await Accessibility.SettleAsync(page);
    }

    // How much wider than the window the page is, in pixels.
    private static Task<int> ExcessAsync(IPage page) => page.EvaluateAsync<int>(
        "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)");

    private static async Task ShootAsync(IPage page, string path, (int Width, bool IsDark) look)
    {
        if (PictureFolder is not { } folder) return;
        // Nothing is pointed at.
        await page.Mouse.MoveAsync(look.Width / 2, 2);
        await Accessibility.SettleAsync(page);
        var name = PageTour.NameOf(path).Trim('/').Replace('/', '-');
        await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Path.Combine(folder, $"{name}-{look.Width}{(look.IsDark ? "-dark" : "")}.png"),
            FullPage = true,
            Animations = ScreenshotAnimations.Disabled,
        });
    }
}
