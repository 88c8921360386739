using System.Text;
using Postern.Routes;

namespace Postern.Tests.Commands;

/// <summary>The lines that a version of the table added and removed.</summary>
public sealed class LineDiffTests
{
    [Theory]
    [InlineData("", "", 0, 0)]
    [InlineData("", "a\n", 1, 0)]
    [InlineData("a\nb\nc\n", "a\nc\n", 0, 1)]
    [InlineData("a\nb\nc\n", "c\nb\na\n", 0, 0)]
    [InlineData("a\na\n", "a\n", 0, 1)]
    [InlineData("a\r\nb\r\n", "a\nb", 0, 0)]
    [InlineData("xa\nb\n", "a\nb\n", 1, 1)]
    [InlineData("a\n\nb\n", "a\nb\n", 0, 1)]
    [InlineData("ab", "abc", 1, 1)]
    public void Counts_what_came_and_went(string before, string after, int added, int removed)
    {
        var found = Between(before, after);
        Assert.Equal((added, removed), (found.Added, found.Removed));
        Assert.Equal((removed, added), (Between(after, before).Added, Between(after, before).Removed));
    }

    [Fact]
    public void Any_two_files_differ_by_the_lines_that_one_has_more_often()
    {
        var random = new Random(1);
        for (var run = 0; run < 5_000; run++)
        {
            var (one, other) = (Lines(random), Lines(random));
            var found = Between(string.Join('\n', one), string.Join('\n', other));
            Assert.Equal(Missing(one, other), found.Lines.Where(l => l[0] == '-').Select(l => l[2..]).Order());
            Assert.Equal(Missing(other, one), found.Lines.Where(l => l[0] == '+').Select(l => l[2..]).Order());
        }
    }

    [Fact]
    public void Shows_the_first_of_many_of_each()
    {
        var found = Between(
            string.Join('\n', Enumerable.Range(0, 200)), string.Join('\n', Enumerable.Range(1000, 300)));
        Assert.Equal((300, 200), (found.Added, found.Removed));
        Assert.Equal(2 * LineDiff.MaxLines, found.Lines.Count);
        Assert.Equal(["- 0", "- 1"], found.Lines.Take(2));
        Assert.Equal("+ 1000", found.Lines[LineDiff.MaxLines]);
    }

    private static (int Added, int Removed, IReadOnlyList<string> Lines) Between(string before, string after) =>
        LineDiff.Between(Encoding.UTF8.GetBytes(before), Encoding.UTF8.GetBytes(after));

    private static List<string> Lines(Random random) =>
        [.. Enumerable.Range(0, random.Next(6))
            .Select(_ => new string((char)('a' + random.Next(2)), random.Next(1, 3)))];

    private static List<string> Missing(List<string> of, List<string> others)
    {
        var left = others.ToList();
        return [.. of.Where(line => !left.Remove(line)).Order()];
    }
}
