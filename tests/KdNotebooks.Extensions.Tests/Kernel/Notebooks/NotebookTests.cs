using System.Text.Json.Nodes;
using KdNotebooks.Kernel.Notebooks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Kernel.Notebooks;

public sealed class NotebookTests
{
    private const string Small =
        """
        {"cells":[{"cell_type":"code","metadata":{"tags":["parameters"],"x":1},
         "source":"let a = \"é\"\nlet b = 2","odd":true},
        {"cell_type":"markdown","metadata":{},"source":["# A\n","text"]}],
         "metadata":{"own":{}},"nbformat":4,"nbformat_minor":2,"also":[1]}
        """;

    [Fact]
    public void Source_is_text_whether_the_file_has_a_string_or_lines()
    {
        var notebook = Notebook.Parse(Small, "small");
        Assert.Equal(["let a = \"é\"\nlet b = 2", "# A\ntext"], notebook.Cells.Select(cell => cell.Source));
        Assert.Equal(["parameters"], notebook.Cells[0].Tags);
    }

    [Fact]
    public void What_has_no_name_here_is_kept()
    {
        var notebook = Notebook.Parse(Small, "small");
        notebook.Upgrade();
        var json = JsonNode.Parse(notebook.ToJson())!;
        Assert.Equal(5, (int?)json["nbformat_minor"]);
        Assert.True((bool?)json["cells"]![0]!["odd"]);
        Assert.Equal(1, (int?)json["cells"]![0]!["metadata"]!["x"]);
        Assert.NotNull(json["also"]);
        Assert.Contains("é", notebook.ToJson());
    }

    [Fact]
    public void A_list_of_numbers_takes_one_line_and_texts_stay_as_they_are()
    {
        const string figure = """{"z":[[1,-2.5e-7],[3,4]],"text":"[\n 1,\n 2\n]","names":["a","b"]}""";
        var notebook = Notebook.Parse(Small.Replace("\"own\":{}", $"\"own\":{figure}"), "small");

        var written = notebook.ToJson();

        Assert.Contains("[1,-2.5e-7]", written);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(figure), JsonNode.Parse(written)!["metadata"]!["own"]));
    }

    [Fact]
    public void Cells_without_an_id_get_one_of_their_own()
    {
        var notebook = Notebook.Parse(Small.Replace("\"odd\":true", "\"id\":\"cell-2\""), "small");
        notebook.Upgrade();
        Assert.Equal(2, notebook.Cells.Select(cell => cell.Id).Where(id => id.Length > 0).Distinct().Count());
    }

    [Theory]
    [InlineData("{\n \"cells\": [,]}", "line 2, column 12")]
    [InlineData("{\"cells\": [], \"nbformat\": 3}", "format 3; expected 4")]
    [InlineData("{\"cells\": []}", "no 'nbformat'")]
    [InlineData("{\"nbformat\": 4}", "no list 'cells'")]
    [InlineData("[1]", "expected a notebook")]
    [InlineData("{\"nbformat\": 4, \"cells\": [{}]}", "cell 1 has no 'cell_type'")]
    public void A_broken_notebook_is_refused_by_name_and_place(string text, string expected)
    {
        var error = Assert.Throws<KdException>(() => Notebook.Parse(text, "broken.ipynb"));
        Assert.Contains("broken.ipynb", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_missing_notebook_names_the_nearest_one()
    {
        var error = Assert.Throws<KdException>(() => Notebook.Load(Fixtures.Path("suceed.ipynb")));
        Assert.Contains("Did you mean succeed.ipynb?", error.Message);
    }
}
