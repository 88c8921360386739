using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Postern.Admin;

namespace Postern.Tests.Running;

/// <summary>Profiles of outgoing authentication over the API of a running gateway, on a real postern.toml.</summary>
public sealed class ProfileApiTests : IAsyncLifetime
{
    private readonly WorkFolder work = new($"# mine\n{WorkFolder.FreePorts}# end\n");
    private RunningGateway running = null!;

    public async ValueTask InitializeAsync()
    {
        work.Write("smtproutes", "example.com 10.0.0.1\n");
        running = await RunningGateway.StartAsync(work);
    }

    public async ValueTask DisposeAsync()
    {
        await running.DisposeAsync();
        work.Dispose();
    }

    [Fact]
    public async Task A_profile_is_made_used_changed_and_deleted_and_its_password_is_told_nowhere()
    {
        var made = Assert.Single(await DoneAsync("profiles/new?name=office&username=gw", "s3cret\n"));
        Assert.Equal(("office", "gw", 0), (made.Name, made.UserName, made.RouteCount));
        Assert.Equal("s3cret\n", work.Read("secrets/office"));
        Assert.StartsWith("# mine\n", work.Read("postern.toml"), StringComparison.Ordinal);
        // In force at once: a route may name it.
        await TryAsync("routes/edit?key=example.com&hosts=10.0.0.1&option=auth%3Doffice", "");
        Assert.Equal("office", running.Gateway.Routes.Routes.Single().AuthProfile);

        var list = await running.Http.GetFromJsonAsync<ProfilesAnswer>(At("profiles"), ApiJson.Options);
        var used = Assert.Single(list!.Profiles);
        Assert.Equal(["example.com"], used.Routes);
        var (status, detail) = await TryAsync("profiles/delete?name=office", "");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("used by the route example.com", detail, StringComparison.Ordinal);

        var changed = Assert.Single(await DoneAsync("profiles/edit?name=office&username=other", ""));
        Assert.Equal("other", running.Gateway.Configuration.AuthProfiles["office"].UserName);
        Assert.Equal("s3cret\n", work.Read("secrets/office"));
        (status, detail) = await TryAsync("profiles/edit?name=office", "mine", used.Version);
        Assert.Equal(HttpStatusCode.PreconditionFailed, status);
        Assert.Contains("its account is 'other' now", detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await TryAsync("profiles/edit?name=office", "mine", changed.Version)).Status);
        Assert.Equal("mine\n", work.Read("secrets/office"));
        // A password that somebody else has set is a change as well.
        Assert.Equal(HttpStatusCode.PreconditionFailed,
            (await TryAsync("profiles/edit?name=office", "theirs", changed.Version)).Status);

        await TryAsync("routes/edit?key=example.com&hosts=10.0.0.1&option=auth%3D", "");
        Assert.Empty(await DoneAsync("profiles/delete?name=office", ""));
        Assert.False(File.Exists(work.PathOf("secrets/office")));
        var audit = await File.ReadAllTextAsync(work.PathOf("data/logs/audit.log"));
        Assert.Contains("\"action\":\"newProfile\"", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("theirs", audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new?name=a%20b&username=x", "p", "is no name of a profile")]
    [InlineData("new?name=office", "p", "username is missing")]
    [InlineData("new?name=office&username=x", "", "The password is missing")]
    [InlineData("edit?name=office", "p", "There is no profile 'office'")]
    [InlineData("delete?name=office", "", "There is no profile 'office'")]
    [InlineData("new?name=office&username=x&allow_plaintext=1", "p", "allow_plaintext is true or false")]
    [InlineData("new?name=office&username=x&password=p", "", "'password' is no parameter")]
    public async Task What_is_wrong_is_told_and_changes_nothing(string request, string body, string says)
    {
        var before = work.Read("postern.toml");
        var (status, detail) = await TryAsync($"profiles/{request}", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(says, detail, StringComparison.Ordinal);
        Assert.Equal(before, work.Read("postern.toml"));
    }

    [Fact]
    public async Task A_configuration_that_is_missing_does_not_begin_anew_with_one_profile()
    {
        File.Delete(work.PathOf("postern.toml"));

        var (status, detail) = await TryAsync("profiles/new?name=office&username=gw", "s3cret\n");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("postern.toml", detail, StringComparison.Ordinal);
        Assert.False(File.Exists(work.PathOf("postern.toml")));
        Assert.False(File.Exists(work.PathOf("secrets/office")));
    }

    private async Task<IReadOnlyList<ProfileForm>> DoneAsync(string request, string body)
    {
        using var content = new StringContent(body);
        using var answer = await running.Http.PostAsync(At(request), content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<ProfilesAnswer>(ApiJson.Options))!.Profiles;
    }

    private async Task<(HttpStatusCode Status, string Detail)> TryAsync(
        string request, string body, string? version = null)
    {
        using var post = new HttpRequestMessage(HttpMethod.Post, At(request)) { Content = new StringContent(body) };
        if (version is not null) post.Headers.TryAddWithoutValidation("If-Match", $"\"{version}\"");
        using var answer = await running.Http.SendAsync(post);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return (answer.StatusCode,
            json.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString()! : "");
    }

    private static Uri At(string path) => new("/api/v1/" + path, UriKind.Relative);
}
