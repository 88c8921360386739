using CsCheck;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>The index of forward-paths, held against a search through the paths themselves.</summary>
public sealed class PathTextTests
{
    private static readonly string[] Paths =
    [
        "bob@example.com", "Bob.Smith@Example.com", "b@b.example", "bo@b.example", "user12@d1.example",
        "user123@d12.example", "\"b o\"@b.example", "jürgen@example.com", "JÜRGEN@müller.example", "postmaster",
        "u@[10.1.2.3]",
    ];
    private static readonly string[] Parts =
    [
        "bob", "BOB@", "@example.com", "user12", "user123@", "b@b", "ü", "Ürgen@", "müller", ".",
        "o\"@", "nobody", "3]",
    ];

    private static readonly string[] Ascii = [.. Enumerable.Range(0, 0x80).Select(a => ((char)a).ToString())];

    [Fact]
    public void It_misses_nothing_and_finds_nothing_else() =>
        Gen.Select(Gen.Int[0, PathText.MostMessages - 1], Gen.Int[0, Paths.Length - 1].Array[0, 4])
            .Array[0, 120].Sample(steps =>
            {
                var text = new PathText();
                var model = new Dictionary<int, string[]>();
                foreach (var (place, paths) in steps)
                {
                    if (model.Remove(place)) text.Remove(place);
                    else text.Add(place, Recipients(model[place] = [.. paths.Select(path => Paths[path])]));
                    if (place % 8 == 0) text.Trim();
                }
                foreach (var part in Parts)
                {
                    var expected = model.Where(m => m.Value.Any(path => Has(path, part))).Select(m => m.Key).Order();
                    var found = text.Find(PathText.Fold(part));
                    Assert.Equal(expected, Enumerable.Range(0, 64).Where(place => (found >> place & 1) != 0));
                }
            }, iter: 500);

    [Fact]
    public void What_is_the_same_to_a_reader_is_the_same_here_for_every_character()
    {
        for (var c = '\u0080'; c < char.MaxValue; c++)
        {
            var text = c.ToString();
            Assert.DoesNotContain(Ascii, a => text.Equals(a, StringComparison.OrdinalIgnoreCase));
        }
    }

    private static bool Has(string path, string part) => path.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static List<StoredRecipient> Recipients(IEnumerable<string> paths) => [.. paths.Select((path, rid) =>
        new StoredRecipient(new EnvelopeRecipient(new Rid(rid), Mailbox.Parse(path)), RecipientState.Fresh))];
}
