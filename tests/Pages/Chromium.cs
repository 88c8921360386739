using Pages;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Pages;

/// <summary>
/// One browser for all tests; each visit has its own cookies. Debian's chromium, nothing is downloaded: its shell
/// without windows, which takes a fifth of the time of the processor, or else the whole browser.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] programs = ["/usr/lib/chromium/chromium-headless-shell", "/usr/bin/chromium"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The browser.</summary>
    public IBrowser Browser
    {
        get
        {
            Assert.SkipUnless(_browser is not null, $"there is none of {string.Join(", ", programs)}");
            return _browser;
        }
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Array.Find(programs, File.Exists) is not { } program) return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            // The sandbox of the browser needs another user than root; only our own pages are looked at.
            ChromiumSandbox = false,
            Args = ["--disable-dev-shm-usage", "--force-color-profile=srgb"],
        });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
