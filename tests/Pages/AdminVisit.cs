namespace Pages;

/// <summary>
/// Somebody in front of the pages of a running gateway. Everything that a browser complains of on the way, and every
/// request to another address, is kept and is a failure at the end.
/// </summary>
internal sealed class AdminVisit : IAsyncDisposable
{
    private readonly List<string> _complaints = [];
    private readonly Chromium _chromium;
    private readonly IBrowserContext _context;

    private AdminVisit(
        Chromium chromium, GatewayProcess gateway, IBrowserContext context, IPage page, Uri address) =>
        (_chromium, Gateway, _context, Page, Address) = (chromium, gateway, context, page, address);

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway { get; }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>The admin address.</summary>
    public Uri Address { get; }

    /// <summary>What the browser complained of: scripts, policies, requests.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>Opens a browser that is not logged in.</summary>
    public static async Task<AdminVisit> BeginAsync(
        Chromium chromium, GatewayProcess gateway, VisitOptions? options = null)
    {
        options ??= new VisitOptions();
        var address = new Uri(File.ReadAllText(Path.Combine(gateway.Data, "api-address")).Trim());
        var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.AbsoluteUri,
            Locale = options.Language,
            TimezoneId = options.Zone,
            ColorScheme = options.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = options.Width, Height = options.Height },
            ReducedMotion = ReducedMotion.Reduce,
            AcceptDownloads = true,
        });
        var page = await context.NewPageAsync();
        var visit = new AdminVisit(chromium, gateway, context, page, address);
        page.Console += (_, message) => visit.Hear(message);
        page.PageError += (_, error) => visit._complaints.Add(error);
        page.Request += (_, request) => visit.See(request);
        return visit;
    }

    /// <summary>Opens a browser and logs in as administrator.</summary>
    public static async Task<AdminVisit> LoggedInAsync(
        Chromium chromium, GatewayProcess gateway, VisitOptions? options = null)
    {
        var visit = await BeginAsync(chromium, gateway, options);
        await visit.Page.GotoAsync("/");
        await visit.LogInAsync("admin", GatewayProcess.Password);
        await visit.LiveAsync();
        return visit;
    }

    /// <summary>The same person in a browser that keeps nothing but the cookies.</summary>
    public async Task<AdminVisit> OpenWithoutCacheAsync()
    {
        var other = await BeginAsync(_chromium, Gateway);
        await other._context.AddCookiesAsync((await _context.CookiesAsync()).Select(cookie => new Cookie
        {
            Name = cookie.Name,
            Value = cookie.Value,
            Domain = cookie.Domain,
            Path = cookie.Path,
            HttpOnly = cookie.HttpOnly,
            SameSite = cookie.SameSite,
        }));
        return other;
    }

    /// <summary>Opens another browser with an account that may only look, and has the same password.</summary>
    public Task<AdminVisit> AsViewerAsync() => AsAsync("vera", "viewer");

    /// <summary>Opens another browser with a new account, which has the same password.</summary>
    public async Task<AdminVisit> AsAsync(string account, string role)
    {
        var accounts = Path.Combine(Gateway.Data, "accounts");
        const string Mine = "admin administrator ";
        var admin = (await File.ReadAllLinesAsync(accounts))
            .Single(line => line.StartsWith(Mine, StringComparison.Ordinal));
        await File.AppendAllTextAsync(
            accounts, admin.Replace(Mine, $"{account} {role} ", StringComparison.Ordinal) + "\n");
        var visit = await BeginAsync(_chromium, Gateway);
        await visit.Page.GotoAsync("/");
        await visit.LogInAsync(account, GatewayProcess.Password);
        await visit.LiveAsync();
        return visit;
    }

    /// <summary>From now on somebody says no when the page is to be left for another document.</summary>
    /// <returns>What ends when that was asked and answered.</returns>
    public async Task<Task> StayAsync()
    {
        var asked = new TaskCompletionSource();
        Page.Dialog += (_, dialog) => _ = RefuseAsync(dialog);
        await Page.EvaluateAsync("addEventListener('beforeunload', leaving => leaving.preventDefault())");
        // A browser asks only where somebody has done something.
        await Page.Locator("h1").ClickAsync();
        return asked.Task.WaitAsync(TimeSpan.FromMinutes(1));

        async Task RefuseAsync(IDialog dialog)
        {
            await dialog.DismissAsync();
            asked.TrySetResult();
        }
    }

    /// <summary>The same person logs out in another window of the same browser.</summary>
    public async Task LogOutElsewhereAsync()
    {
        var other = await _context.NewPageAsync();
        await other.GotoAsync("/routes");
        await other.Locator("[data-live=yes]").WaitForAsync();
        await other.EvaluateAsync("postern.submit('logout')");
        await other.Locator("#name").WaitForAsync();
    }

    /// <summary>A new one-time password, as the command prints it.</summary>
    public static async Task<string> OneTimePasswordAsync(GatewayProcess gateway) =>
        (await gateway.RunAsync("admin", "reset")).Split("one-time password ")[1].Split(' ')[0];

    /// <summary>Fills in the login page, which must be there.</summary>
    public async Task LogInAsync(string account, string password)
    {
        await Page.Locator("#name").FillAsync(account);
        await Page.Locator("#password").FillAsync(password);
        OneTime = password;
        await Page.Locator("form[action='/login'] button").ClickAsync();
    }

    /// <summary>Fills in the page that asks for another password, which must be there.</summary>
    public async Task ChoosePasswordAsync()
    {
        await Page.Locator("#new-password").FillAsync(GatewayProcess.Password);
        await Page.Locator("#password").FillAsync(OneTime);
        await Page.Locator("#again").FillAsync(GatewayProcess.Password);
        await Page.Locator("form[action='/password'] button").ClickAsync();
    }

    /// <summary>Opens a page and waits until it is alive.</summary>
    public async Task OpenAsync(string path)
    {
        await Page.GotoAsync(path);
        await LiveAsync();
    }

    /// <summary>Waits until what is clicked does something.</summary>
    public Task LiveAsync() => Page.Locator("[data-live=yes]").WaitForAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private string OneTime { get; set; } = "";

    private void Hear(IConsoleMessage message)
    {
        // The status of an answer is for the test to judge.
        if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource: the server",
            StringComparison.Ordinal)) _complaints.Add(message.Text);
    }

    private void See(IRequest request)
    {
        if (!request.Url.StartsWith("data:", StringComparison.Ordinal)
            && new Uri(request.Url).Authority != Address.Authority) _complaints.Add($"a request to {request.Url}");
    }
}

/// <summary>How somebody looks at the pages.</summary>
internal sealed record VisitOptions
{
    /// <summary>Of the window, in pixels of CSS.</summary>
    public int Width { get; init; } = 1280;

    /// <summary>Of the window, in pixels of CSS.</summary>
    public int Height { get; init; } = 900;

    /// <summary>What the system asks for.</summary>
    public bool IsDark { get; init; }

    /// <summary>Of the browser.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Of the browser.</summary>
    public string Zone { get; init; } = "Europe/Berlin";
}
