namespace Tidy;

/// <summary>Each rule is fed what it must find and what it must leave alone.</summary>
public class RuleTests
{
    private const string Picture = """
        src/
          Postern.Mail        the words. Depends on nothing
          Postern.Smtp        the wire. Server/ (a file a verb)      → Mail
          Postern.Spool       the durable queue.                     → Mail
          Postern             the program: composition.              → Mail, Smtp, Spool
        """;

    [Fact]
    public void Picture_is_read()
    {
        Assert.Equal(["Postern", "Postern.Mail", "Postern.Smtp", "Postern.Spool"],
            Arrows.FromPicture(Picture).Rooms.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Postern.Smtp", "Postern.Mail", "", 0)]
    [InlineData("Postern.Smtp", "Postern.Mail,Postern.Spool", "", 1)]
    [InlineData("Postern.Smtp", "", "", 1)]
    [InlineData("Postern.Cellar", "", "", 1)]
    [InlineData("Postern.Spool", "Postern.Mail", "RocksDB", 0)]
    [InlineData("Postern.Smtp", "Postern.Mail", "RocksDB", 1)]
    [InlineData("Postern.Smtp", "Postern.Mail", "DnsClient,Tomlyn,System.CommandLine", 3)]
    public void Project_references(string room, string rooms, string packages, int complaints)
    {
        var items = rooms.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(name => $"<ProjectReference Include=\"../{name}/{name}.csproj\" />")
            .Concat(packages.Split(',').Select(name => $"<PackageReference Include=\"{name}\" />"));
        var text = $"<Project><ItemGroup>{string.Concat(items)}</ItemGroup></Project>";
        Assert.Equal(complaints, Arrows.FromPicture(Picture).Project($"src/{room}/{room}.csproj", text).Count());
    }

    [Theory]
    [InlineData("Postern.Smtp", "using Postern.Mail;", 0)]
    [InlineData("Postern.Smtp", "using Postern.Smtp.Client;", 0)]
    [InlineData("Postern.Smtp", "using Postern.Spool;", 1)]
    [InlineData("Postern.Smtp", "using static Postern.Spool.Keys;", 1)]
    [InlineData("Postern.Smtp", "using Store = Postern.Spool.MailSpool;", 1)]
    [InlineData("Postern.Smtp", "class A { Postern.Spool.MailSpool? _b; }", 1)]
    [InlineData("Postern.Mail", "class A { object B() => Postern.Spool.MailSpool.Open(); }", 1)]
    [InlineData("Postern", "using Postern.Spool; using Tomlyn; using System.CommandLine;", 0)]
    [InlineData("Postern.Smtp", "using RocksDbSharp;", 1)]
    [InlineData("Postern.Smtp", "using Tomlyn.Model;", 1)]
    [InlineData("Postern.Spool", "using RocksDbSharp;", 0)]
    [InlineData("Postern.Spool", "using DnsClient;", 1)]
    [InlineData("Postern.Mail", "using System.CommandLine;", 1)]
    public void Namespaces(string room, string text, int complaints)
    {
        var found = Arrows.FromPicture(Picture).Source(SourceFile.Parse($"src/{room}/A.cs", text));
        Assert.Equal(complaints, found.DistinctBy(complaint => complaint.What).Count());
    }

    [Theory]
    [InlineData(450, 120, 0)]
    [InlineData(451, 120, 1)]
    [InlineData(1, 121, 1)]
    public void Files_and_lines(int lines, int columns, int complaints)
    {
        var text = string.Concat(Enumerable.Repeat(new string('/', columns) + "\r\n", lines));
        Assert.Equal(complaints, SizeRules.FilesAndLines([Source(text)]).Count());
    }

    [Theory]
    [InlineData("tests/A/A.cs", 0)]
    [InlineData("src/A/A.cs", 2)]
    public void Wide_rows_and_golden_texts_are_for_tests(string path, int complaints)
    {
        var wide = new string('x', SizeRules.Columns);
        var text = $"class A {{\n[InlineData(\"{wide}\")]\nstring B = \"\"\"\n{wide}x\n\"\"\";\n}}";
        Assert.Equal(complaints, SizeRules.FilesAndLines([SourceFile.Parse(path, text)]).Count());
        var golden = $"class A {{ string B() => \"\"\"\n{new string('\n', SizeRules.MethodLines)}\"\"\"; }}";
        Assert.Equal(Math.Min(complaints, 1), SizeRules.Methods([SourceFile.Parse(path, golden)]).Count());
        var code = SourceFile.Parse(path, $"class A {{ string B = \"{wide}\"; }}");
        Assert.Single(SizeRules.FilesAndLines([code]));
    }

    [Theory]
    [InlineData("class A {\n void B()\n", 67, 0)]
    [InlineData("class A {\n void B()\n", 68, 1)]
    [InlineData("class A {\n [Fact]\n [InlineData(1)]\n /* why */ void B()\n", 67, 0)]
    [InlineData("class A {\n A()\n", 68, 1)]
    [InlineData("class A {\n int B { get\n", 68, 1)]
    [InlineData("class A {\n void B() { Run(() =>\n", 68, 1)]
    public void Methods(string start, int statements, int complaints)
    {
        var closing = start.Contains("Run(", StringComparison.Ordinal) ? "}); }\n}"
            : start.Contains("get", StringComparison.Ordinal) ? "} }\n}" : "}\n}";
        var text = start + "{\n" + string.Concat(Enumerable.Repeat("C();\n", statements)) + closing;
        Assert.Equal(complaints, SizeRules.Methods([Source(text)]).Count());
    }

    [Theory]
    [InlineData(70, 0)]
    [InlineData(71, 1)]
    public void Top_level_statements(int lines, int complaints) => Assert.Equal(complaints, SizeRules.Methods(
        [Source("using System;\n\n" + string.Concat(Enumerable.Repeat("C();\n", lines)) + "class D;\n")]).Count());

    [Fact]
    public void Types_are_summed_over_their_files()
    {
        var half = "namespace N;\n\npublic partial class A\n{\n" + new string('\n', 197) + "}\n";
        var generic = half.Replace("class A", "class A<T>", StringComparison.Ordinal);
        Assert.Empty(SizeRules.Types([Source(half)]));
        Assert.Empty(SizeRules.Types([Source(half), Source(generic)]));
        Assert.Equal("type A has 401 lines, 400 allowed", Assert.Single(
            SizeRules.Types([Source(half.Replace("{\n", "{\n\n", StringComparison.Ordinal)), Source(half)])).What);
    }

    [Theory]
    [InlineData("class QueueManager;", 1)]
    [InlineData("static class StringUtils;", 1)]
    [InlineData("record struct DnsHelper;", 1)]
    [InlineData("interface IMailService;", 1)]
    [InlineData("delegate void Util();", 1)]
    [InlineData("class Managed; class Serviced; enum HelperFree;", 0)]
    public void Type_names(string text, int complaints) =>
        Assert.Equal(complaints, WordRules.TypeNames([Source(text)]).Count());

    [Theory]
    [InlineData("RFC 5321 §4.5.3.1: why", 0)]
    [InlineData("RFC 5321 says, (RFC 3464), RFC 5321 §2.1, §6.1; every RFC, RFCs, contract §5", 0)]
    [InlineData("https://www.rfc-editor.org/rfc/rfc5321#section-4.5", 0)]
    [InlineData("RFC5321", 1)]
    [InlineData("RFC-5321", 1)]
    [InlineData("RFC 5321, §4.5", 1)]
    [InlineData("RFC 5321§4.5", 1)]
    [InlineData("RFC 5321 § 4.5", 1)]
    [InlineData("RFC 5321 section 4.5", 1)]
    [InlineData("RFC 5321, Sec. 4.5", 1)]
    [InlineData("see section 4.5.3", 1)]
    [InlineData("TODO: later", 1)]
    [InlineData("FIXME", 1)]
    [InlineData("a HACK", 1)]
    public void Comments(string text, int complaints)
    {
        Assert.Equal(complaints, WordRules.Words("A.md", text).Count());
        Assert.Equal(complaints, WordRules.Comments([Source($"class A; // {text}\n")]).Count());
        Assert.Equal(complaints, WordRules.Comments([Source($"/* because\n {text} */ class A;")]).Count());
        Assert.Equal(complaints, WordRules.Comments([Source($"/// <summary>{text}</summary>\nclass A;")]).Count());
    }

    [Theory]
    [InlineData("public class A;", 1)]
    [InlineData("// Not a summary.\npublic record A;", 1)]
    [InlineData("/// <summary>A.</summary>\n[Fact] public class A { public enum B; }", 1)]
    [InlineData("public delegate void A();", 1)]
    [InlineData("namespace N { public interface A; }", 1)]
    [InlineData("/// <summary>A.</summary>\npublic class A;", 0)]
    [InlineData("/// <inheritdoc/>\npublic class A;", 0)]
    [InlineData("/// <summary>A.</summary>\npublic partial class A;\npublic partial class A;", 0)]
    [InlineData("class A { public class B; } internal class C;", 0)]
    public void Public_types(string text, int complaints) =>
        Assert.Equal(complaints, WordRules.Undocumented([Source(text)]).Count());

    [Theory]
    [InlineData("throw new NotImplementedException();", 1)]
    [InlineData("try { B(); } catch { }", 1)]
    [InlineData("try { B(); } catch { /* Why. */ }", 1)]
    [InlineData("try { B(); } catch (Exception) { /* Why. */ }", 1)]
    [InlineData("try { B(); } catch (Exception e) when (e is IOException) { /* Why. */ }", 0)]
    [InlineData("try { B(); } catch (Exception e) when (e is IOException) { }", 1)]
    [InlineData("try { B(); } catch (IOException) { }", 1)]
    [InlineData("try { B(); } catch (IOException) { /* Why. */ }", 0)]
    [InlineData("try { B(); } catch (Exception) { C(); }", 0)]
    [InlineData("Thread.Sleep(1);", 1)]
    [InlineData("System.Threading.Thread.Sleep(1);", 1)]
    [InlineData("Assert.True(true);", 1)]
    [InlineData("Assert.False(false, \"why\");", 1)]
    [InlineData("Assert.True(good); Assert.Equal(true, good);", 0)]
    public void Code(string statement, int complaints) =>
        Assert.Equal(complaints, CodeRules.Banned([Source($"class A {{ void B() {{ {statement} }} }}")]).Count());

    [Fact]
    public void Skipped_tests() => Assert.Single(
        CodeRules.Banned([Source("class A { [Fact(Skip = \"flaky\")] public void B() { } }")]));

    [Theory]
    [InlineData("see [this](design/spool.md)", 0)]
    [InlineData("see [this](design/spool.md#commit) and [that](https://example.com/x) and [here](#below)", 0)]
    [InlineData("see [this](design/gone.md)", 1)]
    [InlineData("[this]: gone.md", 1)]
    public void Links(string text, int complaints) => Assert.Equal(complaints, LinkRules.Broken(
        "docs/a.md", text, path => path.Replace('\\', '/') == "docs/design/spool.md").Count());

    private static SourceFile Source(string text) => SourceFile.Parse("src/Postern.Mail/A.cs", text);
}
