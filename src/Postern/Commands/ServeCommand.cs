using System.Runtime.InteropServices;
using Postern.Admin.Accounts;
using Postern.Running;

namespace Postern.Commands;

/// <summary><c>postern serve</c>: the gateway in the foreground.</summary>
internal sealed class ServeCommand(Terminal terminal, TimeProvider time)
{
    /// <summary>Runs until SIGTERM, Ctrl-C, a hang-up, or the token.</summary>
    public async Task<int> RunAsync(ConfigurationFile file, CancellationToken cancellationToken)
    {
        // The watch comes first: what changes while the file is read is seen afterwards.
        var configurationWatch = ConfigurationWatch.OfConfiguration(file.Name, time);
        var read = file.Read();
        if (read.Configuration is not { } configuration)
        {
            foreach (var error in read.Errors) terminal.Error.WriteLine(error);
            return ExitCode.Failed;
        }
        // An empty file that the very first start makes is no change that the watch should report.
        RoutesFileStart.Prepare(configuration);
        var routesWatch = ConfigurationWatch.OfRoutes(configuration.RoutesFile, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var signals = new StopSignals(stop, terminal.Out);
        var random = new Random();
        var start = await Gateway.StartAsync(configuration, time, random, stop.Token);
        if (!start.IsRunning)
        {
            foreach (var error in start.Errors) terminal.Fail(error);
            return ExitCode.Failed;
        }
        // It outlives the gateway, whose API may still be asked to take up routes.
        using var watch = new ConfigurationWatch(
            start.Gateway, file.Name, configurationWatch, routesWatch, read.Named, time);
        await using (start.Gateway)
        {
            Tell(file, start.Gateway);
            await watch.RunAsync(stop.Token);
        }
        terminal.Out.WriteLine("stopped");
        return ExitCode.Done;
    }

    private void Tell(ConfigurationFile file, Gateway gateway)
    {
        var configuration = gateway.Configuration;
        terminal.Out.WriteLine(file.IsUsed
            ? $"configuration {file.Name}"
            : $"no {file.Name} here: safe defaults, loopback only");
        terminal.Out.WriteLine($"name {configuration.HostName}");
        terminal.Out.WriteLine($"data {configuration.DataFolder}");
        terminal.Out.WriteLine($"routes {configuration.RoutesFile} ({RoutesPrinting.Routes(gateway.Routes.Count)})");
        terminal.Out.WriteLine($"log {Path.Combine(DataFolder.LogsIn(configuration.DataFolder), "mail.log")}");
        terminal.Out.WriteLine($"admin page {gateway.AdminAddress}");
        if (gateway.FirstPassword is { } password)
            terminal.Out.WriteLine($"account {Account.Admin}, one-time password {password} (shown this once)");
        foreach (var listener in gateway.Listeners)
            terminal.Out.WriteLine($"listening on {listener.Address} ({listener.Name})");
        terminal.Out.WriteLine("ready");
        terminal.Out.Flush();
    }

    /// <summary>Turns signals into one orderly stop; a second signal changes nothing and loses nothing.</summary>
    private sealed class StopSignals : IDisposable
    {
        private readonly PosixSignalRegistration[] registrations;

        public StopSignals(CancellationTokenSource stop, TextWriter output)
        {
            var bound = Gateway.ReceptionStopBound + Gateway.DeliveryStopBound;
            void Handle(PosixSignalContext context)
            {
                context.Cancel = true;
                output.WriteLine(stop.IsCancellationRequested
                    ? $"still stopping, for at most {bound.TotalSeconds:0} seconds in all"
                    : "stopping: deliveries in progress end first");
                output.Flush();
                // Not on the thread of the signal, which the runtime needs for the next one.
                ThreadPool.QueueUserWorkItem(_ => stop.Cancel());
            }
            registrations =
            [
                PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
                PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
                PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
            ];
        }

        public void Dispose()
        {
            foreach (var registration in registrations) registration.Dispose();
        }
    }
}
