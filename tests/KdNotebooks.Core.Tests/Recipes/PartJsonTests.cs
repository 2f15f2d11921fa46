using KdNotebooks.Aligners;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Parts;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Recipes;

/// <summary>Parts of one's own within a recipe's JSON.</summary>
public sealed class PartJsonTests
{
    [Fact]
    public void A_function_stands_under_its_name_with_its_code_and_comes_back_as_what_is_registered()
    {
        var loss = OwnParts.Register<IFeatureLoss>("json-mine", Own("json-mine", 1));
        var recipe = With(loss);
        var text = RecipeJson.Write(recipe);

        Assert.Contains("\"kind\": \"own\",\n        \"name\": \"json-mine\",\n        \"code\": \"", text);
        Assert.DoesNotContain("options", text);
        Assert.Same(loss, RecipeJson.Read(text).Connections[0].Loss);
        Assert.Equal(recipe, RecipeJson.Read(text));
    }

    [Fact]
    public void Other_code_has_another_hash_and_the_same_code_the_same()
    {
        Assert.Equal(With(Own("json-hash", 1)).Hash(), With(Own("json-hash", 1)).Hash());
        Assert.NotEqual(With(Own("json-hash", 1)).Hash(), With(Own("json-hash", 2)).Hash());
    }

    [Fact]
    public void What_nobody_registered_is_registered_when_it_is_written()
    {
        var loss = Own("json-late", 1);
        Assert.Null(OwnParts.Find<IFeatureLoss>("json-late"));

        _ = RecipeJson.Write(With(loss));

        Assert.Same(loss, OwnParts.Find<IFeatureLoss>("json-late"));
        Assert.Contains("json-late", OwnParts.Names<IFeatureLoss>());
        Assert.DoesNotContain("json-late", OwnParts.Names<IAligner>());
    }

    [Fact]
    public void A_type_s_options_come_back_with_it_and_hold_other_parts()
    {
        var recipe = With(new Smooth(0.25, [1, 2], null)) with
        {
            Schedule = new Slower(new Polynomial(2), Mode.Slow),
            Student = new Plain(),
        };
        var text = RecipeJson.Write(recipe);
        var back = RecipeJson.Read(text);

        Assert.Contains("\"name\": \"smooth\"", text);
        Assert.Contains("\"beta\": 0.25", text);
        Assert.Equal(text, RecipeJson.Write(back));
        Assert.Equal(new Slower(new Polynomial(2), Mode.Slow), back.Schedule);
        Assert.IsType<Plain>(back.Student);
        Assert.NotEqual(recipe.Hash(), With(new Smooth(0.5, [1, 2], null)).Hash());
    }

    [Fact]
    public void A_type_can_be_registered_before_there_is_any_instance()
    {
        OwnParts.Register<ISchedule>("early", typeof(Early));

        Assert.Equal(new Early(3), OwnParts.Find<ISchedule>("early"));
        Assert.Contains("\"name\": \"early\"", RecipeJson.Write(Plainly with { Schedule = new Early(5) }));
        Assert.Contains("must be an IFeatureLoss", Assert.Throws<KdException>(() =>
            OwnParts.Register<IFeatureLoss>("early", typeof(Early))).Message);
    }

    [Fact]
    public void Without_the_part_the_message_says_which_and_how_to_register_it()
    {
        var text = RecipeJson.Write(With(Own("json-here", 1))).Replace("json-here", "json-gone");

        Assert.Equal(
            "Recipe.json: the loss 'json-gone' is a part of someone's own and JSON alone does not rebuild it; run the "
            + "cell that defines it and register it (`Own.loss \"json-gone\" ...`, or OwnParts.Register), "
            + "then read again.",
            Assert.Throws<KdException>(() => RecipeJson.Read(text, "Recipe.json")).Message);
    }

    [Fact]
    public void With_other_code_the_message_names_both()
    {
        var (then, now) = (Own("json-changed", 1), Own("json-changed", 2));
        var text = RecipeJson.Write(With(then));
        OwnParts.Register<IFeatureLoss>("json-changed", now);

        var error = Assert.Throws<KdException>(() => RecipeJson.Read(text)).Message;

        Assert.Contains(CodeFingerprint.Of(then), error);
        Assert.Contains(CodeFingerprint.Of(now), error);
        // The older instance is still what it was.
        Assert.Equal(text, RecipeJson.Write(With(then)));
    }

    [Theory]
    [InlineData("\"beta\": 0.25", "\"beta\": \"0.25\"", "converted", "$.connections[0].loss.options.beta")]
    [InlineData("\"beta\": 0.25", "\"beto\": 0.25", "'beto'", "$.connections[0].loss.options.beto")]
    [InlineData("\"code\":", "\"cod\":", "'code'", "$.connections[0].aligner")]
    [InlineData("\"options\":", "\"option\":", "'option'", "$.connections[0].loss")]
    public void What_is_wrong_in_it_is_named_with_its_place(string from, string to, string what, string where)
    {
        var text = RecipeJson.Write(With(new Smooth(0.25, [], null)));
        Assert.Contains(from, text);

        var error = Assert.Throws<KdException>(() => RecipeJson.Read(text.Replace(from, to))).Message;

        Assert.Contains(what, error);
        Assert.Contains(where, error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData("@a")]
    public void A_name_that_a_command_would_read_otherwise_is_refused(string name) =>
        Assert.Contains("A part's name", Assert.Throws<KdException>(() =>
            OwnParts.Register<IFeatureLoss>(name, Own("x", 1))).Message);

    [Fact]
    public void Guests_are_named_by_their_role()
    {
        var recipe = With(Own("json-guest", 1)) with
        {
            Logits = new(new OwnLogitLoss("json-logits", (s, t, labels) => s.mean()), 1),
            Student = new OwnModel("json-model", (channels, classes) => nn.Linear(channels, classes)),
            Optimizer = new OwnOptimizer("json-sgd", 0.1, (parameters, rate) => torch.optim.SGD(parameters, rate)),
            Schedule = new WarmUp(1, new OwnSchedule("json-flat", (step, steps, each) => 1)),
        };

        Assert.Equal(
            ["model json-model", "aligner json-wide", "loss json-guest", "logit loss json-logits", "optimizer json-sgd",
                "schedule json-flat"],
            Guests.Of(recipe).Select(guest => $"{guest.Role} {guest.Name}"));
        Assert.Empty(Guests.Of(Plainly));
        Assert.Equal(recipe, RecipeJson.Read(RecipeJson.Write(recipe)));
    }

    private static Recipe Plainly { get; } = new() { Method = "m", Data = new("d"), Student = new ResNetSpec() };

    private static Recipe With(IFeatureLoss loss) => Plainly with { Connections = [new("a", "b", Wide, loss, 1)] };

    private static readonly IAligner Wide = new OwnAligner("json-wide", (ours, theirs) => nn.Conv2d(ours, theirs, 3));

    private static OwnLoss Own(string name, double scale) => new(name, (s, t) => (s - t).abs().mean() * scale);

    private enum Mode { Fast, Slow }

    private sealed record Smooth(double Beta, IReadOnlyList<int> Levels, int? Most) : IFeatureLoss
    {
        public string Name => $"smooth {Beta}";

        public Tensor Compute(Tensor student, Tensor teacher) => (student - teacher).abs().mean() * Beta;
    }

    private sealed record Slower(ISchedule Of, Mode Mode) : ISchedule
    {
        public double Factor(int step, int steps, int stepsPerEpoch) => Of.Factor(step, steps, stepsPerEpoch) / 2;
    }

    private sealed record Early(int Steps = 3) : ISchedule
    {
        public double Factor(int step, int steps, int stepsPerEpoch) => step < Steps ? 1 : 0.1;
    }

    private sealed record Plain : IModelSpec
    {
        public string Name => "plain";

        public nn.Module Build(int channels, int classes) => nn.Linear(channels, classes);
    }
}
