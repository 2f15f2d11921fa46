using KdNotebooks.Extensions.Tests.Interactive.Magics;
using KdNotebooks.Extensions.Tests.Kernel;
using KdNotebooks.Recipes;

namespace KdNotebooks.Extensions.Tests.Cli;

[Collection(EngineCollection.Name)]
public sealed class MagicVerbsTests : CommandLineTest
{
    [Fact]
    public void Ablate_takes_a_recipe_s_file_and_leaves_runs_and_results()
    {
        File.WriteAllText(At("recipe.json"), RecipeJson.Write(Shown.Recipe));
        Assert.Equal(0, Run("ablate", "--recipe", At("recipe.json"), "--aligner", "none,mlp1", "--seeds", "2",
            "--out", At("out")));
        Assert.Equal("", Error);
        Assert.Contains("mlp-1       2", Output);
        Assert.True(File.Exists(At("out", "results.json")));
        Assert.Equal(4, Directory.GetDirectories(At("out", "runs")).Length);
    }

    [Fact]
    public void Check_prints_its_report()
    {
        Assert.Equal(0, Run("check", "kd", "--cases", "3"));
        Assert.Contains("kd: 15 of 15 claims held", Output);
    }

    [Theory]
    [InlineData("did you mean '--aligner'?", "ablate", "--alinger", "none")]
    [InlineData("kd-ablate: --recipe names @recipe", "ablate")]
    [InlineData("the nearest is 'fashion-mnist'", "data", "show", "fashion-mnsit")]
    public void Wrong_usage_is_said_in_one_line(string expected, params string[] arguments)
    {
        Assert.NotEqual(0, Run(arguments));
        Assert.Contains(expected, Error);
    }
}
