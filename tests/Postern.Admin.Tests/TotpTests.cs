using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Accounts;

namespace Postern.Admin.Tests;

/// <summary>Codes of an app and recovery codes, and what a login with them is worth (RFC 6238).</summary>
public sealed class TotpTests : IDisposable
{
    private const string Secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    private const string Password = "a lamp above the small gate";
    private static readonly IPAddress here = IPAddress.Parse("192.0.2.1");

    private readonly string folder = Directory.CreateTempSubdirectory("postern-totp-").FullName;
    private readonly FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddYears(40));
    private readonly AccountStore store;
    private readonly List<string> told = [];
    private readonly PasswordCheck check;

    public TotpTests()
    {
        store = new AccountStore(AccountsFile);
        store.Put(new Account("anna", AccountRole.Viewer, false, PasswordHash.Of(Password)));
        check = new PasswordCheck(store, time, told.Add);
    }

    private string AccountsFile => Path.Combine(folder, "accounts");

    public void Dispose()
    {
        check.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    // RFC 6238, appendix B, the rows of SHA-1.
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void A_code_is_that_of_the_RFC(long seconds, string code)
    {
        var step = Totp.StepOf(DateTimeOffset.FromUnixTimeSeconds(seconds));

        Assert.Equal(code, Totp.CodeOf("12345678901234567890"u8, step, digits: 8));
        Assert.Equal(code[2..], Totp.CodeOf("12345678901234567890"u8, step));
    }

    // RFC 4648 §10.
    [Theory]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    [InlineData("12345678901234567890", Secret)]
    public void Octets_are_written_in_Base32_and_read_back(string octets, string text)
    {
        Assert.Equal(text, Base32.Write(Encoding.ASCII.GetBytes(octets)));
        Assert.Equal(octets, Encoding.ASCII.GetString(Base32.Read(text)!));
        Assert.Null(Base32.Read(text + "1"));
    }

    [Fact]
    public void What_an_app_reads_holds_the_secret_and_names_gateway_and_account()
    {
        Assert.Equal($"otpauth://totp/gw.example%3Aanna%40x?secret={Secret}&issuer=gw.example",
            Totp.AddressOf("gw.example", "anna@x", Secret).OriginalString);
        Assert.True(Totp.IsSecret(Totp.NewSecret()));
        Assert.NotEqual(Totp.NewSecret(), Totp.NewSecret());
    }

    [Fact]
    public void A_clock_may_be_one_step_off_and_no_code_is_good_twice()
    {
        var fresh = new SecondFactor(Secret, 0, []);
        Assert.All([-1, 0, 1], off => Assert.NotNull(fresh.Take(Code(off), time.GetUtcNow())));
        Assert.All([-2, 2], off => Assert.Null(fresh.Take(Code(off), time.GetUtcNow())));

        var used = fresh.Take($" {Code(0)[..3]} {Code(0)[3..]}", time.GetUtcNow())!;

        Assert.Null(used.Take(Code(0), time.GetUtcNow()));
        Assert.Null(used.Take(Code(-1), time.GetUtcNow()));
        Assert.NotNull(used.Take(Code(1), time.GetUtcNow()));
    }

    [Fact]
    public async Task Recovery_codes_are_good_once_each_and_stored_as_hashes_for_the_owner_of_the_file()
    {
        var codes = await EnrolAsync();
        Assert.Equal(SecondFactor.RecoveryCodes, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Matches("^([a-z2-9]{5}-){2}[a-z2-9]{5}$", code));

        Assert.NotNull(await LogInAsync(Password, codes[3].ToUpperInvariant()));
        Assert.Null(await LogInAsync(Password, codes[3]));
        Assert.NotNull(await LogInAsync(Password, codes[4].Replace("-", " ", StringComparison.Ordinal)));

        Assert.Equal(8, store.Find("anna")!.Factor!.Recovery.Count);
        var file = await File.ReadAllTextAsync(AccountsFile);
        Assert.DoesNotContain(codes, code => file.Contains(code, StringComparison.Ordinal)
            || file.Contains(code.Replace("-", "", StringComparison.Ordinal), StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(AccountsFile));
    }

    [Fact]
    public async Task A_login_needs_both_and_its_refusal_tells_neither_which_was_wrong_nor_the_secret()
    {
        await EnrolAsync();
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await LogInAsync(Password, ""));
        Assert.Null(await LogInAsync(Password, "000000"));
        Assert.Null(await LogInAsync("wrong", Code(0)));

        // What came with a wrong password is not used up.
        Assert.NotNull(await LogInAsync(Password, Code(0)));
        Assert.Null(await LogInAsync(Password, Code(0)));
        Assert.Equal(4, told.Count);
        Assert.Single(told.Distinct());
        Assert.Equal("A login from 192.0.2.1 failed for the account anna", told[0]);
    }

    [Fact]
    public async Task Wrong_codes_have_to_wait_as_wrong_passwords_do()
    {
        await EnrolAsync();
        for (var i = 0; i < LoginLimits.Free; i++) await LogInAsync(Password, $"00000{i}");
        time.Advance(TimeSpan.FromMilliseconds(500));

        var waits = await check.CheckAsync("anna", Password, Code(1), here, PasswordCheck.LogIn, default);

        Assert.Null(waits.Account);
        Assert.Equal(TimeSpan.FromMilliseconds(500), waits.Wait);
    }

    [Fact]
    public async Task A_password_alone_opens_no_status_for_monitors()
    {
        Assert.NotNull((await check.CheckAsync("anna", Password, here, default)).Account);
        await EnrolAsync();
        Assert.Null((await check.CheckAsync("anna", Password, here, default)).Account);
    }

    [Fact]
    public async Task Where_nothing_can_be_written_a_code_of_the_app_is_still_good_and_once()
    {
        var codes = await EnrolAsync();
        time.Advance(TimeSpan.FromMinutes(1));
        File.Delete(AccountsFile + ".lock");
        Directory.CreateDirectory(AccountsFile + ".lock");

        Assert.NotNull(await LogInAsync(Password, Code(0)));
        Assert.Null(await LogInAsync(Password, Code(0)));
        Assert.Null(await LogInAsync(Password, codes[0]));
        Assert.StartsWith("A code that was used could not be written down", told[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("totp:SHORT:0:")]
    [InlineData("totp:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ:-1:")]
    [InlineData("hotp:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ:0:")]
    [InlineData("totp:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ:0: more")]
    public async Task A_line_with_a_second_factor_that_is_none_lets_nobody_in(string factor)
    {
        await File.WriteAllTextAsync(
            AccountsFile, (await File.ReadAllTextAsync(AccountsFile)).TrimEnd('\n') + $" {factor}\n");

        Assert.Throws<IOException>(() => store.Find("anna"));
    }

    [Fact]
    public async Task A_reset_of_the_password_leaves_the_second_factor_and_the_other_way_round()
    {
        await EnrolAsync();
        var edits = new AccountEdits(store, time);

        await edits.ResetAsync("anna");
        Assert.Equal((true, Secret), (store.Find("anna")!.IsOneTime, store.Find("anna")!.Factor!.Secret));
        await edits.ChooseAsync(store.Find("anna")!, "another lamp above it");
        Assert.NotNull(store.Find("anna")!.Factor);
        await edits.ResetTotpAsync("anna");

        Assert.Null(store.Find("anna")!.Factor);
        Assert.True(PasswordHash.Matches(store.Find("anna")!.Hash, "another lamp above it"));
    }

    private string Code(int off) => Totp.CodeOf(Base32.Read(Secret), Totp.StepOf(time.GetUtcNow()) + off);

    private async Task<IReadOnlyList<string>> EnrolAsync() =>
        (await new AccountEdits(store, time).EnrolAsync(store.Find("anna")!, Secret, Code(0))).RecoveryCodes;

    private async Task<Account?> LogInAsync(string password, string code) =>
        (await check.CheckAsync("anna", password, code, here, PasswordCheck.LogIn, default)).Account;
}
