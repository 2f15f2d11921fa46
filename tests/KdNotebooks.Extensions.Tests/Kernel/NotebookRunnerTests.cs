using System.Text.Json.Nodes;
using KdNotebooks.Kernel;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Kernel.Notebooks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Kernel;

[Collection(EngineCollection.Name)]
public sealed class NotebookRunnerTests(EngineFixture fixture) : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Log log = new();

    public void Dispose() => folder.Dispose();

    private RunResult Run(string name, params (string Name, string Value)[] set)
    {
        var notebook = Notebook.Load(Fixtures.Path(name));
        Parameters.Apply(notebook, set.ToDictionary(pair => pair.Name, pair => pair.Value));
        return new NotebookRunner(notebook, name, folder.Path)
            .Run(fixture.Engine, log, TestContext.Current.CancellationToken);
    }

    private JsonNode Executed(string name) => JsonNode.Parse(File.ReadAllText(folder.At(name)))!;

    [Fact]
    public void A_notebook_that_succeeds_leaves_itself_a_report_and_results()
    {
        var result = Run("succeed.ipynb", ("epochs", "2"));
        Assert.True(result.Succeeded);
        Assert.Equal((4, 4), (result.CellsRun, result.Cells));
        Assert.Equal(
            ["succeed.ipynb", "succeed.html", "results.json"], result.Files.Select(file => Path.GetFileName(file)));
        var json = Executed("succeed.ipynb");
        Assert.Equal((4, 5), ((int)json["nbformat"]!, (int)json["nbformat_minor"]!));
        Assert.Equal("succeeded", (string?)json["metadata"]!["kd"]!["status"]);
        Assert.Equal(2, (int?)json["metadata"]!["kd"]!["parameters"]!["epochs"]);
        Assert.Equal(2, (int?)json["metadata"]!["papermill"]!["parameters"]!["epochs"]);
        Assert.True((bool?)json["metadata"]!["custom"]!["kept"]);
        Assert.Contains("let epochs: int = 2\n", json["cells"]![1]!["source"]!.AsArray().Select(line => (string?)line));
    }

    [Fact]
    public void Outputs_stand_in_the_executed_notebook_in_order()
    {
        Run("succeed.ipynb");
        var outputs = Executed("succeed.ipynb")["cells"]![3]!["outputs"]!.AsArray();
        Assert.Equal(
            ["stream stdout", "stream stderr", "display_data ", "stream stdout"],
            outputs.Select(output => $"{output!["output_type"]} {output["name"]}"));
        Assert.Equal("preset quick, 3 epochs, 30 steps\n", (string?)outputs[0]!["text"]![0]);
    }

    [Fact]
    public void Empty_cells_are_skipped_and_the_others_are_numbered_and_timed()
    {
        Run("succeed.ipynb");
        var cells = Executed("succeed.ipynb")["cells"]!.AsArray()
            .Where(cell => (string?)cell!["cell_type"] == "code").ToList();
        Assert.Equal([1, 2, 3, null, 4], cells.Select(cell => (int?)cell!["execution_count"]));
        Assert.True((double)cells[0]!["metadata"]!["kd"]!["seconds"]! >= 0);
        Assert.NotNull(cells[0]!["metadata"]!["execution"]!["iopub.execute_input"]);
    }

    [Fact]
    public void The_host_is_told_of_each_cell_with_the_heading_before_it()
    {
        Run("succeed.ipynb");
        Assert.Equal(["A notebook that succeeds", "Teacher", "Teacher", "Results"], log.Titles);
        Assert.Contains("preset quick", log.Text);
    }

    [Theory]
    [InlineData("thrown", 3, 4, "System.DivideByZeroException", "Attempted to divide by zero.")]
    [InlineData("kd", 3, 5, "KdException", "Teacher: expected 10 classes, got 3. Choose another.")]
    [InlineData("none", 4, 3, "FS0001", "The type 'int' does not match the type 'string'")]
    public void The_first_failing_cell_stops_the_run_and_is_named(
        string kind, int cell, int line, string name, string message)
    {
        var failed = Run("fail.ipynb", ("kind", kind)).Failed!;
        var error = failed.Error;
        Assert.Equal((cell, line, name, message), (failed.Number, error.Line, error.Name, error.Message));
        var json = Executed("fail.ipynb");
        Assert.Equal("failed", (string?)json["metadata"]!["kd"]!["status"]);
        Assert.Equal(message, (string?)json["cells"]![cell == 3 ? 4 : 5]!["outputs"]!.AsArray()[^1]!["evalue"]);
        Assert.Null((int?)json["cells"]![6]!["execution_count"]);
        Assert.DoesNotContain("never", log.Text);
    }

    [Fact]
    public void Results_of_an_earlier_run_do_not_pass_for_those_of_a_failed_one()
    {
        File.WriteAllText(folder.At("results.json"), "earlier");
        Run("fail.ipynb");
        Assert.False(File.Exists(folder.At("results.json")));
        Assert.Equal("earlier", File.ReadAllText(folder.At("previous", "results.json")));
        Run("fail.ipynb");
        Assert.Equal("earlier", File.ReadAllText(folder.At("previous", "results.json")));
    }

    [Fact]
    public void The_output_folder_of_the_caller_is_restored()
    {
        var before = RunContext.Current.Output;
        Run("fail.ipynb");
        Assert.Equal(before, RunContext.Current.Output);
    }

    [Fact]
    public void A_cancelled_run_writes_what_it_has()
    {
        var notebook = Notebook.Load(Fixtures.Path("succeed.ipynb"));
        using var stop = new CancellationTokenSource();
        log.OnFinished = number => { if (number == 2) { stop.Cancel(); } };
        var result = new NotebookRunner(notebook, "succeed.ipynb", folder.Path).Run(fixture.Engine, log, stop.Token);
        Assert.True(result.Cancelled);
        Assert.Equal(2, result.CellsRun);
        Assert.Equal("cancelled", (string?)Executed("succeed.ipynb")["metadata"]!["kd"]!["status"]);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused_before_any_cell_runs()
    {
        File.WriteAllText(folder.At("file"), "");
        var notebook = Notebook.Load(Fixtures.Path("succeed.ipynb"));
        var error = Assert.Throws<KdException>(() => new NotebookRunner(notebook, "succeed.ipynb", folder.At("file")));
        Assert.Contains("cannot be written", error.Message);
    }

    [Fact]
    public void The_notebooks_own_folder_is_refused()
    {
        var path = Fixtures.Path("succeed.ipynb");
        var error = Assert.Throws<KdException>(
            () => new NotebookRunner(Notebook.Load(path), path, Path.GetDirectoryName(path)!));
        Assert.Contains("is the notebook's own", error.Message);
    }

    private sealed class Log : IRunEvents
    {
        public List<string> Titles { get; } = [];

        public string Text { get; private set; } = "";

        public Action<int> OnFinished { get; set; } = _ => { };

        public void Started(int number, int total, string title) => Titles.Add(title);

        public void Finished(int number, CellResult result) => OnFinished(number);

        public void Printed(string name, string text) => Text += text;

        public void Shown(DisplayOutput output) { }

        public void Updated(DisplayOutput output) { }
    }
}
