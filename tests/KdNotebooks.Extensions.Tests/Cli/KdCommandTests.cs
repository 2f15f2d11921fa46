using KdNotebooks.Extensions.Tests.Kernel;
using KdNotebooks.Methods;
using KdNotebooks.Recipes;

namespace KdNotebooks.Extensions.Tests.Cli;

[Collection(EngineCollection.Name)]
public sealed class KdCommandTests : CommandLineTest
{
    [Fact]
    public void Run_shows_each_cell_its_text_a_bar_and_the_files()
    {
        Assert.Equal(0, Run("run", Fixtures.Path("succeed.ipynb"), "--preset", "smoke", "--set", "epochs=2", "name=x",
            "--out", At()));
        Assert.Equal("", Error);
        var text = Output;
        string[] expected =
        [
            "[2/4] Teacher\npreset smoke, 2 epochs, 20 steps\na note on stderr\n[2; 20]\nafter the display\n",
            "{ Method = \"x\"", "Training: 0 of 20 steps\n", "Training: 50 % (10 of 20 steps), ", " left, loss 0.10\n",
            "Training: 100 % (20 of 20 steps), ", "4 of 4 cells run. Files:\n", "results.json",
        ];
        Assert.All(expected, part => Assert.Contains(part, text));
        Assert.True(File.Exists(At("succeed.html")));
    }

    [Fact]
    public void A_failing_cell_ends_with_1_and_shows_cell_line_source_and_message()
    {
        Assert.Equal(1, Run("run", Fixtures.Path("fail.ipynb"), "--set", "kind=none", "--out", At()));
        var text = Error;
        Assert.Contains("fail.ipynb: cell [4], line 3 failed.", text);
        Assert.Contains("error FS0001: The type 'int' does not match the type 'string'", text);
        Assert.Contains(">    3 |     count + 1\n       |             ^\n", text);
        Assert.True(File.Exists(At("fail.ipynb")));
    }

    [Fact]
    public void Methods_lists_all_or_one_and_names_the_nearest()
    {
        Assert.Equal(0, Run("methods", "ofd"));
        Assert.Contains("weight      0.001 (mdistiller, CIFAR-100)", Output);
        Assert.Equal(0, Run("methods"));
        Assert.All(NamedMethods.All, method => Assert.Contains($"\n{method.Name} ", $"\n{Output}"));
        Assert.NotEqual(0, Run("methods", "ofdd"));
        Assert.Contains("'ofdd' is no method; the nearest is 'ofd'.", Error);
    }

    [Fact]
    public void Recipes_lists_all_or_shows_one_with_where_its_fields_were_read()
    {
        Assert.Equal(0, Run("recipes"));
        // Of a pair one line, with its methods.
        Assert.All(NamedRecipes.Names, name => Assert.Contains(
            $"\n{string.Join('/', name.Split('/').Take(2))} ", $"\n{Output}"));
        Assert.Equal(0, Run("recipes", "coco-retinanet-r50-mgd"));
        Assert.Matches(@"connections\[\*\]\.alpha +2E-05 +confirmed +yzd-v/MGD", Output);
        Assert.Contains("\"kind\": \"retinanet\"", Output);
        Assert.Contains("published: box mAP, val2017: 41", Output);
        Assert.NotEqual(0, Run("recipes", "coco-retinanet-r5"));
        Assert.Contains("is no named recipe; the nearest is 'coco-retinanet-r50'", Error);
    }

    [Theory]
    [InlineData("Unknown command 'rnu'; did you mean 'run'?", "rnu")]
    [InlineData("Unknown option '--presett'; did you mean '--preset'?", "run", "{succeed}", "--presett", "smoke")]
    [InlineData("NOTEBOOK", "run")]
    [InlineData("Did you mean succeed.ipynb?", "run", "{suceed}")]
    [InlineData("Unknown preset 'big'", "run", "{succeed}", "--preset", "big")]
    [InlineData("did you mean 'epochs'?", "run", "{succeed}", "--set", "epoch=1")]
    [InlineData("takes int, but 'many' is not one", "run", "{succeed}", "--set", "epochs=many")]
    [InlineData("takes name=value, but got 'epochs'", "run", "{succeed}", "--set", "epochs")]
    [InlineData("set twice", "run", "{succeed}", "--set", "epochs=1", "--set", "epochs=2")]
    [InlineData("Usage: kd data verify [options]", "data", "verify", "fashion-mnist", "folder")]
    [InlineData("goes before --set", "run", "--set", "epochs=1", "{succeed}")]
    public void Wrong_usage_ends_with_2_and_one_clear_line(string expected, params string[] arguments)
    {
        Assert.Equal(2, Run([.. arguments.Select(
            argument => argument.StartsWith('{') ? Fixtures.Path(argument.Trim('{', '}') + ".ipynb") : argument)]));
        Assert.Contains(expected, Error);
        Assert.Equal("", Output);
    }

    [Fact]
    public void Text_that_looks_like_code_stays_text()
    {
        var victim = At("victim");
        File.WriteAllText(victim, "");
        Assert.Equal(0, Run("run", Fixtures.Path("succeed.ipynb"), "--out", At("out"),
            "--set", $"name=\"; System.IO.File.Delete(\"{victim}\") //"));
        Assert.True(File.Exists(victim));
        Assert.Contains("File.Delete", Output);
    }

    [Fact]
    public void Stopping_ends_with_130_and_leaves_the_notebook_so_far()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Equal(130, RunUntil(stop.Token, "run", Fixtures.Path("succeed.ipynb"), "--out", At()));
        Assert.True(File.Exists(At("succeed.ipynb")));
    }

    [Fact]
    public void Doctor_finds_this_machine_ready()
    {
        Assert.Equal(0, Run("doctor"));
        string[] expected = ["F# engine", "native libraries", "device", "dataset mini", "Ready"];
        Assert.All(expected, part => Assert.Contains(part, Output));
    }
}
