using System.Globalization;

namespace Postern.Mail.Tests;

/// <summary>A text for people with what was put into it.</summary>
public sealed class SentenceTests
{
    [Fact]
    public void It_keeps_the_words_apart_from_what_is_put_in()
    {
        var what = "{0}";
        var text = "a {b} c".AsSpan();

        Sentence sentence = $"the {text[2..5]} of '{what}' is U+{(int)'\t':X4}, not {{";

        Assert.Equal("the {0} of '{1}' is U+{2}, not {{", sentence.Form);
        Assert.Equal(["{b}", "{0}", "0009"], sentence.Parts);
        Assert.Equal("the {b} of '{0}' is U+0009, not {", sentence.ToString());
    }

    [Fact]
    public void What_is_put_in_looks_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("de-DE");
        try
        {
            Sentence sentence = $"{-1.5} of {10_000:N0}";
            Assert.Equal("-1.5 of 10,000", sentence.ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_sentence_within_another_stays_one()
    {
        Sentence inner = $"there are {3}";
        Sentence outer = $"it failed: {inner}";

        Assert.Same(inner, Assert.Single(outer.Parts));
        Assert.Equal("it failed: there are 3", outer.ToString());
    }

    [Fact]
    public void Two_that_say_the_same_are_equal()
    {
        Sentence one = $"a {"b"} c", other = $"a b {"c"}", third = $"a b d";

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, third);
        Assert.False(one.Equals(null));
    }
}
