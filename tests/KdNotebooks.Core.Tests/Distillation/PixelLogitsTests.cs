using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Tasks.Segmentation;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Distillation;

/// <summary>Logit losses of a model with a class for each pixel.</summary>
public sealed class PixelLogitsTests : IDisposable
{
    private const int Classes = 3, Size = 4 * 5;

    private readonly DisposeScope scope = torch.NewDisposeScope();
    private readonly Module<Tensor, Tensor> student = Wave.Fill(Conv2d(1, Classes, 1));
    private readonly Tensor images = Wave.Single(2, 1, 4, 5);
    private readonly Tensor teacher = Wave.Of([2, Classes, 4, 5], 0.61, 1, 2).to(torch.float32);

    public void Dispose() => scope.Dispose();

    public static TheoryData<ILogitLoss> Losses { get; } = [new KdLoss(2), new DkdLoss(), new DistLoss()];

    [Theory]
    [MemberData(nameof(Losses), DisableDiscoveryEnumeration = true)]
    public void Each_labelled_pixel_is_compared_as_an_image_would_be(ILogitLoss loss)
    {
        long[] labels = [.. Enumerable.Range(0, 2 * Size).Select(i => i % 3 == 0 ? 255L : i % Classes)];
        int[] counted = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] != 255)];

        var term = Term(loss, labels, out var logits);

        var expected = loss.Compute(
            Rows(logits, counted), Rows(teacher, counted), torch.tensor(counted.Select(i => labels[i]).ToArray()));
        Assert.Equal(0.5 * expected.ToDouble(), term.ToDouble(), 1e-6);
    }

    [Fact]
    public void A_pixel_that_is_not_labelled_takes_no_part()
    {
        var labels = Enumerable.Repeat(1L, 2 * Size).ToArray();
        labels[7] = 255;
        var before = Term(new KdLoss(), labels, out _).ToDouble();
        teacher[0, 2, 1, 2] += 9; // pixel 7 of image 0
        Assert.Equal(before, Term(new KdLoss(), labels, out _).ToDouble());
        teacher[0, 2, 1, 3] += 9;
        Assert.NotEqual(before, Term(new KdLoss(), labels, out _).ToDouble());
    }

    [Theory]
    [MemberData(nameof(Losses), DisableDiscoveryEnumeration = true)]
    public void Nothing_labelled_is_a_loss_of_0_with_a_gradient_of_0(ILogitLoss loss)
    {
        var term = Term(loss, [.. Enumerable.Repeat(255L, 2 * Size)], out _);
        term.backward();

        Assert.Equal(0, term.ToSingle());
        Assert.All(
            student.parameters().SelectMany(parameter => parameter.grad!.Numbers()), number => Assert.Equal(0, number));
    }

    private static SegmentationTask Task
    {
        get
        {
            var table = new LabelTable("three", [.. Enumerable.Range(0, Classes).Select(i => new LabelRow((byte)i, $"{i}", i, i))]);
            var set = LabelMapSet.Of("one", table, [LabelMap.Sample("one", 4, 5, new byte[3 * Size], new byte[Size])]);
            return new SegmentationTask(new Dataset("one", set, set, set, [0f, 0, 0], [1f, 1, 1]), PaddedCrop.None);
        }
    }

    private Tensor Term(ILogitLoss loss, long[] labels, out Tensor logits)
    {
        using var distiller = new Distiller(
            Network.Of(student), Task, new Guidance([], new LogitConnection(loss, 0.5)),
            new TeacherMaps(new Dictionary<string, long[]> { [""] = [Classes, 4, 5] }), 1, 4, 5);
        var (output, terms) = distiller.Forward(
            Batch.Of(images) with { Targets = new LabelMaps(torch.tensor(labels, [2, 4, 5])) }, new Dictionary<string, Tensor> { [""] = teacher }, 1);
        logits = output.Logits();
        return Assert.Single(terms).Value;
    }

    // [N, K, H, W] -> [pixels, K], number by number.
    private static Tensor Rows(Tensor map, int[] pixels)
    {
        var numbers = map.Numbers();
        return torch.tensor(
            pixels.SelectMany(i => Enumerable.Range(0, Classes).Select(k =>
                numbers[(((i / Size * Classes) + k) * Size) + (i % Size)])).ToArray(),
            [pixels.Length, Classes]);
    }
}
