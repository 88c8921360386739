using System.Net;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Accounts;

namespace Postern.Admin.Tests;

/// <summary>The accounts file, hashes and the limits of logins (contract §6, hardening §4.1 and §4.3).</summary>
public sealed class AccountTests : IDisposable
{
    private static readonly IPAddress here = IPAddress.Parse("192.0.2.1");

    private readonly string folder = Directory.CreateTempSubdirectory("postern-accounts-").FullName;
    private readonly FakeTimeProvider time = new();

    private string AccountsFile => Path.Combine(folder, "accounts");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_first_password_is_made_once_and_stored_as_a_hash_for_its_owner()
    {
        var store = new AccountStore(AccountsFile);

        var password = store.MakeFirst()!;

        Assert.Null(store.MakeFirst());
        Assert.Matches("^([a-z2-9]{5}-){4}[a-z2-9]{5}$", password);
        var account = Assert.Single(store.Read());
        Assert.Equal((Account.Admin, AccountRole.Administrator, true), (account.Name, account.Role, account.IsOneTime));
        Assert.StartsWith("pbkdf2-sha256:600000:", account.Hash, StringComparison.Ordinal);
        Assert.DoesNotContain(password, File.ReadAllText(AccountsFile), StringComparison.Ordinal);
        Assert.Equal(["accounts"], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(AccountsFile));
        Assert.True(PasswordHash.Matches(account.Hash, password));
        Assert.False(PasswordHash.Matches(account.Hash, password + "x"));
    }

    [Fact]
    public void A_reset_leaves_other_accounts_alone()
    {
        var store = new AccountStore(AccountsFile);
        var first = store.MakeFirst();
        var other = new Account("nagios", AccountRole.Viewer, false, PasswordHash.Of("x"));
        store.Put(other);

        var second = store.Reset();

        Assert.NotEqual(first, second);
        Assert.Equal([Account.Admin, "nagios"], store.Read().Select(a => a.Name));
        Assert.Equal(other, store.Find("nagios"));
        Assert.False(PasswordHash.Matches(store.Find(Account.Admin)!.Hash, first!));
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("admin root chosen HASH")]
    [InlineData("ad/min viewer chosen HASH")]
    [InlineData("admin viewer chosen pbkdf2-sha256:1:AAAAAAAAAAAAAAAAAAAAAA==:x")]
    [InlineData("admin viewer sometimes HASH")]
    public void A_line_that_is_no_account_is_named(string line)
    {
        var store = new AccountStore(AccountsFile);
        store.Put(new Account("one", AccountRole.Viewer, false, PasswordHash.Of("x")));
        File.AppendAllText(AccountsFile,
            line.Replace("HASH", store.Find("one")!.Hash, StringComparison.Ordinal) + "\n");

        var failed = Assert.Throws<IOException>(() => store.Find("one"));

        Assert.StartsWith($"{AccountsFile}:2: this is no account", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_that_was_right_is_wrong_as_soon_as_the_file_says_so()
    {
        var store = new AccountStore(AccountsFile);
        using var check = new PasswordCheck(store, time, static _ => { });
        var first = store.MakeFirst()!;
        Assert.NotNull(await LogInAsync(check, first));
        Assert.NotNull(await LogInAsync(check, first));
        Assert.Null(await LogInAsync(check, first + "x"));

        var second = store.Reset();

        Assert.Null(await LogInAsync(check, first));
        Assert.NotNull(await LogInAsync(check, second));
    }

    [Fact]
    public void The_wait_doubles_up_to_a_bound_and_is_longer_for_an_address()
    {
        var limits = new LoginLimits(time);
        var waits = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            limits.Failed(here, Account.Admin);
            waits.Add(limits.WaitOf(here, "other").TotalSeconds);
        }

        Assert.Equal([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900], waits[..15]);
        Assert.All(waits[15..], wait => Assert.Equal(900, wait));
        // The owner of the account, elsewhere, is not kept out for so long.
        Assert.Equal(30, limits.WaitOf(IPAddress.Parse("192.0.2.2"), Account.Admin).TotalSeconds);
        Assert.Equal(0, limits.WaitOf(IPAddress.Parse("192.0.2.2"), "other").TotalSeconds);
        time.Advance(TimeSpan.FromSeconds(900));
        Assert.Equal(TimeSpan.Zero, limits.WaitOf(here, Account.Admin));
        time.Advance(LoginLimits.Memory);
        limits.Failed(here, Account.Admin);
        Assert.Equal(TimeSpan.Zero, limits.WaitOf(here, Account.Admin));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:127.0.0.2")]
    [InlineData("::1")]
    public void This_machine_waits_no_longer_than_an_account(string address)
    {
        var limits = new LoginLimits(time);
        for (var i = 0; i < 30; i++) limits.Failed(IPAddress.Parse(address), $"guess{i}");

        Assert.Equal(LoginLimits.MaxOfAccount, limits.WaitOf(IPAddress.Parse(address), Account.Admin));
    }

    [Fact]
    public void Who_has_logged_in_from_there_before_is_kept_out_by_own_mistakes_alone()
    {
        var limits = new LoginLimits(time);
        var there = IPAddress.Parse("192.0.2.2");
        limits.Succeeded(here, Account.Admin, "hash");
        for (var i = 0; i < 30; i++)
        {
            limits.Failed(here, $"guess{i}");
            limits.Failed(there, Account.Admin, "hash");
        }

        Assert.Equal(TimeSpan.Zero, limits.WaitOf(here, Account.Admin, "hash"));
        Assert.NotEqual(TimeSpan.Zero, limits.WaitOf(here, "anna", "other"));
        for (var i = 0; i < 30; i++) limits.Failed(here, Account.Admin, "hash");
        Assert.Equal(LoginLimits.MaxOfAccount, limits.WaitOf(here, Account.Admin, "hash"));
    }

    [Fact]
    public async Task A_reset_ends_the_wait_of_the_account()
    {
        var store = new AccountStore(AccountsFile);
        store.MakeFirst();
        using var check = new PasswordCheck(store, time, static _ => { });
        for (var i = 0; i < LoginLimits.Free; i++)
            await check.CheckAsync(Account.Admin, "guess", IPAddress.Parse($"192.0.2.{i + 10}"), default);
        Assert.NotEqual(TimeSpan.Zero, (await check.CheckAsync(Account.Admin, "guess", here, default)).Wait);

        var password = store.Reset();

        Assert.NotNull(await LogInAsync(check, password));
    }

    [Fact]
    public void A_network_of_IPv6_counts_as_one_address()
    {
        var limits = new LoginLimits(time);
        for (var i = 0; i < LoginLimits.Free; i++) limits.Failed(IPAddress.Parse($"2001:db8::{i + 1}"), $"u{i}");

        Assert.NotEqual(TimeSpan.Zero, limits.WaitOf(IPAddress.Parse("2001:db8::ffff"), "x"));
        Assert.Equal(TimeSpan.Zero, limits.WaitOf(IPAddress.Parse("2001:db8:0:1::1"), "x"));
    }

    [Fact]
    public void What_is_remembered_has_a_bound_and_the_oldest_goes_first()
    {
        var limits = new LoginLimits(time);
        for (var i = 0; i < LoginLimits.Free; i++) limits.Failed(here, "");
        for (var i = 0; i < LoginLimits.MaxRemembered; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            limits.Failed(new IPAddress([10, 1, (byte)(i >> 8), (byte)i]), "");
        }

        Assert.Equal(LoginLimits.MaxRemembered, limits.Remembered);
        Assert.Equal(TimeSpan.Zero, limits.WaitOf(here, "known"));
    }

    private static async Task<Account?> LogInAsync(PasswordCheck check, string password) =>
        (await check.CheckAsync(Account.Admin, password, here, default)).Account;
}
