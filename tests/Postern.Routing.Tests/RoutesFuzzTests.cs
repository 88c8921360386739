using System.Text;
using CsCheck;

namespace Postern.Routing.Tests;

/// <summary>Whatever octets a file has: a table or errors, never an exception .</summary>
public class RoutesFuzzTests
{
    private const string Seed =
        "\uFEFF# é\r\nexample.com 127.0.0.10:2510/pri=0, [a.example]:26/weight=3  auth=office # x\n" +
        ".b.example USEDNS\n" +
        "[2001:db8::/64] [2001:db8::25]:25\n10.0.0.1-10.0.0.9 /dev/null\nALL ::1,2001:db8::1\nbücher.example x\n";

    private static readonly HashSet<string> Profiles = ["office"];

    private static readonly byte[] Telling =
        Encoding.UTF8.GetBytes("\r\n\t\0 #,=/:[].-0aAé\uFEFF\U0001F600/pri=/weight=auth=USEDNSALL");

    private static void Check(byte[] file)
    {
        var load = SmtpRoutesFile.Parse(file, Profiles);
        Assert.Equal(load.Errors.Count == 0, load.IsValid);
        var lines = file.Count(b => b == '\n') + 1;
        foreach (var error in load.Errors)
        {
            Assert.InRange(error.Line, 1, lines);
            Assert.InRange(error.Column, 1, file.Length + 1);
            Assert.True(error.Message != "" && error.Remedy != "");
        }
        // Errors that a lookup would run into do not exist: every route of a table becomes an object.
        if (load.IsValid) Assert.Equal(load.Table.Count, load.Table.Routes.Count());
        if (RoutesDocument.Read(file, out _) is { } document)
        {
            Assert.Equal(file, document.ToBytes());
            document.Clear();
            if (load.IsValid) Assert.Equal(0, document.Check(Profiles).Table!.Count);
        }
    }

    [Fact]
    public void Any_octets() => Gen.Byte.Array[0, 200].Sample(Check, iter: 5_000);

    [Fact]
    public void Any_octets_that_mean_something() =>
        Gen.OneOf(Telling).Array[0, 100].Sample(Check, iter: 10_000);

    [Fact]
    public void A_good_file_with_some_octets_altered()
    {
        var seed = Encoding.UTF8.GetBytes(Seed);
        Check(seed);
        Assert.True(SmtpRoutesFile.Parse(seed, Profiles).IsValid);
        var change = Gen.Select(Gen.Int[0, seed.Length - 1], Gen.Int[0, 2], Gen.OneOf(Gen.Byte, Gen.OneOf(Telling)));
        change.Array[1, 6].Sample(changes =>
        {
            var file = seed.ToList();
            foreach (var (at, kind, octet) in changes)
            {
                if (kind == 0) file[at % file.Count] = octet;
                if (kind == 1) file.Insert(at % file.Count, octet);
                if (kind == 2) file.RemoveAt(at % file.Count);
            }
            Check([.. file]);
        }, iter: 10_000);
    }
}
