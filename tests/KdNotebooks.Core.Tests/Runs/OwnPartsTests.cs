using System.Text.Json.Nodes;
using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Runs;

/// <summary>Readers' own parts, trained.</summary>
public sealed class OwnPartsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_loss_an_aligner_a_model_and_data_of_one_s_own_are_trained_and_named_in_the_manifest()
    {
        KnownDatasets.Register("own-images", FashionMnist.Mini());
        var first = Mine(1) with { Data = new DataSpec("own-images", 64, 50, 50) };
        var result = Trials.Run(folder.Path, first, Trials.Distilled("linear", new Linear()));
        var ids = result.Runs.Select(run => Path.GetFileName(run.Folder)).ToList();
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(result.Runs[0].Folder, "manifest.json")))!;

        Assert.Equal(
            ["data own-images", "model run-model", "aligner run-aligner", "loss run-loss"],
            manifest["own"]!.AsArray().Select(part => $"{part!["role"]} {part["name"]}"));
        Assert.All(manifest["own"]!.AsArray(), part => Assert.NotEmpty((string)part!["code"]!));
        Assert.StartsWith(
            "JSON alone does not rebuild this run: the data 'own-images', ", (string)manifest["rebuild"]!);
        var plain = JsonNode.Parse(File.ReadAllText(Path.Combine(result.Runs[1].Folder, "manifest.json")))!;
        Assert.Null(plain["own"]);
        Assert.Null(plain["rebuild"]);

        // The same code is the same run, other code another.
        var again = Trials.Run(folder.Path, Mine(1) with { Data = first.Data }).Runs[0].Folder;
        var other = Trials.Run(folder.Path, Mine(2) with { Data = first.Data }).Runs[0].Folder;
        Assert.Equal(ids[0], Path.GetFileName(again));
        Assert.NotEqual(ids[0], Path.GetFileName(other));
    }

    [Fact]
    public void A_loss_that_fails_is_named_with_both_shapes_before_anything_is_trained()
    {
        var loss = new OwnLoss("run-wrong", (s, t) => (s - t.mean([1], keepdim: true).repeat(1, 3, 1, 1)).mean());
        var error = Assert.Throws<KdException>(() => Trials.Run(folder.Path, With(loss))).Message;

        Assert.StartsWith("Recipe 'mine': loss 'run-wrong': student [4, 96, 7, 7] and teacher [4, 96, 7, 7]: ", error);
        Assert.DoesNotContain("\n", error);
    }

    [Fact]
    public void A_loss_that_gives_a_map_is_told_to_end_with_a_mean() => Assert.Contains(
        "it gave [4, 96, 7, 7]; expected one number",
        Assert.Throws<KdException>(() =>
            Trials.Run(folder.Path, With(new OwnLoss("run-map", (s, t) => s - t)))).Message);

    [Fact]
    public void An_aligner_that_gives_other_channels_is_named()
    {
        var aligner = new OwnAligner("run-narrow", (ours, theirs) => Conv2d(ours, ours, 1));
        var error = Assert.Throws<KdException>(() =>
            Trials.Run(folder.Path, Trials.Distilled("mine", aligner))).Message;

        Assert.Contains(
            "aligner 'run-narrow': student [4, 32, 7, 7] and teacher [4, 96, 7, 7]: it gave [4, 32, 7, 7]", error);
    }

    [Fact]
    public void A_model_that_fails_is_named_with_its_input()
    {
        var model = new OwnModel("run-broken", (channels, classes) => Sequential(Flatten(), Linear(5, classes)));
        var error = Assert.Throws<KdException>(() =>
            Trials.Run(folder.Path, Trials.Alone() with { Student = model })).Message;

        Assert.Contains("model 'run-broken': images [4, 1, 28, 28]: ", error);
    }

    [Fact]
    public void A_dataset_that_is_not_registered_is_told_how()
    {
        Assert.Contains(
            "`Own.data \"not-there\" dataset`, or KnownDatasets.Register.",
            Assert.Throws<KdException>(() => KnownDatasets.Open(new DataSpec("not-there"))).Message);
        Assert.Contains("cannot be called 'cityscapes'", Assert.Throws<KdException>(() =>
            KnownDatasets.Register("cityscapes", FashionMnist.Mini())).Message);
    }

    [Fact]
    public void A_part_s_exception_that_says_itself_what_to_do_is_left_as_it_is()
    {
        var loss = new OwnLoss("run-clear", (s, t) => throw new KdException("take fewer classes."));
        Assert.Equal("Recipe 'mine': take fewer classes.", Assert.Throws<KdException>(() =>
            Trials.Run(folder.Path, With(loss))).Message);
    }

    [Fact]
    public void A_loss_of_one_s_own_type_that_cannot_be_built_is_named_with_both_shapes()
    {
        Assert.StartsWith(
            "Recipe 'mine': Connection from student 'layer3' to teacher 'layer3': loss 'unbuilt': to be built for student "
            + "[96, 7, 7] and teacher [96, 7, 7] (channels, height, width): no weights today",
            Assert.Throws<KdException>(() => Trials.Run(folder.Path, With(new Unbuilt()))).Message);
    }

    [Fact]
    public void Within_a_review_and_on_logits_a_failing_loss_is_named_too()
    {
        var review = Trials.Reviewed("mine");
        Assert.Contains("loss 'run-stage': student [4, ", Assert.Throws<KdException>(() => Trials.Run(
            folder.Path,
            review with { Fused = review.Fused! with { Loss = new OwnLoss("run-stage", (s, t) => s.mm(t)) } })).Message);
        Assert.Contains(
            "logit loss 'run-logits': student [4, 10] and teacher [4, 10]: ",
            Assert.Throws<KdException>(() => Trials.Run(folder.Path, Trials.Distilled("mine", new Linear()) with
            {
                Logits = new(new OwnLogitLoss("run-logits", (s, t, labels) => s.mm(t)), 1),
            })).Message);
    }

    private static Recipe With(IFeatureLoss loss)
    {
        var recipe = Trials.Distilled("mine", new Linear());
        return recipe with { Connections = [recipe.Connections[0] with { Loss = loss }] };
    }

    private static Recipe Mine(double scale)
    {
        var loss = new OwnLoss("run-loss", (s, t) => (s - t.detach()).abs().mean() * scale);
        var aligner = new OwnAligner("run-aligner", (ours, theirs) => Conv2d(ours, theirs, 3, padding: 1));
        var model = new OwnModel("run-model", Small);
        return With(loss) with
        {
            Student = model,
            Connections = [new("0", "layer3", aligner, loss, 1, SpatialPolicy.Resize)],
        };
    }

    private static Module Small(int channels, int classes) => Sequential(
        Conv2d(channels, 4, 3, stride: 4), ReLU(), AdaptiveAvgPool2d(1), Flatten(), Linear(4, classes));

    private sealed record Unbuilt : IBuiltLoss
    {
        public string Name => "unbuilt";

        public Tensor Compute(Tensor student, Tensor teacher) => student.mean();

        public Module<Tensor, Tensor, Tensor> Build(FeatureShape student, FeatureShape teacher, ChannelStatistics? norm) =>
            throw new InvalidOperationException("no weights today\nat all");
    }
}
