using KdNotebooks.Experiments;
using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class RecipeFormatterTests
{
    [Fact]
    public void Decisions_are_in_words_and_the_JSON_is_folded_away()
    {
        var html = Formatters.Format(Analyses.Recipe()).Data[MimeBundle.Html];

        Assert.Contains("Recipe mlp-1, seed ", html);
        Assert.Contains("mlp-1, l2 (mean); alpha 5", html);
        Assert.Contains("sgd: learningRate 0.1, momentum 0.9", html);
        Assert.Contains("<details><summary>As JSON</summary>", html);
    }

    [Fact]
    public void As_text_the_JSON_can_be_read_back()
    {
        var text = Formatters.Format(Analyses.Recipe()).Data[MimeBundle.Text];

        var read = RecipeJson.Read(text[text.IndexOf('{')..]);

        Assert.Equal(RecipeJson.Write(Analyses.Recipe()), RecipeJson.Write(read));
    }

    [Fact]
    public void A_choice_within_a_choice_is_told_too() => Assert.Contains(
        "warm-up: steps 10, then (cosine: floor 0)",
        Formatters.Format(Analyses.Recipe() with { Schedule = new Training.WarmUp(10, new Training.Cosine()) })
            .Data[MimeBundle.Html]);
}
