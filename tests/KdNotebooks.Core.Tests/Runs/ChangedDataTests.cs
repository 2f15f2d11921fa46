using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Runs;

/// <summary>
/// Images that change in place between two runs of one recipe: a cache must not know the old ones any more.
/// </summary>
[Collection(TorchState.Name)]
public sealed class ChangedDataTests : IDisposable
{
    private readonly TemporaryFolder root = new();
    private readonly byte[] pixels = [.. ((ImageSet)FashionMnist.Mini().Train).Slice(0, 64).Pixels.ToArray()];

    public void Dispose() => root.Dispose();

    // A set of ours sees it by itself; of one that says nothing of its contents the cache finds out.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_disk_gives_the_losses_of_a_live_teacher_after_the_images_changed(bool careless)
    {
        var name = $"changing-{careless}";
        KnownDatasets.Register(name, Data(careless));
        var before = Run(name, TeacherSource.Disk);
        RequireSame(before, Run(name, TeacherSource.Disk)); // which reads what the first has written
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(255 - pixels[i]);
        }

        var (disk, live) = (Run(name, TeacherSource.Disk), Run(name, TeacherSource.Live));

        RequireSame(live, disk, 1e-4);
        Assert.NotEqual(before.Epochs[0].Losses["total"], disk.Epochs[0].Losses["total"], 1e-2);
        Assert.Equal(careless, Path.GetFileName(before.Folder) == Path.GetFileName(disk.Folder));
    }

    private static void RequireSame(RunResult one, RunResult other, double within = 0) =>
        Assert.All(one.Epochs.Zip(other.Epochs), epochs => Assert.All(
            epochs.First.Losses, loss => Assert.Equal(loss.Value, epochs.Second.Losses[loss.Key], within)));

    private RunResult Run(string data, TeacherSource source) => Trials.Run(
        root.Path,
        Trials.Distilled($"{source}", new Linear()) with
        {
            Data = new DataSpec(data),
            Teacher = new TeacherSpec("fashion-teacher", source, root.File("cache")),
            Epochs = 1,
        }).Runs[0];

    private Dataset Data(bool careless)
    {
        var mini = FashionMnist.Mini();
        var labels = ((ImageSet)mini.Train).Slice(0, 64).Labels;
        var train = new ImageSet("changing", 1, 28, 28, pixels, labels, mini.ClassNames);
        return new Dataset(
            "changing", careless ? new Careless(train) : train, mini.Validation.Take(50), mini.Test!.Take(50), mini.Mean, mini.Std);
    }

    /// <summary>A reader's own set, whose fingerprint is its name.</summary>
    private sealed class Careless(ImageSet images) : SampleSet("careless", images.Count)
    {
        public override int Channels => 1;

        public override IReadOnlyList<string> ClassNames => images.ClassNames;

        public override string Fingerprint => new('c', 64);

        public override Type TargetType => typeof(ClassIndex);

        public override ImageSize? OneSize => images.OneSize;

        public override Sample Load(int index) => images.Load(index);
    }
}
