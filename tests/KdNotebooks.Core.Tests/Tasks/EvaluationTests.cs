using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Tasks;

public sealed class EvaluationTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => scope.Dispose();

    [Fact]
    public void The_dataset_is_read_once_for_several_networks()
    {
        var set = new Counted(600);
        var results = Run(set, [Reader(0), Reader(1), Reader(2)], new EvaluationRequest("validation", null, true));

        Assert.Equal(Enumerable.Range(0, 600), set.Loaded.Order());
        Assert.Equal(3, results.Count);
        Assert.All(results, result => Assert.Equal(600, result.Score.Confusion!.Total));
    }

    // Image i is i % 3 by its brightest channel; a network adds its shift to it.
    [Fact]
    public void Predictions_come_in_the_order_of_the_images_for_each_network()
    {
        var results = Run(new Counted(600), [Reader(0), Reader(1)], new EvaluationRequest("validation", null, true));

        Assert.Equal(Enumerable.Range(0, 600).Select(i => i % 3), Classes(results[0]));
        Assert.Equal(Enumerable.Range(0, 600).Select(i => (i + 1) % 3), Classes(results[1]));
        Assert.Equal((100, 0), (results[0].Score.Headline.Value, results[1].Score.Headline.Value));
    }

    // Sizes 1x2 and 2x2 in turn: in the order asked for, each batch would be an image.
    [Fact]
    public void Which_images_are_together_does_not_depend_on_their_order_and_predictions_keep_it()
    {
        int[] inTurn = [.. Enumerable.Range(0, 40).SelectMany(i => new[] { i, 200 + i })];
        int[] apart = [.. inTurn.Order()];
        var (one, other) = (Reader(0), Reader(0));
        var (mixed, sorted) = (Ask(inTurn, one), Ask(apart, other));

        Assert.Equal(inTurn.Select(i => i % 3), Classes(mixed));
        Assert.Equal(apart.Select(i => i % 3), Classes(sorted));
        Assert.Equal(sorted.Score.Headline.Value, mixed.Score.Headline.Value);
        Assert.Equal(sorted.Score.Loss, mixed.Score.Loss);
        Assert.Equal(["40x1", "40x2"], Batches(one));
        Assert.Equal(Batches(other), Batches(one));

        Evaluated Ask(int[] images, INetwork network) =>
            Run(new Counted(600), [network], new EvaluationRequest("validation", images, true)).Single();

        static IEnumerable<string> Batches(INetwork network) =>
            ((Channels)network.Root).Seen.Select(shape => $"{shape[0]}x{shape[2]}");
    }

    [Fact]
    public void Of_some_images_it_reads_those_alone_in_their_order()
    {
        var set = new Counted(600);
        var result = Run(set, [Reader(0)], new EvaluationRequest("validation", [401, 3, 8], true)).Single();

        Assert.Equal([3, 8, 401], set.Loaded.Order());
        Assert.Equal([401 % 3, 0, 2], Classes(result));
        Assert.Equal(3, result.Score.Confusion!.Total);
    }

    [Fact]
    public void Predictions_are_kept_only_where_they_are_asked_for()
    {
        var result = Run(new Counted(3), [Reader(0)], new EvaluationRequest("validation")).Single();
        Assert.Empty(result.Predictions);
        Assert.Equal(100, result.Score.Headline.Value);
    }

    [Fact]
    public void Scores_are_those_of_a_run()
    {
        var task = Task(new Counted(30));
        INetwork[] networks = [Reader(0), Reader(1)];
        Assert.Equal(
            Evaluation.Run(task, networks, new EvaluationRequest("train"), torch.CPU, Cancel).Select(one => one.Score),
            Evaluation.Scores(task, networks, "train", torch.CPU, Cancel));
    }

    [Fact]
    public void A_split_that_is_missing_or_not_known_is_named()
    {
        var task = Task(new Counted(3));
        Assert.Contains(
            "there is no labeled split 'test'",
            Assert.Throws<KdException>(() => Evaluation.Scores(task, [Reader(0)], "test", torch.CPU, Cancel)).Message);
        Assert.Contains(
            "Split 'val' is not known",
            Assert.Throws<KdException>(() => Evaluation.Scores(task, [Reader(0)], "val", torch.CPU, Cancel)).Message);
    }

    [Fact]
    public void Networks_with_other_outputs_than_the_tasks_are_refused_by_name()
    {
        var error = Assert.Throws<KdException>(() => Run(new Counted(3), [new Odd()], new EvaluationRequest("train")));
        Assert.Contains("the network gives Nothing; expected ModelOutput", error.Message);
    }

    private static IEnumerable<int> Classes(Evaluated result) =>
        result.Predictions.Select(prediction => ((ClassPrediction)prediction).Class);

    private static IReadOnlyList<Evaluated> Run(Counted set, INetwork[] networks, EvaluationRequest request) =>
        Evaluation.Run(Task(set), networks, request, torch.CPU, Cancel);

    private static ClassificationTask Task(Counted set) =>
        new(new Dataset("counted", set, set, null, [0, 0, 0], [1, 1, 1]), PaddedCrop.None);

    private static INetwork Reader(int shift) => Network.Of(new Channels(shift));

    /// <summary>The logits are the means of an image's channels, moved on.</summary>
    private sealed class Channels(int shift) : Module<Tensor, Tensor>(nameof(Channels))
    {
        public List<long[]> Seen { get; } = [];

        public override Tensor forward(Tensor images)
        {
            Seen.Add(images.shape);
            return images.mean([2, 3]).roll(shift, 1);
        }
    }

    private sealed record Nothing : IOutputs;

    private sealed class Odd() : Module(nameof(Odd)), INetwork
    {
        Module INetwork.Root => this;

        public IOutputs Forward(Batch batch) => new Nothing();
    }

    /// <summary>Color images of two sizes, which notes what is read.</summary>
    private sealed class Counted(int count) : SampleSet("counted", count)
    {
        private readonly List<int> loaded = [];

        public IReadOnlyList<int> Loaded => loaded;

        public override IReadOnlyList<string> ClassNames => ["a", "b", "c"];

        public override string Fingerprint => new('0', 64);

        public override Type TargetType => typeof(ClassIndex);

        public override ImageSize SizeOf(int index) => new(index < 100 ? 1 : 2, 2);

        public override Sample Load(int index)
        {
            lock (loaded)
            {
                loaded.Add(index);
            }

            var size = SizeOf(index);
            var pixels = new byte[3 * size.Pixels];
            pixels.AsSpan(index % 3 * (int)size.Pixels, (int)size.Pixels).Fill(200);
            return new Sample($"image {index}", 3, size, pixels, new ClassIndex(index % 3));
        }
    }
}
