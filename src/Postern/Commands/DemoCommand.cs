using Postern.Demo;

namespace Postern.Commands;

/// <summary><c>postern demo</c>: the main job on loopback.</summary>
internal sealed class DemoCommand(Terminal terminal, TimeProvider time)
{
    /// <summary>Shows it, and leaves nothing behind.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("postern-demo-").FullName;
        try
        {
            var failure = await new DemoRun(folder, terminal.Out, time).RunAsync(cancellationToken);
            return failure is null ? ExitCode.Done : terminal.Fail(failure);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
