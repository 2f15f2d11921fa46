using System.Text.Json.Nodes;
using KdNotebooks.Extensions.Tests.Interactive.Magics;
using KdNotebooks.Extensions.Tests.Kernel;
using KdNotebooks.Recipes;
using KdNotebooks.Results;

namespace KdNotebooks.Extensions.Tests.Cli;

[Collection(EngineCollection.Name)]
public sealed class TrainCommandTests : CommandLineTest
{
    private string Recipe
    {
        get
        {
            File.WriteAllText(At("mine.json"), RecipeJson.Write(Shown.Recipe));
            return At("mine.json");
        }
    }

    [Fact]
    public void A_recipe_s_file_is_trained_with_what_the_line_changes()
    {
        Assert.Equal(0, Run(
            "train", Recipe, "--seeds", "4,5", "--epochs", "2", "--set", "optimizer.learningRate=0.01", "--set",
            "connections[*].aligner=linear", "--out", At("out")));
        Assert.Equal("", Error);

        var folders = Directory.GetDirectories(At("out", "runs"));
        Assert.Equal(2, folders.Length);
        foreach (var folder in folders)
        {
            var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")))!;
            var recipe = RecipeJson.Read(manifest["recipe"]!.ToJsonString());
            Assert.Equal("complete", (string)manifest["status"]!);
            Assert.Equal((2, 0.01), (recipe.Epochs, recipe.Optimizer.LearningRate));
            Assert.All(recipe.Connections, connection => Assert.Equal("linear", connection.Aligner.Name));
            Assert.Single(Directory.GetFiles(folder, "events.out.tfevents.*"));
        }

        Assert.Equal([4, 5], ResultsFile.Read(At("out", "results.json")).Select(row => row.Seed).Distinct());
        Assert.Contains("tensorboard --logdir", Output);
        Assert.Contains(Shown.Recipe.Method, Output);
    }

    [Fact]
    public void When_it_is_stopped_what_is_complete_is_shown_and_the_rest_says_so()
    {
        using var stop = new CancellationTokenSource();
        using var watch = new FileSystemWatcher(Directory.CreateDirectory(At("out")).FullName, "results.json");
        watch.Renamed += (_, _) => stop.Cancel();
        watch.EnableRaisingEvents = true;
        // The first seed is complete when results.json appears; the second is trained for long enough to be caught.
        Assert.Equal(130, RunUntil(stop.Token, "train", Recipe, "--seeds", "2", "--epochs", "30", "--out", At("out")));

        var statuses = Directory.GetDirectories(At("out", "runs")).Order().Select(folder => (
            Partial: folder.EndsWith(".partial", StringComparison.Ordinal),
            Status: (string)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")))!["status"]!)).ToList();
        Assert.Contains((false, "complete"), statuses);
        Assert.Contains((true, "stopped"), statuses);
        Assert.Equal([1], ResultsFile.Read(At("out", "results.json")).Select(row => row.Seed).Distinct());
        Assert.Contains("Stopped.", Error);
    }

    [Theory]
    [InlineData("the nearest is 'coco-mask-rcnn-r50'", "coco-mask-rcnn-50")]
    [InlineData("nearest is 'epochs'", "@", "--set", "epohcs=1")]
    [InlineData("--seeds is '0'", "@", "--seeds", "0")]
    [InlineData("names a seed twice", "@", "--seeds", "3,3")]
    [InlineData("--epochs is 'x'", "@", "--epochs", "x")]
    [InlineData("that is no model; the nearest is 'resnet8x4'", "@", "--student", "resnet8x5")]
    [InlineData("did you mean '--epochs'?", "@", "--epochz", "1")]
    [InlineData("takes neither a folder nor a size", "@", "--data", "somewhere")]
    [InlineData("'nowhere.safetensors' is neither in the package", "@", "--teacher", "nowhere.safetensors")]
    [InlineData("sets nothing", "@", "--set", "epochs")]
    public void Wrong_usage_is_said_in_one_line(string expected, string recipe, params string[] arguments)
    {
        var code = Run(["train", recipe == "@" ? Recipe : recipe, "--out", At("out"), .. arguments]);
        Assert.NotEqual(0, code);
        Assert.Contains(expected, Error);
        Assert.False(File.Exists(At("out", "results.json")));
    }

    [Fact]
    public void A_student_alone_takes_no_teacher()
    {
        File.WriteAllText(At("alone.json"), RecipeJson.Write(Shown.Recipe.Alone()));
        Assert.Equal(2, Run("train", At("alone.json"), "--teacher", "fashion-teacher"));
        Assert.Contains("has no teacher; leave --teacher out", Error);
    }
}
