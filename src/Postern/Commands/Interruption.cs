using System.Runtime.InteropServices;

namespace Postern.Commands;

/// <summary>
/// While it lasts, Ctrl-C and SIGTERM say on stderr what became of the work before the command dies of them, as it
/// would without it. A second signal waits for nothing that is said. A SIGINT that was ignored at the start, as in a
/// background of a script, stays so.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly Terminal terminal;
    private readonly Func<string> says;
    private readonly PosixSignalRegistration[] registrations;
    private int told;

    /// <summary>It begins now.</summary>
    /// <param name="terminal">Where it is said.</param>
    /// <param name="says">What is said behind <c>interrupted; </c>; called on any thread, once.</param>
    public Interruption(Terminal terminal, Func<string> says)
    {
        (this.terminal, this.says) = (terminal, says);
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Tell),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Tell),
        ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
    }

    // The signal is not taken from the process: when this returns it ends.
    private void Tell(PosixSignalContext context)
    {
        if (Interlocked.Exchange(ref told, 1) != 0) return;
        try
        {
            terminal.Fail($"interrupted; {says()}");
        }
        catch (IOException)
        {
            // Nobody reads stderr any more.
        }
    }
}
