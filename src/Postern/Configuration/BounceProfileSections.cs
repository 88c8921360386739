using System.Text;
using Postern.Delivery;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Routing;

namespace Postern.Configuration;

/// <summary>Reads <c>[bounce_profile.*]</c> and the templates that they name.</summary>
internal static class BounceProfileSections
{
    /// <summary>A template is a page of text.</summary>
    private const int MaxTemplateSize = 64_000;

    private const string BuiltIn = "built-in";

    private static readonly UTF8Encoding strictUtf8 = new(false, throwOnInvalidBytes: true);
    private static readonly TimeSpan shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan day = TimeSpan.FromDays(1);
    private static readonly TimeSpan year = TimeSpan.FromDays(365);

    /// <summary>The words for languages.</summary>
    public static readonly IReadOnlyList<(string, ReportLanguage)> Languages =
    [
        ("en", ReportLanguage.English), ("de", ReportLanguage.German), ("both", ReportLanguage.Both),
    ];

    /// <summary>The profiles by name; there is always one called default.</summary>
    public static Dictionary<string, BounceProfile> Read(Section section, string folder)
    {
        var fallback = new BounceProfile();
        var named = section.Named().ToList();
        var written = named.FirstOrDefault(entry => entry.Name == "default").Section;
        if (written is not null) fallback = ReadProfile(written, fallback, folder);
        var profiles = new Dictionary<string, BounceProfile>(StringComparer.Ordinal) { ["default"] = fallback };
        foreach (var (name, line, column, profile) in named)
        {
            if (name == "default") continue;
            if (ProfileName.IsValid(name)) profiles[name] = ReadProfile(profile, fallback with { Name = name }, folder);
            else section.Errors.Add(line, column, "the name of a bounce profile has a character that it may not have",
                $"{ProfileName.Remedy}.");
        }
        return profiles;
    }

    /// <summary>A profile; what it does not say is as in the profile <c>default</c>.</summary>
    private static BounceProfile ReadProfile(Section section, BounceProfile fallback, string folder)
    {
        var profile = fallback with
        {
            MaxRetries = section.Integer("max_retries", fallback.MaxRetries, 0, 100_000),
            MaxTimeInQueue = section.Duration("max_time_in_queue", fallback.MaxTimeInQueue, shortest, year),
            InitialWait = section.Duration("initial_wait", fallback.InitialWait, shortest, 7 * day),
            MaxWait = section.Duration("max_wait", fallback.MaxWait, shortest, 7 * day),
            SendBounces = section.Flag("send_bounces", fallback.SendBounces),
            DelayWarning = section.Parsed("delay_warning", fallback.DelayWarning, TryDelayWarning,
                "\"off\" or a duration", "4h"),
            MaxBounceCopy = section.Size("max_bounce_copy", fallback.MaxBounceCopy, 0, 10_000_000),
            Language = section.Word("language", fallback.Language, Languages),
            Template = ReadTemplate(section, fallback.Template, folder),
        };
        section.Done();
        section.Ordered("initial_wait", profile.InitialWait, "max_wait", profile.MaxWait);
        return profile;
    }

    private static ReportTemplate? ReadTemplate(Section section, ReportTemplate? fallback, string folder)
    {
        if (section.Text("template", null, "bounce.txt") is not { } name) return fallback;
        if (name == BuiltIn) return null;
        var file = ConfigurationReader.Rooted(folder, name);
        var reading = FileReading.Of(file, MaxTemplateSize);
        if (reading.Content is not { } content)
        {
            section.Wrong("template", reading.Problem!,
                $"Name a file with the text of bounces, or write \"{BuiltIn}\".");
            return null;
        }
        if (TextOf(content.Span) is not { } text)
        {
            section.Errors.Add(new(file, 1, 1, "the file is not UTF-8", "Save it as UTF-8."));
            return null;
        }
        var template = ReportTemplateParser.Parse(text, out var errors);
        foreach (var e in errors) section.Errors.Add(new(file, e.Line, e.Column, e.Text, e.Remedy));
        return template;
    }

    private static string? TextOf(ReadOnlySpan<byte> octets)
    {
        if (octets.StartsWith(Encoding.UTF8.Preamble)) octets = octets[3..];
        try
        {
            return strictUtf8.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool TryDelayWarning(string text, out TimeSpan? wait)
    {
        wait = null;
        if (text == "off") return true;
        if (!Amounts.TryParseDuration(text, out var duration) || duration <= TimeSpan.Zero) return false;
        wait = duration;
        return true;
    }
}
