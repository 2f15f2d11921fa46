using KdNotebooks.Cli;
using KdNotebooks.Experiments;
using KdNotebooks.Extensions.Tests.Interactive.Magics;
using KdNotebooks.Extensions.Tests.Kernel;

namespace KdNotebooks.Extensions.Tests.Cli;

[Collection(EngineCollection.Name)]
public sealed class MagicVerbsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
    }

    private int Run(params string[] arguments) =>
        KdCommand.Run(arguments, output, error, TestContext.Current.CancellationToken);

    [Fact]
    public void Ablate_takes_a_recipe_s_file_and_leaves_runs_and_results()
    {
        File.WriteAllText(folder.At("recipe.json"), RecipeJson.Write(Shown.Recipe));
        Assert.Equal(0, Run("ablate", "--recipe", folder.At("recipe.json"), "--aligner", "none,mlp1", "--seeds", "2",
            "--out", folder.At("out")));
        Assert.Equal("", error.ToString());
        Assert.Contains("mlp-1       2", output.ToString());
        Assert.True(File.Exists(folder.At("out", "results.json")));
        Assert.Equal(4, Directory.GetDirectories(folder.At("out", "runs")).Length);
    }

    [Fact]
    public void Check_prints_its_report()
    {
        Assert.Equal(0, Run("check", "kd", "--cases", "3"));
        Assert.Contains("kd: 10 of 10 claims held", output.ToString());
    }

    [Theory]
    [InlineData("did you mean '--aligner'?", "ablate", "--alinger", "none")]
    [InlineData("kd-ablate: --recipe names @recipe", "ablate")]
    [InlineData("the nearest is 'fashion-mnist'", "data", "show", "fashion-mnsit")]
    public void Wrong_usage_is_said_in_one_line(string expected, params string[] arguments)
    {
        Assert.NotEqual(0, Run(arguments));
        Assert.Contains(expected, error.ToString());
    }
}
