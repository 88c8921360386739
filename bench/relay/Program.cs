using Microsoft.AspNetCore.SignalR;
using Relay;
using Relay.Watching;
using TestTools;

if (args is ["--help"])
{
    Console.WriteLine(Options.Usage);
    return 0;
}

if (Options.Parse(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // What was started is ended first.
    pressed.Cancel = true;
    cancel.Cancel();
};

try
{
    Console.WriteLine($"{options.Messages} messages of {options.Length} octets from {options.Clients} clients, "
        + $"{options.Rounds} rounds in turns; {Environment.ProcessorCount} cores, "
        + $"{new DriveInfo(options.Folder).DriveFormat} at {options.Folder}");
    await (options.Watch > 0 ? new WatchBench(options).RunAsync(cancel.Token)
        : new Bench(options).RunAsync(cancel.Token));
    return 0;
}
catch (Exception failure)
    when (failure is RunException or TimeoutException or OperationCanceledException or IOException
        or HttpRequestException or HubException)
{
    Console.Error.WriteLine($"relay: {failure.Message}");
    return 1;
}
