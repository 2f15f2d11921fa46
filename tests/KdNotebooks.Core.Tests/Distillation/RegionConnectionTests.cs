using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Masks;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Native;
using KdNotebooks.Ops;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Teachers;
using KdNotebooks.Tests.Runs;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Distillation;

/// <summary>A student's features at its proposals, held to its teacher's at the same.</summary>
[Collection(TorchState.Name)]
public sealed class RegionConnectionTests : IDisposable
{
    private const string Pooled = "roi_heads.box_roi_pool";

    private const int Side = 64;

    // Frozen normalizations: the same network gives the same in training, whatever the batch.
    private static readonly FasterRcnnSpec Spec = new(
        18, 4, Channels: 8, SmallestAnchor: 8, HeadWidth: 8, Proposals: new ProposalOptions(60, 20, 60, 20, Anchors: 32),
        Regions: 12)
    {
        FrozenNorms = true,
    };

    private readonly TemporaryFolder root = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        root.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Equal_networks_agree_at_every_region_and_others_do_not(bool padded)
    {
        var batch = TwoImages(padded);

        var (same, outputs) = Term(Spec, Spec, batch, teacherSeed: 1);
        var (other, _) = Term(Spec, Spec, batch, teacherSeed: 2);

        Assert.Equal(2, outputs.Regions.Count); // of an image with things, and of one without
        Assert.All(outputs.Regions, boxes => Assert.True(boxes.shape[0] > 0));
        Assert.True(same.ToDouble() < 1e-9 * other.ToDouble(), $"{same.ToDouble()} {other.ToDouble()}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_term_is_between_both_pyramids_pooled_at_the_students_regions(bool retina)
    {
        var batch = TwoImages(padded: true);
        IModelSpec teacher = retina ? new RetinaNetSpec(18, 6, 8, 16, 1) : Spec with { Width = 6, Masks = true, MaskWidth = 4 };
        using var live = Teacher(teacher, seed: 3);
        Seed.Set(1);
        var student = Spec.Build(3, 4);
        using var distiller = NewDistiller(student, live, new Identity());
        student.train();

        var (outputs, terms) = distiller.Forward(batch, live.Features(batch), 1);

        Assert.Equal([.. Enumerable.Range(0, retina ? 3 : 4).Select(i => $"backbone.fpn.layer_blocks.{i}")], live.Paths);
        var regions = ((RegionDetections)outputs).Regions;
        var ours = Pool([.. ((IReadOnlyList<Tensor>)student.Parts(batch.Images, regions).Levels).Take(4)], regions);
        var theirs = Pool([.. live.Features(batch).Values], regions);
        Assert.Equal((ours - theirs).square().mean().ToDouble(), terms[0].Value.ToDouble(), 1e-5 * terms[0].Value.ToDouble());
        terms[0].Value.backward();
        Assert.True(student.named_parameters().Single(entry => entry.name == "backbone.fpn.layer_blocks.0.0.weight").parameter
            .grad!.abs().sum().ToDouble() > 0);
        Assert.All(live.Maps.Model!.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.Null(student.named_parameters().Single(entry => entry.name == "roi_heads.box_head.fc6.weight").parameter.grad);
    }

    [Fact]
    public void A_cascades_first_stage_is_held()
    {
        using var live = Teacher(Spec, seed: 3);
        Seed.Set(1);
        using var distiller = NewDistiller((Spec with { Cascade = true }).Build(3, 4), live, new Linear(), $"{Pooled}[0]");
        distiller.Student.Root.train();
        var batch = TwoImages(padded: false);

        var (_, terms) = distiller.Forward(batch, live.Features(batch), 1);

        Assert.True(terms[0].Value.ToDouble() > 0);
    }

    [Fact]
    public void Runs_come_out_the_same_again_and_from_a_cache_of_the_pyramid()
    {
        var recipe = Recipe(new RetinaNetSpec(18, 8, 16, 16, 1));

        var live = Trials.Run(root.File("live"), recipe).Runs[0];
        var again = Trials.Run(root.File("again"), recipe).Runs[0];
        var cached = Trials.Run(root.File("cached"), recipe with
        {
            Teacher = recipe.Teacher! with { Source = TeacherSource.Memory },
        }).Runs[0];

        var bytes = File.ReadAllBytes(Path.Combine(live.Folder, "last.safetensors"));
        Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(again.Folder, "last.safetensors")));
        var term = $"{Pooled} linear l2";
        Assert.True(live.Epochs[0].Losses[term] > 0);
        Assert.Equal(live.Epochs[0].Losses[term], cached.Epochs[0].Losses[term], 1e-4 * live.Epochs[0].Losses[term]);
    }

    [Fact]
    public void What_cannot_be_held_there_is_refused_in_one_line_before_training()
    {
        var recipe = Recipe(Spec);
        Connection At(string student, string teacher, IFeatureLoss? loss = null) =>
            new(student, teacher, new Linear(), loss ?? new L2Loss(), 1, SpatialPolicy.Resize);

        var onestage = Refused(recipe with
        {
            Student = new RetinaNetSpec(18, 4, 8, 16, 1),
            Connections = [At("backbone.fpn.layer_blocks.0", Pooled)],
        });
        Assert.Contains("the student gives DenseDetections without any; expected a detector of two stages", onestage);
        Assert.Contains("no such module", Refused(recipe with
        {
            Student = new RetinaNetSpec(18, 4, 8, 16, 1),
            Connections = [At(Pooled, Pooled)],
        }));
        Assert.Contains(
            "images or parts of them", Refused(recipe with { Connections = [At(Pooled, "backbone.fpn.layer_blocks.0")] }));
        Assert.Contains(
            "images or parts of them", Refused(recipe with { Connections = [At("backbone.fpn.layer_blocks.0", Pooled)] }));
        Assert.Contains("3 map(s)", Refused(recipe with { Student = Spec with { Cascade = true } }));
        Assert.False(Directory.Exists(Path.Combine(root.File("refused"), "runs")));

        // A teacher that has no pyramid has nothing there.
        Seed.Set(1);
        Assert.Contains("no such module", Assert.Throws<KdException>(
            () => new LiveTeacher(Network.Of(new ResNetSpec(8, 8).Build(3, 4)), [Pooled], 3, Side, Side)).Message);
    }

    private (Tensor Term, RegionDetections Outputs) Term(
        FasterRcnnSpec student, FasterRcnnSpec teacher, Batch batch, int teacherSeed)
    {
        using var live = Teacher(teacher, teacherSeed);
        Seed.Set(1);
        using var distiller = NewDistiller(student.Build(3, 4), live, new Identity());
        distiller.Student.Root.train();
        var (outputs, terms) = distiller.Forward(batch, live.Features(batch), 1);
        return (terms[0].Value, (RegionDetections)outputs);
    }

    private static LiveTeacher Teacher(IModelSpec spec, int seed)
    {
        Seed.Set(seed);
        return new LiveTeacher(Network.Of(spec.Build(3, 4)), [Pooled], 3, Side, Side);
    }

    private static Distiller NewDistiller(FasterRcnn student, LiveTeacher teacher, IAligner aligner, string path = Pooled)
    {
        var scenes = FashionThings.Make(new FashionScenesOptions(4, 4, 0, Side));
        var task = new DetectionTask(
            new Dataset("four", scenes.Train, scenes.Train, null, scenes.Mean, scenes.Std), PaddedCrop.None, new DetectionSpec());
        return new Distiller(
            student, task, new Guidance([new(path, Pooled, aligner, new L2Loss(), 1)]), teacher.Maps, 3, Side, Side);
    }

    private static Tensor Pool(IReadOnlyList<Tensor> levels, IReadOnlyList<Tensor> regions) => RoiAlign.PoolLevels(
        levels, RoiAlign.Rois(regions), 7, [.. levels.Select(level => LevelMapper.Scale(level, Side))]);

    // One image with two things, and one with none; the second smaller than the batch, if asked for.
    private static Batch TwoImages(bool padded)
    {
        var size = new ImageSize(Side, Side);
        var small = padded ? new ImageSize(48, 40) : size;
        var images = Wave.Single(2, 3, Side, Side);
        images[1].slice(1, small.Height, Side, 1).zero_();
        images[1].slice(2, small.Width, Side, 1).zero_();
        return Batch.Of(images) with
        {
            Sizes = [size, small],
            Targets = ThingBatch.Of(
                [
                    new([new(1, ImageBox.OfCorners(6, 8, 30, 40)), new(3, ImageBox.OfCorners(30, 20, 60, 50))], size),
                    new([], small),
                ],
                size, torch.CPU),
        };
    }

    private string Refused(Recipe recipe)
    {
        var message = Assert.Throws<KdException>(() => Trials.Run(root.File("refused"), recipe)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    // Its teacher tells other classes apart: it teaches without being measured.
    private Recipe Recipe(IModelSpec teacher)
    {
        var scenes = FashionThings.Make(new FashionScenesOptions(4, 4, 0, Side));
        KnownDatasets.Register("four-scenes", new Dataset("four-scenes", scenes.Train, scenes.Train, null, scenes.Mean, scenes.Std));
        var recipe = new Recipe
        {
            Method = "regions",
            Data = new DataSpec("four-scenes"),
            Task = new DetectionSpec(),
            Student = Spec with { FrozenNorms = false },
            Teacher = new TeacherSpec(root.File("teacher.safetensors")),
            Connections = [new(Pooled, Pooled, new Linear(), new L2Loss(), 1)],
            Optimizer = new AdamW(1e-3),
            Iterations = 4,
            Epochs = 1,
            BatchSize = 2,
            Augmentation = new PaddedCrop(0, Views: 2, Seed: 0),
            Device = "cpu",
        };
        Seed.Set(2);
        using var model = teacher.Build(3, 6);
        TrainedModel.Save(recipe.Teacher!.Weights, model, recipe with { Student = teacher }, 3, 6);
        return recipe;
    }
}
