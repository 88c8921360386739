using System.Text.Json;

namespace Postern.Tests.Commands;

/// <summary><c>postern smtpauth</c> on a file, without a running gateway (contract §1, §2).</summary>
public sealed class SmtpAuthTests : IDisposable
{
    private const string Secret = "s3cret \"word\"";

    private const string Before = WorkFolder.FreePorts + """

        # for the office
        [auth_profile.office]   # since 2024
        username = 'gw@example.com'  # ours
        password_env = "OFFICE_PASSWORD"

        # the rest
        [log]
        json = false

        """;

    private readonly WorkFolder work = new(Before);

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task New_makes_a_profile_and_a_file_that_only_its_owner_reads()
    {
        var output = await DoneAsync(Secret + "\n", "new", "partner", "--username", "me@partner.example");

        Assert.Contains("auth=partner", output, StringComparison.Ordinal);
        Assert.Equal(Secret + "\n", work.Read("secrets/partner"));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(work.PathOf("secrets/partner"))
            == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.True(OperatingSystem.IsWindows()
            || File.GetUnixFileMode(work.PathOf("secrets")) == DataFolder.OwnerOnly);
        Assert.Equal(Before + """

            [auth_profile.partner]
            username = "me@partner.example"
            password_file = "secrets/partner"

            """, work.Read("postern.toml"));
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_takes_the_name_of_a_variable_in_place_of_a_password()
    {
        await DoneAsync(null, "new", "a.b", "--username", "me", "--password-env", "P", "--allow-plaintext", "true");

        Assert.EndsWith("""
            [auth_profile."a.b"]
            username = "me"
            password_env = "P"
            allow_plaintext = true

            """, work.Read("postern.toml"), StringComparison.Ordinal);
        await DoneAsync(null, "delete", "a.b");
        Assert.Equal(Before.TrimEnd(), work.Read("postern.toml").TrimEnd());
    }

    [Fact]
    public async Task Edit_changes_what_is_given_and_leaves_comments_and_formatting()
    {
        await DoneAsync(null, "edit", "office", "--username", "o'connor@example.com", "--allow-plaintext", "true");
        await DoneAsync("new word\n", "edit", "office");

        Assert.Equal(Before
            .Replace("'gw@example.com'", "\"o'connor@example.com\"", StringComparison.Ordinal)
            .Replace("password_env = \"OFFICE_PASSWORD\"\n", "", StringComparison.Ordinal)
            .Replace("# since 2024\n", "# since 2024\npassword_file = \"secrets/office\"\nallow_plaintext = true\n",
                StringComparison.Ordinal), work.Read("postern.toml"));
        Assert.Equal("new word\n", work.Read("secrets/office"));
    }

    [Fact]
    public async Task Delete_refuses_while_a_route_uses_the_profile()
    {
        work.Write("smtproutes", "example.com host.example auth=office\n");

        var (code, _, error) = await work.RunAsync("smtpauth", "delete", "office");

        Assert.Equal(1, code);
        Assert.Contains("'office' is used by the route example.com", error, StringComparison.Ordinal);
        Assert.Equal(Before, work.Read("postern.toml"));
    }

    [Fact]
    public async Task Delete_takes_away_the_table_and_its_password_and_nothing_else()
    {
        await DoneAsync("word\n", "edit", "office");

        await DoneAsync(null, "delete", "office");

        Assert.Equal(WorkFolder.FreePorts + "\n# for the office\n\n# the rest\n[log]\njson = false\n",
            work.Read("postern.toml"));
        Assert.False(File.Exists(work.PathOf("secrets/office")));
    }

    [Fact]
    public async Task Print_names_the_routes_and_never_the_secret()
    {
        work.Write("smtproutes", "example.com host.example auth=office\n");
        await DoneAsync(Secret + "\n", "edit", "office");

        var text = await DoneAsync(null, "print");
        var json = await DoneAsync(null, "print", "--json");

        Assert.Equal($"office  username gw@example.com, password from {work.PathOf("secrets/office")}, "
            + "used by 1 route\n", text);
        var profile = JsonDocument.Parse(json).RootElement[0];
        Assert.Equal("office", profile.GetProperty("name").GetString());
        Assert.Equal("example.com", profile.GetProperty("routes")[0].GetString());
        Assert.DoesNotContain("s3cret", text + json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "there is a profile 'office' already", "new", "office", "--username", "x")]
    [InlineData(1, "there is no profile 'offise'; did you mean 'office'?", "edit", "offise")]
    [InlineData(1, "there is no profile 'x'", "delete", "x")]
    [InlineData(1, "no password was given", "new", "x", "--username", "x")]
    [InlineData(2, "--username is missing", "new", "x")]
    [InlineData(2, "is no name of a profile", "new", "a/b", "--username", "x")]
    [InlineData(2, "is no name of a profile", "new", "..", "--username", "x")]
    [InlineData(2, "is no name of a profile", "new", ".x", "--username", "x")]
    [InlineData(2, "--username is empty", "new", "x", "--username", "", "--password-env", "P")]
    [InlineData(2, "--password-env is empty", "new", "x", "--username", "x", "--password-env", "")]
    [InlineData(1, "postern: username is", "new", "x", "--username", "a\nb", "--password-env", "P")]
    public async Task What_is_wrong_is_refused_and_nothing_is_written(int expected, string says, params string[] words)
    {
        var (code, output, error) = await work.RunAsync(["smtpauth", .. words]);

        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.Equal(Before, work.Read("postern.toml"));
        Assert.False(Directory.Exists(work.PathOf("secrets")));
    }

    [Fact]
    public async Task A_profile_in_another_form_is_not_touched()
    {
        work.Write("postern.toml", WorkFolder.FreePorts
            + "[auth_profile]\noffice = { username = \"u\", password_env = \"P\" }\n");
        var before = work.Read("postern.toml");

        var (code, _, error) = await work.RunAsync("smtpauth", "edit", "office", "--username", "v");

        Assert.Equal(1, code);
        Assert.Contains("edit it by hand", error, StringComparison.Ordinal);
        Assert.Equal(before, work.Read("postern.toml"));
    }

    private async Task<string> DoneAsync(string? typed, params string[] words)
    {
        var (code, output, error) = await work.RunOnAsync(
            typed, TimeProvider.System, ["smtpauth", .. words]);
        Assert.Equal((0, ""), (code, error));
        return output;
    }
}
