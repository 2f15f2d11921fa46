using System.Text.Json.Nodes;
using KdNotebooks.Interactive;
using KdNotebooks.Kernel;
using KdNotebooks.Runtime;
using SkiaSharp;

namespace KdNotebooks.Extensions.Tests.Kernel;

public sealed class StaticFiguresTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_figure_gets_a_picture_in_place_of_the_HTML_that_would_hide_it()
    {
        Assert.SkipWhen(StaticFiguresBrowser.Find() is null, "Chromium is not installed here");
        var path = Notebook(Interactive.Samples.Curves(), Interactive.Samples.Table());

        Assert.Equal(1, StaticFigures.AddTo(path));

        var outputs = JsonNode.Parse(File.ReadAllText(path))!["cells"]![0]!["outputs"]!.AsArray();
        var data = outputs[0]!["data"]!.AsObject();
        Assert.Equal(
            ["application/vnd.plotly.v1+json", "image/png", "text/plain"], data.Select(form => form.Key).Order());
        using var picture = SKBitmap.Decode(Convert.FromBase64String((string)data["image/png"]!));
        Assert.Equal((1290, 660), (picture.Width, picture.Height)); // 860 x 440 at 1.5
        Assert.True(picture.Pixels.Distinct().Count() > 8); // something was drawn
        Assert.Contains("text/html", outputs[1]!["data"]!.AsObject().Select(form => form.Key));
    }

    [Fact]
    public void A_notebook_without_a_figure_is_left_as_it_is()
    {
        var path = Notebook(Interactive.Samples.Table());
        var before = File.ReadAllText(path);

        Assert.Equal(0, StaticFigures.AddTo(path));

        Assert.Equal(before, File.ReadAllText(path));
    }

    [Fact]
    public void A_machine_without_Chromium_is_told_what_to_install() => Assert.Contains(
        "apt-get install chromium",
        Assert.Throws<KdException>(() => StaticFiguresBrowser.Require(folder.Path)).Message);

    private string Notebook(params object[] values)
    {
        var outputs = values.Select(value => (JsonNode)new JsonObject
        {
            ["output_type"] = "display_data",
            ["metadata"] = new JsonObject(),
            ["data"] = KdNotebooks.Kernel.Notebooks.NotebookOutputs.Data(Formatters.Format(value)),
        });
        var path = folder.At("x.ipynb");
        File.WriteAllText(path, new JsonObject
        {
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
            ["metadata"] = new JsonObject(),
            ["cells"] = new JsonArray(new JsonObject
            {
                ["cell_type"] = "code",
                ["id"] = "a",
                ["metadata"] = new JsonObject(),
                ["execution_count"] = 1,
                ["source"] = "x",
                ["outputs"] = new JsonArray([.. outputs]),
            }),
        }.ToJsonString());
        return path;
    }
}
