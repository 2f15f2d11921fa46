using KdNotebooks.Distillation;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tests.Distillation;
using KdNotebooks.Training;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Training;

[Collection(TorchState.Name)]
public sealed class ParameterRulesTests : IDisposable
{
    private static readonly Sgd Plain = new(0.1, 0, 0);

    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly KdNotebooks.Data.Batch batch;
    private readonly Dictionary<string, Tensor> teacher;

    public ParameterRulesTests()
    {
        Seed.Set(1);
        batch = Tiny.Batch(torch.randn(8, 1, 4, 5), torch.arange(8, dtype: torch.int64).remainder(3));
        teacher = new() { ["body"] = torch.randn(8, 6, 4, 5) };
    }

    public void Dispose() => scope.Dispose();

    [Fact]
    public void A_frozen_stage_keeps_every_bit_and_the_rest_learns()
    {
        using var run = new TestRun(1, TestRun.Feature, rules: new ParameterRules(Frozen: ["body"]));
        var (body, fc, aligner) = (Bits(run, "body"), Bits(run, "fc"), StateDict.Fingerprint(run.Distiller.Aligners));

        Steps(run, 4);

        Assert.Equal(body, Bits(run, "body")); // running statistics too
        Assert.NotEqual(fc, Bits(run, "fc"));
        Assert.NotEqual(aligner, StateDict.Fingerprint(run.Distiller.Aligners));
        Assert.False(TapSet.Find(run.Student, "body").training);
        Assert.True(TapSet.Find(run.Student, "drop").training);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("body.bn")]
    [InlineData("")]
    public void Frozen_norms_keep_their_weights_and_statistics_and_the_convolutions_learn(string below)
    {
        using var run = new TestRun(1, rules: new ParameterRules(FrozenNorms: [below]));
        var (norm, conv, fc) = (Bits(run, "body.bn"), Bits(run, "body.conv"), Bits(run, "fc"));

        Steps(run, 4);

        Assert.Equal(norm, Bits(run, "body.bn"));
        Assert.NotEqual(conv, Bits(run, "body.conv"));
        Assert.NotEqual(fc, Bits(run, "fc"));
        Assert.True(TapSet.Find(run.Student, "body").training);
    }

    // The very bits of a run at that rate, for one step: from then on the other half differs.
    [Fact]
    public void A_modules_rate_is_the_learning_rate_times_its_factor()
    {
        using var run = new TestRun(1, optimizer: Plain, rules: new ParameterRules(Rates: [new("body", 0.25)]));
        using var whole = new TestRun(1, optimizer: Plain);
        using var slow = new TestRun(1, optimizer: Plain with { LearningRate = 0.1 * 0.25 });

        Array.ForEach([run, whole, slow], one => Steps(one, 1));

        Assert.Equal(Bits(slow, "body"), Bits(run, "body"));
        Assert.Equal(Bits(whole, "fc"), Bits(run, "fc"));
        Assert.NotEqual(Bits(whole, "body"), Bits(run, "body"));
    }

    [Fact]
    public void The_schedule_goes_on_top_and_the_log_tells_the_students_rate()
    {
        using var run = new TestRun(
            1, optimizer: Plain, schedule: new MultiStep([1], 0.5), rules: new ParameterRules(Rates: [new("body", 0.25)]));
        using var slow = new TestRun(1, optimizer: Plain with { LearningRate = 0.05 * 0.25 });

        run.StudentTrainer.Step(batch, teacher, new Position(2, 10, 100, 10));
        run.StudentTrainer.EndEpoch(new Position(2, 10, 100, 10), new KdNotebooks.Tasks.Score(0, 0));
        Steps(slow, 1);

        Assert.Equal(Bits(slow, "body"), Bits(run, "body"));
        Assert.Equal(0.05, run.Log.Epochs[0].LearningRate);
    }

    [Fact]
    public void The_innermost_path_has_the_last_word_wherever_it_stands()
    {
        ModuleRate[] rates = [new("body.conv", 0), new("body", 0.25)];
        using var run = new TestRun(1, optimizer: Plain, rules: new ParameterRules(Rates: rates));
        using var other = new TestRun(1, optimizer: Plain, rules: new ParameterRules(Rates: [.. rates.Reverse()]));
        using var slow = new TestRun(1, optimizer: Plain with { LearningRate = 0.1 * 0.25 });
        var conv = Bits(run, "body.conv");

        Array.ForEach([run, other, slow], one => Steps(one, 1));

        Assert.Equal(conv, Bits(run, "body.conv"));
        Assert.Equal(Bits(slow, "body.bn"), Bits(run, "body.bn"));
        Assert.Equal(run.Fingerprint, other.Fingerprint);
    }

    [Fact]
    public void Without_rules_nothing_changes()
    {
        using var run = new TestRun(1, rules: ParameterRules.None);
        using var plain = new TestRun(1);

        Steps(run, 3);
        Steps(plain, 3);

        Assert.Equal(plain.Fingerprint, run.Fingerprint);
    }

    [Fact]
    public void A_student_that_is_frozen_whole_is_refused() => Assert.Contains(
        "run 1: every parameter is frozen",
        Assert.Throws<KdException>(() => new TestRun(1, rules: new ParameterRules(Frozen: [""]))).Message);

    public static TheoryData<ParameterRules> Unknown { get; } =
    [
        new ParameterRules(Frozen: ["fc", "bodi"]), new ParameterRules(FrozenNorms: ["bodi"]),
        new ParameterRules(Rates: [new("fc", 2), new("bodi", 1)]),
    ];

    [Theory]
    [MemberData(nameof(Unknown), DisableDiscoveryEnumeration = true)]
    public void A_path_that_is_not_there_is_refused_with_the_nearest(ParameterRules rules)
    {
        var message = Assert.Throws<KdException>(() => new TestRun(1, rules: rules)).Message;

        Assert.Contains("'bodi'", message);
        Assert.Contains("the nearest is 'body'", message);
    }

    [Theory]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_factor_that_is_none_is_refused(double factor) => Assert.Contains(
        $"the learning rate of 'body' is multiplied by {factor}; expected a finite number of at least 0",
        Assert.Throws<KdException>(
            () => new TestRun(1, rules: new ParameterRules(Rates: [new("body", factor)]))).Message);

    [Fact]
    public void The_same_content_is_equal_whatever_holds_it()
    {
        var rules = new ParameterRules(["a"], ["b"], [new("c", 2)]);
        var again = new ParameterRules(["a"], [.. new List<string> { "b" }], [new("c", 2)]);

        Assert.Equal(rules, again);
        Assert.Equal(rules.GetHashCode(), again.GetHashCode());
        Assert.All(
            [rules with { Frozen = null }, rules with { FrozenNorms = ["d"] }, rules with { Rates = [new("c", 3)] }],
            other => Assert.NotEqual(rules, other));
    }

    private void Steps(TestRun run, int count)
    {
        for (var step = 0; step < count; step++)
        {
            run.StudentTrainer.Step(batch, teacher, new Position(1, step, 100, 10));
        }
    }

    private static string Bits(TestRun run, string path) => StateDict.Fingerprint(TapSet.Find(run.Student, path));
}
