using KdNotebooks.Data;
using KdNotebooks.Interactive;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Tasks.Segmentation;

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

    [Fact]
    public void A_recipe_of_segmentation_tells_its_task_steps_and_augmentation()
    {
        var text = Text(Scenes);

        Assert.Contains("segmentation: auxiliaryWeight 0.4, classWeights none, window none", text);
        Assert.Contains("PSPNet-R18 (width 16)", text);
        Assert.Contains("40000 steps in 10 epochs of batches of 16", text);
        Assert.Contains("dense: cropHeight 64, cropWidth 48, minRatio 0.5", text);
    }

    [Fact]
    public void Windows_and_weights_of_a_task_are_told() => Assert.Contains(
        "segmentation: auxiliaryWeight 1, classWeights [1, 2.5], window (height 8, width 9, stepY 4, stepX 3)",
        Text(Scenes with { Task = new SegmentationSpec(1, [1, 2.5], new SlidingWindow(8, 9, 4, 3)) }));

    [Fact]
    public void Steps_of_a_chain_are_told_in_words() => Assert.Contains(
        "steps [crop: flip true, seed none, padding 2, views 0; dense: cropHeight 8",
        Text(Scenes with { Augmentation = new Chain([new PaddedCrop(), new ResizedCrop(8, 8)]) }));

    [Fact]
    public void Where_the_images_lie_and_how_large_they_are_is_told()
    {
        Assert.Contains(
            "fashion-scenes of 64x64 pixels: 10 training, 4 validation images",
            Text(Scenes with { Data = new DataSpec("fashion-scenes", 10, 4, Size: 64) }));
        Assert.Contains(
            "cityscapes in data/cityscapes\n",
            Text(Scenes with { Data = new("cityscapes", Folder: "data/cityscapes") }));
    }

    [Fact]
    public void A_folder_s_name_is_escaped()
    {
        var recipe = Scenes with { Data = new("cityscapes", Folder: "<b>x</b>") };
        var html = Formatters.Format(recipe).Data[MimeBundle.Html];

        Assert.Contains("cityscapes in &lt;b&gt;x&lt;/b&gt;", html);
        Assert.DoesNotContain("<b>x", html);
    }

    [Fact]
    public void Classification_is_not_told_for_it_goes_without_saying() =>
        Assert.DoesNotContain("task ", Facts(Text(Analyses.Recipe())));

    private static Recipe Scenes => Analyses.Recipe() with
    {
        Data = new DataSpec("fashion-scenes", 10, 4, 4),
        Task = new SegmentationSpec(),
        Student = new SegmenterSpec(Width: 16),
        Augmentation = new ResizedCrop(64, 48),
        Iterations = 40000,
        Epochs = 10,
        BatchSize = 16,
    };

    private static string Text(Recipe recipe) => Formatters.Format(recipe).Data[MimeBundle.Text];

    private static string Facts(string text) => text[..text.IndexOf('{')];
}
