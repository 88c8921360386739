using Xunit.Runner.InProc.SystemConsole;

namespace Postern.Spool.Tests;

/// <summary>Starts the tests; with <c>child</c> in front, a process that a test starts in order to kill it.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) =>
        args is ["child", ..] ? Child.RunAsync(args[1..]) : ConsoleRunner.Run(args);
}
