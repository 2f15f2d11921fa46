using KdNotebooks.Interactive.Magics;
using KdNotebooks.Methods;
using KdNotebooks.Recipes;

namespace KdNotebooks.Extensions.Tests.Interactive.Magics;

public sealed class MagicCompletionTests : IDisposable
{
    private readonly Shown shown = new() { ["recipe"] = Shown.Recipe, ["number"] = 3 };

    public void Dispose() => shown.Dispose();

    [Theory]
    [InlineData("#!kd-ab", 0, "#!kd-ablate")]
    [InlineData("#!kd-ablate --al", 12, "--aligner,--alpha")]
    [InlineData("#!kd-ablate --aligner none,lin", 27, "linear")]
    [InlineData("#!kd-compare --methods none,of", 28, "ofd")]
    [InlineData("#!kd-alpha --methods c", 21, "cc,cwd,cwd-logits,cosine")]
    [InlineData("#!kd-ablate --recipe ", 21, "@recipe")]
    [InlineData("#!kd-check c", 11, "cc,channel-mlp,conv-reg,cosine,cwd")]
    [InlineData("#!kd-data --split te", 18, "test")]
    [InlineData("  #!tim", 2, "#!time")]
    public void Names_options_words_and_values_are_completed(string line, int start, string words)
    {
        var found = MagicCompletion.Of(line, shown);
        Assert.Equal(start, found!.Value.Start);
        Assert.Equal(words.Split(','), found.Value.Words);
    }

    [Theory]
    [InlineData("compare")]
    [InlineData("alpha")]
    public void Help_lists_every_method(string command)
    {
        var help = new MagicHelp(MagicCatalogue.Find(command)).ToString();
        Assert.All(NamedMethods.All.Skip(1), method => Assert.Contains($", {method.Name}", help));
    }

    [Fact]
    public void A_line_of_code_is_none_of_its_business() => Assert.Null(MagicCompletion.Of("let x = ", shown));

    [Fact]
    public void Only_values_of_a_fitting_type_are_offered() =>
        Assert.DoesNotContain("@number", MagicCompletion.Of("#!kd-ablate --recipe @", shown)!.Value.Words);

    [Fact]
    public void A_recipe_is_what_the_option_says_it_takes() => Assert.Equal(
        typeof(Recipe), MagicCatalogue.Find("ablate").Options.Single(option => option.Name == "--recipe").Takes);
}
