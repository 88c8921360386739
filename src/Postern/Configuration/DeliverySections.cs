using System.Net;
using Postern.Delivery;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Configuration;

/// <summary>Reads <c>[delivery]</c> and <c>[destination.*]</c>.</summary>
internal static class DeliverySections
{
    private static readonly TimeSpan shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan day = TimeSpan.FromDays(1);

    private static readonly (string, TlsPolicy)[] tlsPolicies =
    [
        ("none", TlsPolicy.None), ("preferred", TlsPolicy.Preferred), ("required", TlsPolicy.Required),
        ("verify", TlsPolicy.Verify), ("dane", TlsPolicy.Dane),
    ];

    private static readonly (string, IpPreference)[] ipPreferences =
    [
        ("prefer-v6", IpPreference.PreferV6), ("prefer-v4", IpPreference.PreferV4),
        ("require-v6", IpPreference.RequireV6), ("require-v4", IpPreference.RequireV4),
    ];

    /// <summary>Everything Delivery is told.</summary>
    public static DeliveryOptions Read(Section top, string hostName, LimitSettings limits, string folder)
    {
        var profiles = BounceProfileSections.Read(top.Table("bounce_profile"), folder);
        var (fallback, destinations) = ReadDestinations(top.Table("destination"), profiles);
        var section = top.Table("delivery");
        var initial = new DeliveryOptions { HostName = hostName };
        var options = initial with
        {
            Interface = section.Parsed<IPAddress?>("interface", null, TryInterface, "\"auto\" or an address", "auto"),
            MaxConnections = section.Integer("max_connections", initial.MaxConnections, 1, 1_000_000),
            MaxConnectionsPerAddress =
                section.Integer("max_connections_per_address", initial.MaxConnectionsPerAddress, 1, 1_000_000),
            PossibleDelivery = section.Flag("possible_delivery", initial.PossibleDelivery),
            HostRetryInitial = section.Duration("host_retry_initial", initial.HostRetryInitial, shortest, day),
            HostRetryMax = section.Duration("host_retry_max", initial.HostRetryMax, shortest, day),
            MaxBouncesPerHour =
                section.Integer("max_bounces_per_hour", initial.MaxBouncesPerHour, 0, 1_000_000),
            ConnectTimeout = section.Duration("connect_timeout", initial.ConnectTimeout, shortest, hour),
            GreetingTimeout = section.Duration("greeting_timeout", initial.GreetingTimeout, shortest, hour),
            CommandTimeout = section.Duration("command_timeout", initial.CommandTimeout, shortest, hour),
            DataTimeout = section.Duration("data_timeout", initial.DataTimeout, shortest, hour),
            FinalDotTimeout = section.Duration("final_dot_timeout", initial.FinalDotTimeout, shortest, hour),
            MaxReplyLine = limits.ReplyLine,
            MaxReplyLines = limits.ReplyLines,
            BounceProfiles = profiles,
            DefaultDestination = fallback,
            Destinations = destinations,
        };
        section.Done();
        section.Ordered(
            "host_retry_initial", options.HostRetryInitial, "host_retry_max", options.HostRetryMax);
        return options;
    }

    private static (DestinationControl Default, Dictionary<string, DestinationControl> Controls) ReadDestinations(
        Section section, Dictionary<string, BounceProfile> profiles)
    {
        var fallback = new DestinationControl();
        var named = section.Named().ToList();
        var written = named.FirstOrDefault(entry => entry.Name == "default").Section;
        if (written is not null) fallback = ReadDestination(written, fallback, profiles);
        var controls = new Dictionary<string, DestinationControl>(StringComparer.Ordinal);
        foreach (var (name, line, column, destination) in named)
        {
            if (name == "default") continue;
            var control = ReadDestination(destination, fallback, profiles);
            if (ReceivingDomain(name) is not { } domain)
                section.Errors.Add(line, column, $"'{name}' is not a receiving domain",
                    "Write a domain or an address literal in quotation marks: [destination.\"example.com\"].");
            else if (!controls.TryAdd(domain, control))
                section.Errors.Add(line, column, $"there is a destination '{domain}' already",
                    "Domains are the same in upper and lower case; put all keys under one header.");
        }
        return (fallback, controls);
    }

    private static DestinationControl ReadDestination(
        Section section, DestinationControl fallback, Dictionary<string, BounceProfile> profiles)
    {
        var control = new DestinationControl
        {
            MaxConnections = section.Integer("max_connections", fallback.MaxConnections, 1, 1_000_000),
            MaxMessagesPerConnection =
                section.Integer("max_messages_per_connection", fallback.MaxMessagesPerConnection, 1, 1_000_000),
            RecipientLimit = section.Integer("recipient_limit", fallback.RecipientLimit, 0, int.MaxValue),
            RecipientMinutes = section.Integer("recipient_minutes", fallback.RecipientMinutes, 1, 1_440),
            Tls = section.Word("tls", fallback.Tls, tlsPolicies),
            BounceProfile = section.Text("bounce_profile", fallback.BounceProfile, "default")!,
            IpPreference = section.Word("ip_preference", fallback.IpPreference, ipPreferences),
        };
        section.Done();
        if (!section.Has("bounce_profile") || profiles.ContainsKey(control.BounceProfile)) return control;
        // Where part of the file could not be read, the profile may stand in that part.
        if (!section.Errors.HasSyntaxErrors)
            section.Wrong("bounce_profile", $"there is no bounce profile '{control.BounceProfile}'",
                $"Did you mean \"{NearestWord.Of(control.BounceProfile, profiles.Keys)}\"? "
                + "A profile is made by its header [bounce_profile.NAME].");
        return control with { BounceProfile = "default" };
    }

    private static string? ReceivingDomain(string name)
    {
        if (name.StartsWith('[') && name.EndsWith(']'))
            return Addresses.TryParse(name[1..^1], out var address) ? $"[{address}]" : null;
        return Domain.TryParse(name, out var domain) ? domain.Name : null;
    }

    private static bool TryInterface(string text, out IPAddress? address)
    {
        address = null;
        if (text == "auto") return true;
        if (!Addresses.TryParse(text, out var parsed)) return false;
        address = parsed;
        return true;
    }
}
