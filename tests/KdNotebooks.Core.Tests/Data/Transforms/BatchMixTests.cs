using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Data;

public sealed class BatchMixTests
{
    private readonly ImageSet images = Samples.Images(24, channels: 3, height: 10, width: 12);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Mixup_is_a_mean_of_each_image_with_the_one_before_it()
    {
        var shares = new HashSet<float>();
        foreach (var (plain, mixed) in Pairs(new BatchMix(MixUp: 0.4)))
        {
            for (var i = 0; i < plain.Count; i++)
            {
                var other = (i + plain.Count - 1) % plain.Count;
                var target = Assert.IsType<MixedClass>(mixed.Targets[i]);
                Assert.Equal((((ClassIndex)plain.Targets[i]).Index, ((ClassIndex)plain.Targets[other]).Index), (target.Index, target.Other));
                Assert.InRange(target.Share, 0, 1);
                shares.Add(target.Share);
                Assert.Equal(
                    Of(plain, i).Zip(Of(plain, other), (a, b) => (int)((a * target.Share) + (b * (1 - target.Share)) + 0.5f)),
                    Of(mixed, i).Select(value => (int)value));
            }
        }

        Assert.Equal(3 * 4, shares.Count); // one a batch
    }

    [Fact]
    public void CutMix_puts_a_rectangle_of_the_one_before_it_into_each_image()
    {
        foreach (var (plain, mixed) in Pairs(new BatchMix(CutMix: 1)))
        {
            for (var i = 0; i < plain.Count; i++)
            {
                var other = Of(plain, (i + plain.Count - 1) % plain.Count);
                var (own, seen) = (Of(plain, i), Of(mixed, i));
                var foreign = Enumerable.Range(0, 120).Where(at => Enumerable.Range(0, 3).Any(c => seen[(c * 120) + at] != own[(c * 120) + at])).ToList();
                Assert.All(foreign, at => Assert.All(Enumerable.Range(0, 3), c => Assert.Equal(other[(c * 120) + at], seen[(c * 120) + at])));
                Assert.Equal(1 - (foreign.Count / 120f), ((MixedClass)mixed.Targets[i]).Share, 0.001f);
            }
        }
    }

    [Fact]
    public void Batches_are_mixed_alike_whatever_the_threads_and_anew_each_pass()
    {
        string Print(int workers, int epoch) => string.Join('\n', new BatchLoader(
            images, 6, 3, new Chain([new RandomResizedCrop(8), new BatchMix(0.2, 1)]), workers: workers).Epoch(epoch, Cancel)
            .Select(batch => $"{Convert.ToHexString(batch.Pixels.Span)} {string.Join(' ', batch.Targets)}"));
        Assert.Equal(Print(1, 2), Print(5, 2));
        Assert.NotEqual(Print(1, 2), Print(1, 3));
    }

    [Fact]
    public void A_share_of_the_batches_is_mixed()
    {
        var mixed = Enumerable.Range(1, 20).SelectMany(epoch => new BatchLoader(images, 6, 3, new BatchMix(0.2, 1, 0.5)).Epoch(epoch, Cancel))
            .Count(batch => batch.Targets[0] is MixedClass);
        Assert.InRange(mixed, 20, 60);
        Assert.All(
            new BatchLoader(images, 6, 3, new BatchMix(0.2, 1, 0)).Epoch(1, Cancel), batch => Assert.IsType<ClassIndex>(batch.Targets[0]));
    }

    [Fact]
    public void The_loss_of_mixed_classes_is_the_mixture_of_their_losses()
    {
        using var scope = torch.NewDisposeScope();
        var targets = new ITarget[] { new MixedClass(0, 2, 0.7f), new ClassIndex(1) };
        var task = new ClassificationTask(
            new Dataset("x", images, images, null, [0, 0, 0], [1, 1, 1]), PaddedCrop.None);
        var logits = torch.tensor(new float[,] { { 1, 2, 0.5f }, { 0, 3, 1 } });
        var all = (ClassTargets)targets[0].Collate(targets, new ImageSize(1, 1), torch.CPU);
        Assert.Equal([0, 1], all.Labels.data<long>().ToArray());
        var log = logits.log_softmax(1).data<float>().ToArray();
        var expected = -((0.7 * log[0]) + (0.3 * log[2]) + log[4]) / 2;
        Assert.Equal(expected, task.Loss(new KdNotebooks.Models.ModelOutput(logits), all)[0].Value.item<float>(), 1e-5);
    }

    // Mean 1/2, and variance 1 / (4 (2 alpha + 1)).
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(2.5)]
    public void Shares_are_of_a_beta_distribution(double alpha)
    {
        var dice = new Dice(RandomStream.Of(7, (ulong)(alpha * 10)));
        var drawn = Enumerable.Range(0, 20000).Select(_ => dice.Beta(alpha)).ToList();
        Assert.All(drawn, value => Assert.InRange(value, 0, 1));
        Assert.Equal(0.5, drawn.Average(), 0.015);
        Assert.Equal(1 / (4 * ((2 * alpha) + 1)), drawn.Average(value => (value - 0.5) * (value - 0.5)), 0.006);
    }

    [Fact]
    public void What_cannot_be_mixed_is_refused()
    {
        var batch = new BatchLoader(images, 4, 1).Epoch(1, Cancel).First();
        var things = KdNotebooks.Datasets.FashionScenes.Make(new KdNotebooks.Datasets.FashionScenesOptions(4, 1, 0, 32)).Train;
        Assert.Contains(
            "cannot be mixed", Assert.Throws<KdException>(() => new BatchLoader(things, 4, 1, new BatchMix(0.2)).Epoch(1, Cancel).Count()).Message);
        Assert.Throws<KdException>(() => new BatchMix(5).Apply(batch, new Draw(1, 1, 1)));
    }

    private IEnumerable<(PixelBatch Plain, PixelBatch Mixed)> Pairs(BatchMix mix)
    {
        for (var epoch = 1; epoch <= 3; epoch++)
        {
            foreach (var pair in new BatchLoader(images, 6, 3).Epoch(epoch, Cancel).Zip(new BatchLoader(images, 6, 3, mix).Epoch(epoch, Cancel)))
            {
                Assert.Equal(pair.First.Keys.Indices, pair.Second.Keys.Indices);
                yield return pair;
            }
        }
    }

    private static byte[] Of(PixelBatch batch, int i) => batch.Pixels.Slice(i * batch.Pixels.Length / batch.Count, batch.Pixels.Length / batch.Count).ToArray();
}
