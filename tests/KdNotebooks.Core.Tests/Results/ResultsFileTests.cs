using KdNotebooks.Results;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Results;

public sealed class ResultsFileTests : IDisposable
{
    private const string Row = """{"method":"m","seed":1,"metric":"accuracy","value":80.5,"split":"test"}""";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_come_back_to_the_last_bit()
    {
        ResultRow[] rows =
        [
            new("none", 1, "accuracy", 0.1 + 0.2, "test", "best", "run"),
            new("<b>ä</b>", -3, "loss", double.NaN, "validation"),
        ];

        ResultsFile.Write(Path, rows);

        Assert.Equal(rows, ResultsFile.Read(Path));
        Assert.Single(folder.Names);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void What_is_no_finite_number_is_null(double value)
    {
        ResultsFile.Write(Path, [new("m", 2, "loss", value, "train")]);

        Assert.Contains("\"value\": null", File.ReadAllText(Path));
        Assert.Equal(double.NaN, ResultsFile.Read(Path)[0].Value);
    }

    [Theory]
    [InlineData("NaN", double.NaN)]
    [InlineData("Infinity", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    public void Files_of_before_are_read_as_they_were_meant(string word, double value)
    {
        File.WriteAllText(Path, $"[{Row.Replace("80.5", $"\"{word}\"")}]");

        Assert.Equal(value, ResultsFile.Read(Path)[0].Value);
    }

    [Fact]
    public void What_has_a_default_may_be_left_out()
    {
        File.WriteAllText(Path, $"[{Row}]");

        Assert.Equal([new ResultRow("m", 1, "accuracy", 80.5, "test", "last", "")], ResultsFile.Read(Path));
    }

    [Theory]
    [InlineData("null", "null")]
    [InlineData("[null]", "null")]
    [InlineData(Row, "could not be converted")]
    [InlineData("[1]", "could not be converted")]
    [InlineData("""[{"method":"m","seed":1,"metric":"a","split":"test"}]""", "'value'")]
    [InlineData("""[{"method":null,"seed":1,"metric":"a","value":1,"split":"test"}]""", "null")]
    [InlineData("""[{"method":"m","seed":1,"seed":2,"metric":"a","value":1,"split":"test"}]""", "'seed'")]
    [InlineData("""[{"method":"m","seed":"1","metric":"a","value":1,"split":"test"}]""", "$[0].seed")]
    [InlineData("""[{"method":"m","seed":1,"metric":"a","value":1,"split":"test","sede":1}]""", "'sede'")]
    [InlineData("""[{"method":"m","seed":1,"metric":"a","value":"80","split":"test"}]""", "$[0].value")]
    [InlineData("[", "")]
    [InlineData("", "")]
    public void A_file_of_another_shape_is_refused_by_name(string text, string what)
    {
        File.WriteAllText(Path, text);

        var error = Assert.Throws<KdException>(() => ResultsFile.Read(Path));

        Assert.StartsWith($"{Path}: ", error.Message);
        Assert.Contains(what, error.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_or_is_a_folder_is_refused_by_name()
    {
        Assert.Contains(Path, Assert.Throws<KdException>(() => ResultsFile.Read(Path)).Message);
        Directory.CreateDirectory(Path);
        Assert.Contains(Path, Assert.Throws<KdException>(() => ResultsFile.Read(Path)).Message);
    }

    private string Path => folder.File("results.json");
}
