using KdNotebooks.Kernel.Notebooks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Kernel.Notebooks;

public sealed class ParametersTests
{
    private const string Cell =
        """
        open System
        let preset = "quick" // smoke, quick or paper
        let epochs = Preset.choose preset 1 8 30
        let rate: float = 0.1
        let images = 5_000L
        let verbose = false
        let name = if verbose then "a" else "b"
        let layers = [ 1; 2 ]
        let note: string =
            "two"
            + "lines"
        let twice x = x * 2
        """;

    private static string Set(string name, string value, string cell = Cell)
    {
        var notebook = Make(cell);
        Parameters.Apply(notebook, new Dictionary<string, string> { [name] = value });
        return notebook.Cells[0].Source;
    }

    private static Notebook Make(string cell)
    {
        var notebook = Notebook.Parse(
            """{"nbformat":4,"cells":[{"cell_type":"code","metadata":{"tags":["parameters"]},"source":""}]}""", "made");
        notebook.Cells[0].Source = cell;
        return notebook;
    }

    [Fact]
    public void Types_come_from_annotations_literals_and_the_literals_of_expressions() => Assert.Equal(
        [
            ("preset", ParameterType.String), ("epochs", ParameterType.Int), ("rate", ParameterType.Float),
            ("images", ParameterType.Int64), ("verbose", ParameterType.Bool), ("name", ParameterType.String),
            ("layers", null), ("note", ParameterType.String),
        ],
        Parameters.Of(Make(Cell)).Select(parameter => (parameter.Name, parameter.Type)));

    [Theory]
    [InlineData("preset", "paper", "let preset = \"paper\" // smoke, quick or paper")]
    [InlineData("epochs", "3", "let epochs = 3\n")]
    [InlineData("epochs", "-3", "let epochs = -3\n")]
    [InlineData("rate", "1e-3", "let rate: float = 0.001\n")]
    [InlineData("rate", "2", "let rate: float = 2.0\n")]
    [InlineData("images", "60000", "let images = 60000L\n")]
    [InlineData("verbose", "True", "let verbose = true\n")]
    [InlineData("note", "one", "let note: string =\n    \"one\"\nlet twice")]
    public void A_value_replaces_the_right_hand_side_and_nothing_else(string name, string value, string expected)
    {
        var changed = Set(name, value);
        Assert.Contains(expected, changed);
        Assert.EndsWith("let twice x = x * 2", changed);
        Assert.StartsWith("open System\n", changed);
    }

    [Theory]
    [InlineData("epocs", "3", "did you mean 'epochs'? Known: preset, epochs,")]
    [InlineData("twice", "3", "Unknown parameter 'twice'")]
    [InlineData("epochs", "3.5", "'epochs' takes int, but '3.5' is not one; its value in the notebook is Preset.choose")]
    [InlineData("rate", "fast", "'rate' takes float, but 'fast' is not one; its value in the notebook is 0.1")]
    [InlineData("verbose", "1", "takes bool")]
    [InlineData("epochs", "99999999999", "takes int")]
    [InlineData("layers", "3", "its type cannot be told")]
    [InlineData("preset", "quik", "did you mean 'quick'? Expected smoke, quick, paper")]
    public void A_wrong_name_or_type_is_refused_with_what_was_expected(string name, string value, string expected) =>
        Assert.Contains(expected, Assert.Throws<KdException>(() => Set(name, value)).Message);

    [Theory]
    [InlineData("\"; System.IO.File.Delete(\"x\") //")]
    [InlineData("\\\"; failwith \"x")]
    [InlineData("a\nfailwith \"x\"")]
    [InlineData("\"\"\"{1}\u2028é 😀\0\\u0041")]
    public void A_text_is_data_whatever_it_holds(string value)
    {
        var changed = Set("name", value);
        // Still one literal: F#'s own parser finds the same parameters, and this one's text is unchanged in meaning.
        var again = Parameters.Of(Make(changed));
        Assert.Equal(Parameters.Of(Make(Cell)).Select(p => p.Name), again.Select(p => p.Name));
        Assert.Single(again.Single(p => p.Name == "name").Current.Split('\n'));
    }

    [Fact]
    public void What_was_set_is_recorded_in_the_notebook()
    {
        var notebook = Make(Cell);
        Parameters.Apply(notebook, new Dictionary<string, string> { ["epochs"] = "2", ["name"] = "x" });
        Assert.Equal("""{"epochs":2,"name":"x"}""", notebook.Metadata["kd"]!["parameters"]!.ToJsonString());
    }

    [Fact]
    public void A_notebook_without_the_cell_takes_no_parameters()
    {
        var notebook = Notebook.Parse("""{"nbformat":4,"cells":[]}""", "made");
        var error = Assert.Throws<KdException>(
            () => Parameters.Apply(notebook, new Dictionary<string, string> { ["preset"] = "smoke" }));
        Assert.Contains("Cannot set preset: the notebook has no code cell tagged 'parameters'", error.Message);
    }

    [Fact]
    public void A_cell_that_is_no_FSharp_is_refused_with_its_line() =>
        Assert.Contains("line 2", Assert.Throws<KdException>(() => Set("a", "1", "let a = 1\nlet b = (")).Message);
}
