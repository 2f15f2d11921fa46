using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Ops;

public sealed class BoxCoderTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Offsets_and_boxes_are_torchvisions()
    {
        var golden = OpsGolden.Part("pairs");
        var (a, b) = (golden.GetProperty("a").Tensor(7, 4), golden.GetProperty("b").Tensor(5, 4));
        var offsets = golden.GetProperty("offsets").Tensor(7, 8);
        OpsGolden.Near(golden.GetProperty("encoded"), new BoxCoder(10, 10, 5, 5).Encode(b, a.narrow(0, 0, 5)));
        OpsGolden.Near(golden.GetProperty("decoded"), new BoxCoder(10, 10, 5, 5).Decode(offsets, a));
        OpsGolden.Near(golden.GetProperty("decoded_plain"), new BoxCoder().Decode(offsets, a));
    }

    [Fact]
    public void So_are_those_of_the_given_boxes()
    {
        var outputs = OpsGolden.Given.GetProperty("outputs");
        var boxes = OpsGolden.Given.GetProperty("boxes").Tensor(60, 4).narrow(0, 0, 20);
        var others = OpsGolden.Given.GetProperty("boxes2").Tensor(20, 4);
        var coder = new BoxCoder(10, 10, 5, 5);
        var encoded = coder.Encode(boxes, others);
        OpsGolden.NearSummary(outputs.GetProperty("box_encode weights 10 10 5 5"), encoded);
        OpsGolden.NearSummary(outputs.GetProperty("box_decode"), coder.Decode(encoded, others).squeeze(1));
    }

    [Fact]
    public void A_box_that_is_encoded_comes_back()
    {
        var boxes = torch.tensor(new[,] { { 1.0, 2, 30, 9 } });
        var references = torch.tensor(new[,] { { 4.0, 1, 20, 20 } });
        var coder = new BoxCoder(3, 4, 5, 6);
        TensorAssert.Near(boxes, coder.Decode(coder.Encode(boxes, references), references).squeeze(1), 1e-12);
    }

    [Fact]
    public void A_size_is_cut_and_stays_finite()
    {
        var decoded = new BoxCoder().Decode(
            torch.tensor(new[,] { { 0f, 0, 100, 100 } }), torch.tensor(new[,] { { 0f, 0, 2, 4 } }));
        Assert.Equal(
            [-61.5f, -123f, 63.5f, 127f], decoded.data<float>().ToArray().Select(side => MathF.Round(side, 3)));
    }

    [Fact]
    public void No_boxes_give_none_of_each_class()
    {
        Assert.Equal([0, 3, 4], new BoxCoder().Decode(torch.zeros(0, 12), torch.zeros(0, 4)).shape);
        Assert.Equal([0, 4], new BoxCoder().Encode(torch.zeros(0, 4), torch.zeros(0, 4)).shape);
    }

    [Fact]
    public void Offsets_without_references_are_refused() => Assert.Contains(
        "got 2 and 3", Assert.Throws<KdException>(() =>
            new BoxCoder().Decode(torch.zeros(2, 4), torch.zeros(3, 4))).Message);
}
