using System.Text;
using Postern.Admin;
using Postern.Commands;
using Postern.Configuration;
using Postern.Delivery;
using Postern.Mail;
using Postern.Routes;
using Postern.Routing;

namespace Postern.Profiles;

/// <summary>
/// Changes the profiles of postern.toml and the files of their passwords. Every edit is read again whole before it is
/// written: one that would make the file wrong, or would not do what it should, is refused. One edit at a time over all
/// processes.
/// </summary>
internal sealed class ProfileEditor(ConfigurationFile file, PosternConfiguration configuration, TimeProvider time)
{
    /// <summary>
    /// Looks at the file as it is when the edit is made, with no other edit in between, and says why the edit is not
    /// made; null: it is.
    /// </summary>
    public Func<PosternConfiguration, Sentence?>? Precondition { get; init; }

    private string Folder => ConfigurationReader.FolderOf(file.Name);

    /// <summary>Adds a profile and writes its password, unless that comes from the environment.</summary>
    /// <returns>Why not; null: done.</returns>
    public Task<Sentence?> NewAsync(string name, ProfileRequest change, CancellationToken cancellationToken) =>
        EditAsync(change.Password is null ? null : (name, change.Password), document =>
        {
            document.Add(name, Values(name, change));
            return null;
        }, after => Fits(after, name, change), cancellationToken);

    /// <summary>Changes what is given of a profile.</summary>
    /// <returns>Why not; null: done.</returns>
    public Task<Sentence?> EditAsync(AuthProfile before, ProfileRequest change, CancellationToken cancellationToken)
    {
        var name = before.Name;
        return EditAsync(change.Password is null ? null : (name, change.Password), document =>
        {
            var isWritten = true;
            foreach (var (key, value) in Values(name, change)) isWritten &= document.Set(name, key, value);
            if (change.Password is not null) isWritten &= document.Set(name, "password_env", null);
            if (change.Variable is not null) isWritten &= document.Set(name, "password_file", null);
            return isWritten ? null : ByHand(name);
        }, after => Fits(after, name, change), cancellationToken);
    }

    /// <summary>Deletes a profile, and the file of its password where this program wrote it.</summary>
    /// <returns>Why not; null: done.</returns>
    public async Task<Sentence?> DeleteAsync(AuthProfile profile, CancellationToken cancellationToken)
    {
        var refusal = await EditAsync(null,
            document => document.Remove(profile.Name) ? null : ByHand(profile.Name),
            after => !after.AuthProfiles.ContainsKey(profile.Name), cancellationToken);
        if (refusal is null && profile.PasswordFile == SecretFile(profile.Name)) File.Delete(profile.PasswordFile);
        return refusal;
    }

    private static List<(string Key, string Value)> Values(string name, ProfileRequest change)
    {
        List<(string, string)> values = [];
        if (change.UserName is { } user) values.Add(("username", ProfileDocument.Quoted(user)));
        if (change.Password is not null) values.Add(("password_file", ProfileDocument.Quoted($"secrets/{name}")));
        if (change.Variable is { } variable) values.Add(("password_env", ProfileDocument.Quoted(variable)));
        if (change.AllowPlaintext is { } allow) values.Add(("allow_plaintext", allow ? "true" : "false"));
        return values;
    }

    private bool Fits(PosternConfiguration after, string name, ProfileRequest change) =>
        after.AuthProfiles.TryGetValue(name, out var profile)
        && (change.UserName is null || profile.UserName == change.UserName)
        && (change.Password is null || profile.PasswordFile == SecretFile(name))
        && (change.Variable is null || profile.PasswordEnvironment == change.Variable)
        && (change.AllowPlaintext is null || profile.AllowPlaintext == change.AllowPlaintext);

    private static Sentence ByHand(string name) =>
        $"the profile '{name}' is not written as a table of its own; edit it by hand";

    private string SecretFile(string name) => Path.Combine(Folder, "secrets", name);

    private async Task<Sentence?> EditAsync(
        (string Name, string Password)? secret, Func<ProfileDocument, Sentence?> edit,
        Func<PosternConfiguration, bool> fits, CancellationToken cancellationToken)
    {
        // The lock of the routes: a route and the profile that it names do not change at the same time.
        DataFolder.Make(configuration.DataFolder);
        using var only = await FileLock.TakeAsync(
            Path.Combine(RoutesHistory.FolderIn(configuration.DataFolder), "lock"), time, cancellationToken);
        var text = "";
        if (file.IsUsed)
        {
            var reading = FileReading.Of(file.Name, ConfigurationReader.MaxFileSize);
            if (reading.Content is not { } content) return reading.Problem;
            text = Encoding.UTF8.GetString(content.Span);
        }

        if (Precondition is { } may && ConfigurationReader.Read(text, file.Name, Folder).Configuration is { } now
            && may(now) is { } not) return not;
        var document = new ProfileDocument(text);
        if (edit(document) is { } refusal) return refusal;
        // The configuration is right only with the file that it names, so that the password is written first.
        var undo = secret is { } given ? WriteSecret(given.Name, given.Password) : static () => { };
        var outcome = ConfigurationReader.Read(document.ToString(), file.Name, Folder);
        if (outcome.Configuration is not { } after || !fits(after))
        {
            var why = WhyNot(outcome, text);
            AtomicFile.TakeBack(new IOException(why), undo);
            return why;
        }
        try
        {
            AtomicFile.WriteTo(file.Name, Encoding.UTF8.GetBytes(document.ToString()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An edit that is told to have failed leaves the password as it was, too.
            AtomicFile.TakeBack(e, undo);
            throw;
        }
        return null;
    }

    // What the edit would bring in has a place in no file; what was wrong before has.
    private Sentence WhyNot(ConfigurationResult outcome, string before)
    {
        if (ConfigurationReader.Read(before, file.Name, Folder).Errors is [var first, ..]) return $"{first}";
        if (outcome.Errors is [var error, ..]) return $"{$"{error.Text}. {error.Remedy}".TrimEnd('.')}";
        return $"{file.Name} has the profile in a form that must be edited by hand";
    }

    /// <summary>Writes a password that only its owner can read; returns what puts back what was there.</summary>
    private Action WriteSecret(string name, string password)
    {
        var path = SecretFile(name);
        // The gateway has to read it, whose user is the owner of the data folder: the configuration, beside which the
        // passwords are, may be root's.
        var gateway = configuration.DataFolder;
        FileOwner.MakeFolder(Path.GetDirectoryName(path)!, DataFolder.OwnerOnly, asOwnerOf: gateway);
        var before = File.Exists(path) ? File.ReadAllBytes(path) : null;
        AtomicFile.WriteSecret(path, Encoding.UTF8.GetBytes(password + "\n"), gateway);
        return () =>
        {
            if (before is null) AtomicFile.Delete(path);
            else AtomicFile.WriteSecret(path, before, gateway);
        };
    }
}
