using Xunit.Runner.InProc.SystemConsole;

namespace Crash;

/// <summary>Starts the tests; with <c>long</c> in front, the long tier.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) =>
        args is ["long", ..] ? LongTier.RunAsync(args[1..], Console.Out) : ConsoleRunner.Run(args);
}
