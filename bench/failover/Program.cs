using System.Runtime.InteropServices;
using Failover;
using TestTools;

if (args is ["--help"])
{
    Console.WriteLine(Options.Usage);
    return 0;
}

var inside = args is [Namespaces.Inside, _, ..] ? args[1] : null;
if (Options.Parse(inside is null ? args : args[2..]) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

using var cancel = new CancellationTokenSource();
try
{
    return inside is null ? await OutsideAsync() : await InsideAsync(inside);
}
catch (Exception failure)
    when (failure is RunException or TimeoutException or OperationCanceledException or IOException
        or HttpRequestException)
{
    Console.Error.WriteLine($"failover: {failure.Message}");
    return 1;
}

async Task<int> OutsideAsync()
{
    if (!Environment.IsPrivilegedProcess)
    {
        throw new RunException("only root may make the network that the bench runs in");
    }

    var folder = Directory.CreateDirectory(Path.Combine(options.Folder, $"failover-{Guid.NewGuid():N}"[..17])).FullName;
    try
    {
        if (options.Names.Contains("exim"))
        {
            // There is no way to a mirror from inside.
            await EximPackage.UnpackAsync(Bench.EximFolder(folder), cancel.Token);
        }

        return await Namespaces.RunInsideAsync(folder, args);
    }
    finally
    {
        if (options.Keep)
        {
            Console.WriteLine($"left: {folder}");
        }
        else
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

async Task<int> InsideAsync(string folder)
{
    Action<PosixSignalContext> end = signal =>
    {
        // What was started is ended first.
        signal.Cancel = true;
        cancel.Cancel();
    };
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, end);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, end);
    await Namespaces.PrepareAsync(folder, Trial.Destination, Trial.Addresses, cancel.Token);
    return await new Bench(options, folder).RunAsync(cancel.Token) ? 0 : 1;
}
