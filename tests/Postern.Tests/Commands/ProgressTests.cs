using Microsoft.Extensions.Time.Testing;
using Postern.Commands;

namespace Postern.Tests.Commands;

/// <summary>Work that takes longer than a second says so on a terminal (contract §1).</summary>
public sealed class ProgressTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly StringWriter error = new();

    public void Dispose() => error.Dispose();

    private Progress On(bool terminal) => new(
        new Terminal(TextReader.Null, TextWriter.Null, error, Interactive: false) { ShowsProgress = terminal }, time);

    [Fact]
    public void After_a_second_it_says_what_it_is_at_and_takes_that_back_at_the_end()
    {
        var progress = On(terminal: true);
        using (progress.Begin("reading routes.txt"))
        {
            time.Advance(TimeSpan.FromSeconds(0.9));
            Assert.Equal("", error.ToString());
            time.Advance(TimeSpan.FromSeconds(0.2));
            Assert.Equal("\rreading routes.txt … 1 s", error.ToString());
            progress.Step("writing");
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.EndsWith("\rwriting … 2 s           ", error.ToString(), StringComparison.Ordinal);
        }
        Assert.EndsWith($"\r{new string(' ', "reading routes.txt … 1 s".Length)}\r", error.ToString(),
            StringComparison.Ordinal);
        var told = error.ToString();
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(told, error.ToString());
    }

    [Fact]
    public void What_is_quick_and_what_no_terminal_shows_says_nothing()
    {
        using (On(terminal: true).Begin("reading")) time.Advance(TimeSpan.FromSeconds(0.9));
        using (On(terminal: false).Begin("reading")) time.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal("", error.ToString());
    }
}
