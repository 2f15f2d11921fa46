using KdNotebooks.Aligners;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Runs;

[Collection(TorchState.Name)]
public sealed class RecipeNotesTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    public void Dispose() => folder.Delete(recursive: true);

    // Two epochs of two steps.
    [Theory]
    [InlineData(5, false)]
    [InlineData(500, false)]
    [InlineData(4, true)]
    public void A_learning_rate_that_warms_up_for_longer_than_the_run_is_refused(int steps, bool sound)
    {
        var recipe = Trials.Alone() with { Schedule = new WarmUp(1, new WarmUp(steps, new Cosine())) };
        if (sound)
        {
            Assert.Single(Trials.Run(folder.FullName, recipe).Runs);
        }
        else
        {
            Assert.Contains(
                $"Recipe 'none': the learning rate warms up over {steps} steps, and the run has 4",
                Assert.Throws<KdException>(() => Trials.Run(folder.FullName, recipe)).Message);
            Assert.False(Directory.Exists(Path.Combine(folder.FullName, "runs")));
        }
    }

    [Theory]
    [InlineData(double.NaN, "by NaN at step 0")]
    [InlineData(-1, "by -1 at step 0")]
    [InlineData(0, "by 0 in all 4 steps")]
    public void A_schedule_of_ones_own_gives_rates(double factor, string expected) => Assert.Contains(
        expected, Assert.Throws<KdException>(() => Trials.Run(
            folder.FullName, Trials.Alone() with { Schedule = new OwnSchedule("mine", (_, _, _) => factor) })).Message);

    [Fact]
    public void Milestones_and_warm_ups_of_weights_beyond_the_end_are_said()
    {
        var recipe = Trials.Distilled("x", new Linear()) with
        {
            Epochs = 4,
            Schedule = new WarmUp(2, new MultiStep([2, 4, 60])),
            Logits = new LogitConnection(new KdLoss(), 2, WarmUp: 20),
        };
        Assert.Equal(
            [
                "the learning rate falls after epoch 4, 60, and the run has 4: it stays as it is.",
                "'logits kd' grows to its weight over 20 epochs, and the run has 4: it comes to 0.4 of 2.",
            ],
            RecipeNotes.Of(recipe, 8, 2));
        Assert.Empty(RecipeNotes.Of(recipe with { Epochs = 80 }, 160, 2));
    }

    [Fact]
    public void A_student_alone_has_the_task_at_its_full_weight()
    {
        var usual = Trials.Distilled("kd", new Linear()) with { TaskWeight = 0.1, Logits = new(new KdLoss(), 0.9) };
        var alone = usual.Alone();
        Assert.Equal(Trials.Alone() with { Method = "kd" }, alone);
        Assert.Empty(RecipeNotes.Of(alone, 4, 2));
        Assert.Contains(
            "at a weight of 0.1: a baseline has 1",
            Assert.Single(RecipeNotes.Of(alone with { TaskWeight = 0.1 }, 4, 2)));
    }

    [Fact]
    public void A_weight_beyond_all_references_is_said()
    {
        var recipe = Trials.Distilled("x", new Linear());
        Assert.Contains("weighs 200000, more than 1e5", Assert.Single(RecipeNotes.Of(
            recipe with { Connections = [recipe.Connections[0] with { Alpha = 2e5 }] }, 4, 2)));
        Assert.Empty(RecipeNotes.Of(
            recipe with { Connections = [recipe.Connections[0] with { Alpha = 30000 }] }, 4, 2));
    }

    [Fact]
    public void Nothing_to_learn_by_is_refused()
    {
        var recipe = Trials.Distilled("x", new Linear()) with { TaskWeight = 0 };
        RecipeNotes.RequireWeight(recipe);
        Assert.Contains("there is nothing to learn by", Assert.Throws<KdException>(() => RecipeNotes.RequireWeight(
            recipe with { Connections = [recipe.Connections[0] with { Alpha = 0 }] })).Message);
    }
}
