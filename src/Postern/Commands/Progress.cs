namespace Postern.Commands;

/// <summary>
/// Says on a terminal what a command is at, once it takes longer than a second: one line on stderr, written over twice
/// a second and erased at the end. Without a terminal it says nothing.
/// </summary>
internal sealed class Progress(Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan silence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan period = TimeSpan.FromSeconds(0.5);

    private volatile string step = "";

    /// <summary>Begins; dispose what is returned at the end of the work, and before a question is asked.</summary>
    public IDisposable Begin(string first)
    {
        step = first;
        return new Line(this, terminal, time);
    }

    /// <summary>What the command is at now, as in <c>checking the routes</c>.</summary>
    public void Step(string what) => step = what;

    private sealed class Line : IDisposable
    {
        private readonly Lock gate = new();
        private readonly Progress progress;
        private readonly Terminal terminal;
        private readonly TimeProvider time;
        private readonly long start;
        private readonly ITimer? timer;
        private int width;
        private bool ended;

        public Line(Progress progress, Terminal terminal, TimeProvider time)
        {
            (this.progress, this.terminal, this.time) = (progress, terminal, time);
            start = time.GetTimestamp();
            if (terminal.ShowsProgress) timer = time.CreateTimer(_ => Show(), null, silence, period);
        }

        public void Dispose()
        {
            timer?.Dispose();
            lock (gate)
            {
                if (ended) return;
                // A call of the timer may still be on its way.
                ended = true;
                if (width > 0) terminal.Error.Write($"\r{new string(' ', width)}\r");
            }
        }

        private void Show()
        {
            lock (gate)
            {
                if (ended) return;
                var text = $"{progress.step} … {time.GetElapsedTime(start).TotalSeconds:0} s";
                terminal.Error.Write($"\r{text.PadRight(width)}");
                width = Math.Max(width, text.Length);
            }
        }
    }
}
