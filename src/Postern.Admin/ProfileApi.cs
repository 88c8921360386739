using System.Text;
using Microsoft.AspNetCore.Http;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Delivery;

namespace Postern.Admin;

/// <summary>
/// Profiles of outgoing SMTP authentication over the API. A password is the body of a request, so that it stands in no
/// address and no log, and is in no answer.
/// </summary>
internal sealed class ProfileApi(AdminParts parts)
{
    private static readonly ApiParameter name = ApiParameter.Text(
        "name", "The name of the profile, as routes have it behind auth=.", "office") with
    { IsRequired = true };

    private static readonly ApiParameter userName =
        ApiParameter.Text("username", "The account at the destination hosts.", "gw@example.com");

    private static readonly ApiParameter variable = ApiParameter.Text(
        "password_env", "The environment variable with the password, instead of a body.", "POSTERN_OFFICE");

    private static readonly ApiParameter allowPlaintext =
        ApiParameter.Flag("allow_plaintext", "true: the password may be sent without TLS.");

    /// <summary>The operations.</summary>
    public IEnumerable<ApiOperation> All() =>
    [
        new(HttpMethod.Get, "/api/v1/profiles", "listProfiles", "The profiles, and the routes that use each.",
            typeof(ProfilesAnswer), List),
        Edit("new", "newProfile", "Makes a profile.", "The password, UTF-8; nothing where password_env is given.",
            (context, request) => parts.ProfileEdits.NewAsync(Name(context), request, context.RequestAborted)),
        Edit("edit", "editProfile", "Changes what is given of a profile.",
            "The new password, UTF-8; nothing: it stays.",
            (context, request) => parts.ProfileEdits.EditAsync(Name(context), request, context.RequestAborted)),
        new(HttpMethod.Post, "/api/v1/profiles/delete", "deleteProfile", "Deletes a profile that no route uses.",
            typeof(ProfilesAnswer), DeleteAsync)
        {
            Parameters = [name],
            Least = AccountRole.Administrator,
            IsConditional = true,
            Problems = [400, 412],
        },
    ];

    private ApiOperation Edit(
        string verb, string operation, string summary, string body,
        Func<HttpContext, ProfileRequest, Task<ProfileOutcome>> edit) =>
        new(HttpMethod.Post, $"/api/v1/profiles/{verb}", operation, summary, typeof(ProfilesAnswer),
            context => EditAsync(context, edit))
        {
            Parameters = [name, userName, variable, allowPlaintext],
            RequestBody = body,
            Least = AccountRole.Administrator,
            IsConditional = true,
            Problems = [400, 412],
        };

    private async Task<IResult> EditAsync(
        HttpContext context, Func<HttpContext, ProfileRequest, Task<ProfileOutcome>> edit)
    {
        var query = context.Request.Query;
        var octets = new byte[AuthProfile.MaxPassword + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(
            octets, octets.Length, throwOnEndOfStream: false, context.RequestAborted).ConfigureAwait(false);
        if (length > AuthProfile.MaxPassword)
            return ApiRequest.Problem(400, $"The password has more than {AuthProfile.MaxPassword} octets.");
        if (!ApiRequest.TryFlag(context, "allow_plaintext", out var plaintext, out var problem)) return problem;
        // A line that ends is how it comes out of a file or an editor.
        var password = Encoding.UTF8.GetString(octets, 0, length).TrimEnd('\r', '\n');
        var request = new ProfileRequest
        {
            UserName = query["username"],
            Password = password.Length > 0 ? password : null,
            Variable = query["password_env"],
            AllowPlaintext = plaintext,
            Expected = ApiRequest.Expected(context),
        };
        var note = AuditNote.Of(context);
        (note.Before, note.After) = (parts.ProfileEdits.Describe(Name(context)), request.Described);
        return Told(await edit(context, request).ConfigureAwait(false));
    }

    private async Task<IResult> DeleteAsync(HttpContext context)
    {
        if (ProfileUse.RefusalToDelete(parts.Routes(), Name(context)) is { } refusal)
            return ApiRequest.Problem(400, refusal);
        AuditNote.Of(context).Before = parts.ProfileEdits.Describe(Name(context));
        return Told(await parts.ProfileEdits.DeleteAsync(
            Name(context), ApiRequest.Expected(context), context.RequestAborted).ConfigureAwait(false));
    }

    private IResult Told(ProfileOutcome outcome) => outcome.Refusal is { } refusal
        ? ApiRequest.Problem(outcome.IsOutdated ? 412 : 400, refusal)
        : ApiRequest.Json(new ProfilesAnswer(ProfileUse.All(parts)));

    private Task<IResult> List(HttpContext context) =>
        Task.FromResult(ApiRequest.Json(new ProfilesAnswer(ProfileUse.All(parts))));

    private static string Name(HttpContext context) => context.Request.Query["name"].FirstOrDefault() ?? "";
}

/// <summary>The profiles, by name.</summary>
public sealed record ProfilesAnswer(IReadOnlyList<ProfileForm> Profiles);

/// <summary>A profile of outgoing SMTP authentication; its password is told nowhere.</summary>
/// <param name="Name">As routes have it behind <c>auth=</c>.</param>
/// <param name="UserName">The account at the destination hosts.</param>
/// <param name="PasswordFile">The file with the password; null: it comes from the environment.</param>
/// <param name="PasswordEnvironment">The variable with the password; null: it comes from a file.</param>
/// <param name="AllowPlaintext">It may be sent without TLS.</param>
/// <param name="Routes">The keys of the first 1000 routes that use it.</param>
/// <param name="RouteCount">How many routes use it.</param>
/// <param name="Version">For <c>If-Match</c>.</param>
/// <param name="PasswordProblem">Why the gateway cannot read the password now; null: it can.</param>
public sealed record ProfileForm(
    string Name, string UserName, string? PasswordFile, string? PasswordEnvironment, bool AllowPlaintext,
    IReadOnlyList<string> Routes, int RouteCount, string Version,
    string? PasswordProblem);
