namespace Tidy;

/// <summary>The rules, applied to everything in the checkout.</summary>
public class CheckoutTests
{
    private static readonly RepositoryFiles Files = RepositoryFiles.Here;
    private static readonly IReadOnlyList<SourceFile> Src = Files.Sources("src");
    private static readonly IReadOnlyList<SourceFile> All = Files.Sources("src", "tests", "bench", "fuzz");

    [Fact]
    public void Project_references_follow_the_picture() => None(
        from path in Files.Paths("src", ".csproj")
        from complaint in Picture().Project(path, Files.Read(path))
        select complaint);

    [Fact]
    public void Namespaces_follow_the_picture() => None(Src.SelectMany(Picture().Source));

    [Fact]
    public void Every_room_of_the_picture_has_a_project() => Assert.Equal(
        Files.Paths("src", ".csproj").Select(path => Path.GetFileNameWithoutExtension(path)!)
            .Order(StringComparer.Ordinal),
        Picture().Rooms.Order(StringComparer.Ordinal));

    [Fact]
    public void Files_and_lines_fit_the_screen() => None(SizeRules.FilesAndLines(All));

    [Fact]
    public void Methods_fit_the_screen() => None(SizeRules.Methods(All));

    [Fact]
    public void Types_stay_small() => None(SizeRules.Types(Src));

    [Fact]
    public void Types_are_named_in_the_words_of_the_field() => None(WordRules.TypeNames(All));

    [Fact]
    public void Comments_put_nothing_off_and_cite_in_one_form() => None(WordRules.Comments(All));

    [Fact]
    public void Documents_put_nothing_off_and_cite_in_one_form() => None(
        from path in Files.Paths("", ".md")
        from complaint in WordRules.Words(path, Files.Read(path))
        select complaint);

    [Fact]
    public void Public_types_say_what_they_are() => None(WordRules.Undocumented(Src));

    [Fact]
    public void No_stub_no_swallowed_exception_no_sleep_no_skipped_test() => None(CodeRules.Banned(All));

    [Fact]
    public void Links_in_documents_lead_to_files() => None(
        from path in Files.Paths("", ".md")
        from complaint in LinkRules.Broken(path, Files.Read(path), Files.Has)
        select complaint);

    // A rule that reads nothing finds nothing: these are the files that must at least be among those read.
    [Fact]
    public void The_rules_read_the_checkout()
    {
        Assert.Contains(Src, file => file.Path == "src/Postern/Program.cs");
        Assert.Contains(All, file => file.Path == "tests/Tidy/CheckoutTests.cs");
        Assert.Contains("README.md", Files.Paths("", ".md"));
        Assert.DoesNotContain(All, file => file.Path.Contains("/obj/", StringComparison.Ordinal));
    }

    private static Arrows Picture() => Arrows.FromPicture(Files.Read("ARCHITECTURE.md"));

    private static void None(IEnumerable<Complaint> complaints)
    {
        var found = complaints.Distinct().ToList();
        Assert.True(found.Count == 0, $"{found.Count} found:\n{string.Join('\n', found)}");
    }
}
