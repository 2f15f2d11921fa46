using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Tasks.Classification;

public sealed class LabelSmoothingTests
{
    [Fact]
    public void A_share_of_each_label_is_spread_over_all_classes()
    {
        using var scope = torch.NewDisposeScope();
        var (logits, labels) = (torch.tensor(new float[,] { { 2, 0, 1 } }), torch.tensor(new long[] { 0 }));
        var log = torch.nn.functional.log_softmax(logits, 1);
        // 0.7 of the true class, 0.1 of each of the three.
        var expected = -((log[0, 0] * 0.8) + (log[0, 1] * 0.1) + (log[0, 2] * 0.1)).item<float>();
        Assert.Equal(expected, ClassificationTask.Loss(logits, labels, 0.3).item<float>(), 1e-5);
        Assert.Equal(-log[0, 0].item<float>(), ClassificationTask.Loss(logits, labels).item<float>(), 1e-6);
    }

    [Fact]
    public void It_is_an_option_of_the_task_and_changes_what_is_learned_and_not_how_it_is_measured()
    {
        var recipe = Trials.Alone() with { Task = new ClassificationSpec(0.1), Epochs = 1 };
        Assert.Equal(recipe, RecipeJson.Read(RecipeJson.Write(recipe)));
        Assert.DoesNotContain("labelSmoothing", RecipeJson.Write(Trials.Alone()));
        Assert.Contains("1.5", Assert.Throws<KdException>(() => new ClassificationSpec(1.5)).Message);

        using var folder = new TemporaryFolder();
        var run = Trials.Run(folder.Path, recipe).Runs[0];
        // The first step's loss of ten classes is about ln 10, smoothed or not; that of the last is what tells them apart.
        Assert.True(run.Epochs[0].Losses["task"] > 0);
        Assert.Equal(
            run.Epochs[0].Validation.Loss,
            run.Rows.Single(row => (row.Metric, row.Split, row.Epoch) == ("loss", "validation", "last")).Value);
    }
}
