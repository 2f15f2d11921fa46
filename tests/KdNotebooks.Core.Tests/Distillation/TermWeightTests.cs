using KdNotebooks.Aligners;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Distillation;

public sealed class TermWeightTests
{
    private static readonly Connection Map = new("a", "b", new Linear(), new L2Loss(), 1);
    private static readonly LogitConnection Logits = new(new KdLoss(), 1);
    private static readonly FusedConnection Review = new([new("a", "b"), new("c", "d")], new HclLoss(), 1);

    [Theory]
    [InlineData(-0.5)]
    [InlineData(-1e-9)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NaN)]
    [InlineData(2e7)]
    public void What_is_no_weight_is_refused_where_it_is_written_down(double weight)
    {
        Action[] ways =
        [
            () => _ = new Connection("a", "b", new Linear(), new L2Loss(), weight),
            () => _ = Map with { Alpha = weight },
            () => _ = new LogitConnection(new KdLoss(), weight), () => _ = Logits with { Weight = weight },
            () => _ = new FusedConnection(Review.Stages, new HclLoss(), weight),
            () => _ = Review with { Alpha = weight },
            () => _ = Trials.Alone() with { TaskWeight = weight },
        ];
        Assert.All(ways, way =>
        {
            var error = Assert.Throws<KdException>(way).Message;
            Assert.Contains("expected a number from 0 (off) to 1e7", error);
            Assert.DoesNotContain('\n', error);
        });
    }

    [Fact]
    public void The_ends_of_the_range_are_weights()
    {
        Assert.Equal(0, (Map with { Alpha = 0 }).Alpha);
        Assert.Equal(1e7, (Logits with { Weight = 1e7 }).Weight);
        Assert.Equal(0, (Trials.Alone() with { TaskWeight = 0 }).TaskWeight);
    }

    [Fact]
    public void The_message_says_whose_weight_it_is_and_why()
    {
        Assert.Equal(
            "Connection from student 'a' to teacher 'b': alpha is -0.5; expected a number from 0 (off) to 1e7, for a "
            + "negative weight pushes the student away from what it shall learn.",
            Assert.Throws<KdException>(() => Map with { Alpha = -0.5 }).Message);
        Assert.StartsWith(
            "Logits: weight is 1E+09; expected",
            Assert.Throws<KdException>(() => Logits with { Weight = 1e9 }).Message);
    }

    [Fact]
    public void A_warm_up_below_0_is_refused()
    {
        foreach (var way in new Action[]
        {
            () => _ = Map with { WarmUp = -1 }, () => _ = Logits with { WarmUp = -3 },
            () => _ = Review with { WarmUp = -2 },
        })
        {
            Assert.Contains("expected 0 (none) or more", Assert.Throws<KdException>(way).Message);
        }
    }

    [Theory]
    [InlineData("\"alpha\": 7", "\"alpha\": -0.25", "alpha is -0.25")]
    [InlineData("\"weight\": 3", "\"weight\": -0.2", "weight is -0.2")]
    [InlineData("\"taskWeight\": 1", "\"taskWeight\": -1", "the task's weight is -1")]
    [InlineData("\"alpha\": 7", "\"alpha\": 1e30", "alpha is 1E+30")]
    public void A_recipe_in_json_is_refused_with_its_file(string sound, string unsound, string expected)
    {
        var recipe = Trials.Distilled("x", new Linear());
        var json = RecipeJson.Write(recipe with
        {
            Connections = [recipe.Connections[0] with { Alpha = 7 }],
            Logits = new LogitConnection(new KdLoss(), 3),
        });
        Assert.Contains(sound, json);
        var error = Assert.Throws<KdException>(
            () => RecipeJson.Read(json.Replace(sound, unsound), "mine.json")).Message;
        Assert.StartsWith("mine.json: ", error);
        Assert.Contains(expected, error);
    }
}
