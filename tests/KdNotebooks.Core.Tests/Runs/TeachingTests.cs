using KdNotebooks.Aligners;
using KdNotebooks.Losses;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Training;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Runs;

/// <summary>What a first look before training says of terms that teach nothing.</summary>
[Collection(TorchState.Name)]
public sealed class TeachingTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();
    private readonly List<string> said = [];

    public void Dispose() => folder.Delete(recursive: true);

    public static TheoryData<IFeatureLoss> Constant => [new CwdLoss(2), new AtLoss(3), new FtLoss(), new NstLoss()];

    [Theory]
    [MemberData(nameof(Constant))]
    public void A_loss_that_is_constant_for_pooled_maps_is_refused(IFeatureLoss loss)
    {
        var pooled = Held("pooled", new Linear(), loss, "avgpool");
        Assert.Contains($"Recipe 'pooled': 'avgpool linear {loss.Name}' cannot teach: ", Refused(pooled));
        var global = Held("global", new Linear(), loss, "layer2", SpatialPolicy.Global);
        if (loss.Fit != MapFit.Any)
        {
            Assert.Contains("one position", Refused(global));
        }
    }

    // A loss of a reader's own says nothing of shapes: it is seen.
    [Fact]
    public void A_loss_of_ones_own_that_gives_rounding_alone_is_refused()
    {
        var own = new OwnLoss("mine", (ours, theirs) =>
            (Unit(ours.flatten(2)) - Unit(theirs.flatten(2)).detach()).square().sum());
        Assert.Contains(
            "Recipe 'own': 'avgpool linear mine' cannot teach: it gives student and aligner no gradient above "
            + "float32's rounding, on the first 16 images nor on random maps",
            Refused(Held("own", new Linear(), own, "avgpool")));
        Assert.Empty(Look(Held("maps", new Linear(), own, "layer3")));

        static Tensor Unit(Tensor rows) => rows / (rows.norm(2, keepdim: true, p: 2) + 1e-12);
    }

    [Fact]
    public void A_small_gradient_is_no_rounding()
    {
        var own = new OwnLoss("small", (ours, theirs) => (ours - theirs.detach()).square().mean() * 1e-9);
        Assert.Empty(Look(Held("small", new ChannelMlp(), own, "layer3")));
    }

    [Fact]
    public void A_loss_without_the_student_is_refused()
    {
        var own = new OwnLoss("theirs", (_, theirs) => theirs.detach().square().mean());
        Assert.Contains("does not depend on the student", Refused(Held("x", new Linear(), own, "layer3")));
    }

    // Of two images the one becomes +, the other -; the classes of an image are left.
    [Fact]
    public void A_part_of_a_loss_that_does_nothing_is_said()
    {
        var two = Trials.Alone() with
        {
            Teacher = new("fashion-teacher"),
            Logits = new(new DistLoss(), 1),
            BatchSize = 2,
        };
        Assert.Contains("'logits dist': DistLoss's gamma", Assert.Single(Look(two)));
        Assert.Contains("'logits dist' cannot teach", Refused(two with { Logits = new(new DistLoss(Beta: 0), 1) }));
    }

    [Fact]
    public void A_weight_of_0_is_off()
    {
        var off = Held("off", new Linear(), new CwdLoss(), "avgpool");
        Assert.Empty(Look(off with { Connections = [off.Connections[0] with { Alpha = 0 }] }));
    }

    // Its student gets no gradient at the first step, and does at the second.
    [Fact]
    public void An_aligner_that_starts_at_zero_teaches() =>
        Assert.Empty(Look(Held("zero", new Own("zero", () => Zero(Conv2d(32, 96, 1))), new L2Loss(), "layer3")));

    [Fact]
    public void An_aligner_that_cuts_the_student_off_is_said()
    {
        var cut = new Own("cut", () => new Cut(Conv2d(32, 96, 1)));
        var note = Assert.Single(Look(Held("cut", cut, new L2Loss(), "layer3")));
        Assert.Contains("'layer3 cut l2' trains its aligner alone", note);
    }

    [Fact]
    public void An_aligner_that_no_gradient_reaches_is_said()
    {
        var note = Assert.Single(Look(Held("deaf", new Own("deaf", () => new Deaf(96)), new L2Loss(), "layer3")));
        Assert.Contains("gives the aligner 'deaf' no gradient", note);
    }

    [Fact]
    public void A_frozen_part_is_meant_to_learn_nothing()
    {
        var recipe = Held("frozen", new Linear(), new L2Loss(), "layer1") with
        {
            Parameters = new ParameterRules(["conv1", "bn1", "layer1"]),
        };
        Assert.Contains("reaches frozen parts of the student alone", Assert.Single(Look(recipe)));
        Assert.Empty(Look(recipe with { Parameters = new ParameterRules(["conv1"]) }));
    }

    [Fact]
    public void A_loss_that_is_silent_on_these_images_alone_is_said_and_not_refused()
    {
        var hinge = new OwnLoss("hinge", (ours, theirs) => (ours - 4).relu().sum());
        var recipe = Held("hinge", new Identity(), hinge, "avgpool") with { BatchSize = 8 };
        Assert.Contains("'avgpool hinge' gives no gradient on the first 16 images", Assert.Single(Look(
            recipe with { Connections = [recipe.Connections[0] with { Loss = Any(hinge) }] })));

        static OwnLoss Any(OwnLoss loss) => new(loss.Name, loss.Compute, MapFit.Any);
    }

    [Fact]
    public void Methods_that_teach_are_silent_whatever_gives_the_teachers_maps()
    {
        Recipe[] recipes =
        [
            Trials.Distilled("mlp", new ChannelMlp()) with { Logits = new(new DkdLoss(), 1) },
            Trials.Distilled("masked", new MaskedGenerative()),
            Trials.Reviewed("review"),
            Held("at", new Identity(), new AtLoss(), "layer3"), Held("sp", new Identity(), new SpLoss(), "avgpool"),
            Held("cc", new Identity(), new CcLoss(), "layer3"),
            Held("vid", new ChannelMlp(2, Bias: false), new VidLoss(), "layer3"),
            Held("pkt", new Identity(), new PktLoss(), "layer3"), Held("rkd", new Identity(), new RkdLoss(), "layer3"),
            Held("vkd", new OrthogonalLinear(), new VkdLoss(), "layer3", SpatialPolicy.Global),
            Held("srd", new Linear(), new SrdLoss(), "layer3", SpatialPolicy.Global),
            Held("pefd", new ProjectorEnsemble(), new CosineLoss(), "layer3", SpatialPolicy.Global),
            Held("pkd", new Linear(), new PkdLoss(), "layer3"), Held("ft", new Identity(), new FtLoss(), "layer3"),
            Held("nst", new Identity(), new NstLoss(), "layer3"), Held("cwd", new Linear(), new CwdLoss(), "layer3"),
            Held("ofd", new ConvReg(Relu: false), new OfdLoss(), "layer3.0.bn2"),
            Trials.Alone() with { Method = "dist", Teacher = new("fashion-teacher"), Logits = new(new DistLoss(), 1) },
        ];
        Assert.Empty(Look(recipes));
        Assert.Empty(Look([.. recipes.Select(recipe => recipe with { Teacher = new TeacherSpec("fashion-teacher") })]));
    }

    [Fact]
    public void What_was_said_is_in_the_manifest_and_the_result()
    {
        var recipe = Held("frozen", new Linear(), new L2Loss(), "layer1") with
        {
            Parameters = new ParameterRules(["conv1", "bn1", "layer1"]),
            Epochs = 1,
        };
        var run = Assert.Single(Experiment.Run([recipe], Context).Runs);
        var note = Assert.Single(run.Notes);
        Assert.Equal($"Recipe 'frozen': {note}", Assert.Single(said));
        using var manifest = System.Text.Json.JsonDocument.Parse(
            File.ReadAllText(Path.Combine(run.Folder, "manifest.json")));
        Assert.Equal(note, manifest.RootElement.GetProperty("notes")[0].GetString());
    }

    [Fact]
    public void What_is_true_of_several_seeds_and_methods_is_said_once()
    {
        var late = Trials.Alone() with { Schedule = new MultiStep([9]) };
        Assert.StartsWith("Recipes 'none', 'too': the learning rate falls after epoch 9", Assert.Single(
            Look(late, late with { Seed = 2 }, late with { Method = "too" })));
    }

    // Nothing of the look is left in a run: not in its draws, nor in its statistics.
    [Fact]
    public void A_run_is_the_same_beside_others_that_were_looked_at()
    {
        var masked = Trials.Distilled("masked", new MaskedGenerative()) with { Epochs = 1 };
        var alone = Experiment.Run([masked], Context).Runs[0];
        var first = File.ReadAllBytes(alone.BestStudent);
        var cc = Held("cc", new Identity(), new CcLoss(), "layer3") with { Epochs = 1 };
        var both = Experiment.Run([Trials.Alone() with { Epochs = 1 }, masked, cc], Context);
        Assert.Equal(first, File.ReadAllBytes(both.Runs[1].BestStudent));
    }

    private RunContext Context =>
        new(ProgressReporter.Silent, folder.FullName, TestContext.Current.CancellationToken) { Notice = said.Add };

    private static Recipe Held(
        string method, IAligner aligner, IFeatureLoss loss, string path, SpatialPolicy spatial = SpatialPolicy.None) =>
        Trials.Distilled(method, aligner) with { Connections = [new(path, path, aligner, loss, 1, spatial)] };

    // As far as the training, which is cancelled.
    private List<string> Look(params Recipe[] recipes)
    {
        said.Clear();
        using var stop = new CancellationTokenSource();
        var context = Context with
        {
            Progress = new Distillation.Reporter((_, _) => stop.Cancel()),
            Cancellation = stop.Token,
        };
        Assert.ThrowsAny<OperationCanceledException>(() => Experiment.Run(recipes, context));
        return [.. said];
    }

    private string Refused(Recipe recipe) =>
        Assert.Throws<KdException>(() => Experiment.Run([recipe], Context)).Message;

    private static Module<Tensor, Tensor> Zero(Module<Tensor, Tensor> module)
    {
        using var noGrad = torch.no_grad();
        module.parameters().ToList().ForEach(parameter => parameter.zero_());
        return module;
    }

    private sealed class Own(string name, Func<Module<Tensor, Tensor>> build) : IAligner, KdNotebooks.Parts.IOwnPart
    {
        public string Name => name;

        public Module<Tensor, Tensor> Build(long studentChannels, long teacherChannels) => build();
    }

    private sealed class Cut : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> inner;

        public Cut(Module<Tensor, Tensor> inner) : base(nameof(Cut))
        {
            this.inner = inner;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => inner.call(input.detach());
    }

    // Repeats its input, and has a weight that it does not use.
    private sealed class Deaf : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter unused = Parameter(torch.ones(3));
        private readonly long channels;

        public Deaf(long channels) : base(nameof(Deaf))
        {
            this.channels = channels;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input.repeat(1, channels / input.shape[1], 1, 1);
    }
}
