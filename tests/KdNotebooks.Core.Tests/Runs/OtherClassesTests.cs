using System.Text.Json.Nodes;
using KdNotebooks.Aligners;
using KdNotebooks.Analysis;
using KdNotebooks.Losses;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Runs;

/// <summary>A teacher that tells other classes apart than its students: its maps teach, its logits cannot.</summary>
[Collection(TorchState.Name)]
public sealed class OtherClassesTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    // The packaged teacher's maps with a last layer of another size: its students end as the packaged teacher's do.
    [Theory]
    [InlineData(TeacherSource.Live, 23)]
    [InlineData(TeacherSource.Memory, 3)]
    [InlineData(TeacherSource.Disk, 100)]
    public void Its_maps_teach_whole_cohorts(TeacherSource source, int classes)
    {
        var other = new TeacherSpec(Widened(classes), source, root.File("cache"));
        Recipe[] Taught(TeacherSpec teacher) =>
        [
            Trials.Alone(),
            Trials.Distilled("mlp-1", new ChannelMlp()) with { Teacher = teacher },
            Trials.Reviewed("review") with { Teacher = teacher },
        ];

        var usual = Trials.Run(root.File("usual"), Taught(new TeacherSpec("fashion-teacher")));
        var result = Trials.Run(root.File("other"), Taught(other));

        Assert.Equal(
            usual.Runs.Select(run => Sha256.OfFile(Path.Combine(run.Folder, "aligners.safetensors"))),
            result.Runs.Select(run => Sha256.OfFile(Path.Combine(run.Folder, "aligners.safetensors"))));
        Assert.Equal(
            $"it tells {classes} classes apart, fashion-mnist-mini (64/50/50) has 10", result.Teacher!.Unmeasured);
        var text = File.ReadAllText(Path.Combine(result.Runs[1].Folder, "manifest.json"));
        var manifest = JsonNode.Parse(text)!["teacher"]!;
        Assert.Null(manifest["validationAccuracy"]);
        Assert.Equal(result.Teacher.Unmeasured, (string?)manifest["unmeasured"]);
        Assert.NotEmpty(TrainedRun.Open(result.Runs[1]).Correlation(images: 10));
    }

    [Fact]
    public void Its_logits_do_not_and_the_error_says_what_can_be_done()
    {
        var taught = Trials.Distilled("mlp-1", new ChannelMlp()) with { Teacher = new TeacherSpec(Widened(12)) };
        var logits = taught with { Method = "kd", Logits = new(new KdLoss(), 0.5) };
        const string Expected =
            "Recipe 'kd': the loss 'kd' compares logits class by class, but teacher 'wide12' gives 12 classes and "
            + "fashion-mnist-mini (64/50/50) has 10; hold the student to its maps alone (`connect`, without `logits`)";

        Assert.StartsWith(Expected, Refused(() => Trials.Run(root.File("out"), taught, logits)));
        Assert.StartsWith(Expected, Refused(() => AlphaProbe.Measure([taught, logits])));
        Assert.False(Directory.Exists(root.File("out/runs")));
    }

    [Fact]
    public void Its_pull_can_be_measured() => Assert.Single(AlphaProbe.Measure(
        [Trials.Distilled("mlp-1", new ChannelMlp()) with { Teacher = new TeacherSpec(Widened(12)) }],
        new AlphaOptions(1, 1)).Terms);

    [Fact]
    public void So_it_is_for_label_maps()
    {
        using var scenes = new SceneTrials();
        var teacher = new TeacherSpec(Relabelled(scenes.TeacherPath, 8));
        var five = scenes.Five()
            .Select(recipe => recipe.Teacher is null ? recipe : recipe with { Teacher = teacher }).ToList();
        var (maps, logits, heads) = (five[1], five.Single(recipe => recipe.Logits is not null), five[3]);

        var result = Trials.Run(root.File("out"), five[0], maps);

        Assert.Equal("it tells 8 classes apart, FashionScenes has 11", result.Teacher!.Unmeasured);
        Assert.StartsWith(
            "Recipe 'kd': the loss 'kd' compares logits", Refused(() => Trials.Run(root.File("out"), maps, logits)));
        // A head's logits are a map too, but a channel is a class there.
        Assert.Contains("equal channels", Refused(() => Trials.Run(root.File("out"), maps, heads)));
    }

    private static string Refused(Func<object> act) => Assert.Throws<KdException>(act).Message;

    private string Widened(int classes)
    {
        var trained = TrainedModel.Load("fashion-teacher");
        return Saved(trained, classes, $"wide{classes}.safetensors", "fc.");
    }

    private string Relabelled(string path, int classes) =>
        Saved(TrainedModel.Load(path), classes, "relabelled.safetensors", "backbone.", keep: true);

    private string Saved(TrainedModel trained, int classes, string name, string prefix, bool keep = false)
    {
        using var file = SafeTensorsFile.Open(trained.Path);
        using var scope = torch.NewDisposeScope();
        using var model = trained.Spec.Build(trained.Channels, classes);
        using (torch.no_grad())
        {
            foreach (var (key, tensor) in model.state_dict())
            {
                if (key.StartsWith(prefix, StringComparison.Ordinal) == keep)
                {
                    tensor.copy_(file.Load(key));
                }
            }
        }

        TrainedModel.Save(root.File(name), model, trained.Recipe, trained.Channels, classes);
        return root.File(name);
    }
}
