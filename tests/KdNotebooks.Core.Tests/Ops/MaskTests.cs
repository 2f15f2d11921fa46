using KdNotebooks.Ops;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Ops;

public sealed class MaskTests : IDisposable
{
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose() => scope.Dispose();

    private static readonly System.Text.Json.JsonElement Golden = OpsGolden.Part("masks");

    private static Tensor Heads => (Wave.Of([5, 1, 28, 28], 0.73, 0, 0.5) + 0.5).to(torch.float32);

    private static Tensor Places => Golden.GetProperty("boxes").Tensor(5, 4);

    [Fact]
    public void Masks_are_pasted_as_torchvision_does()
    {
        var pasted = MaskPaste.Probabilities(Heads, Places, 36, 44);
        OpsGolden.Near(Golden.GetProperty("pasted"), pasted, 1e-4);
        var above = MaskPaste.Above(Heads.squeeze(1), Places, 36, 44);
        Assert.Equal(torch.@bool, above.dtype);
        Assert.Equal(Golden.GetProperty("above").Longs(), above.sum([1L, 2L]).data<long>().ToArray());
        TensorAssert.Same(pasted.gt(0.5).to(torch.uint8), above.to(torch.uint8));
    }

    [Fact]
    public void A_full_mask_fills_its_box()
    {
        var pasted = MaskPaste.Above(torch.ones(1, 1, 28, 28), torch.tensor(new[,] { { 2f, 3, 9, 7 } }), 10, 12);
        Assert.Equal(1, pasted[0, 5, 5].to(torch.int64).item<long>());
        Assert.InRange(pasted.sum().ToInt64(), 7 * 4, 9 * 6);
    }

    [Fact]
    public void Boxes_outside_huge_or_not_numbers_end()
    {
        var boxes = torch.tensor(new[,]
        {
            { -50f, -50, -40, -40 }, { 100, 100, 120, 120 }, { -1e20f, -1e20f, 1e20f, 1e20f }, { 0, 0, float.NaN, 5 },
            { 8, 8, 2, 2 },
        });
        var sums = MaskPaste.Above(torch.ones(5, 28, 28), boxes, 6, 7).sum([1L, 2L]).data<long>().ToArray();
        Assert.Equal([0L, 0, 42, 0, 0], sums);
    }

    [Fact]
    public void No_masks_give_none()
    {
        Assert.Equal([0, 6, 7], MaskPaste.Above(torch.zeros(0, 1, 28, 28), torch.zeros(0, 4), 6, 7).shape);
        Assert.Equal([0, 28, 28], MaskTargets.Crop(
            torch.zeros(0, 6, 7), torch.zeros(0, 4), torch.zeros(0, torch.int64)).shape);
    }

    [Fact]
    public void Masks_of_all_classes_are_refused() => Assert.Contains(
        "choose each box's class", Assert.Throws<KdException>(() =>
            MaskPaste.Above(torch.zeros(2, 3, 28, 28), torch.zeros(2, 4), 6, 7)).Message);

    [Theory]
    [InlineData("bool")]
    [InlineData("byte")]
    [InlineData("float")]
    public void Targets_are_torchvisions(string type)
    {
        var truth = Wave.Of([3, 36, 44], 0.211, 0.3).gt(0.1);
        var masks = type switch { "bool" => truth, "byte" => truth.to(torch.uint8), _ => truth.to(torch.float32) };
        var matches = torch.tensor(Golden.GetProperty("matches").Longs());
        OpsGolden.Near(Golden.GetProperty("targets"), MaskTargets.Crop(masks, Places, matches, 7));
        OpsGolden.Near(Golden.GetProperty("targets28_sum"), MaskTargets.Crop(masks, Places, matches).sum([1L, 2L]));
    }

    [Fact]
    public void Targets_are_what_pooling_the_masks_gives()
    {
        var masks = Wave.Single(3, 30, 20);
        var boxes = torch.tensor(new[,] { { 1f, 2, 18, 29 }, { -4, 3.3f, 7.7f, 8 } });
        var pooled = RoiAlign.Pool(
            masks.unsqueeze(1), torch.cat([torch.tensor(new[,] { { 2f }, { 0 } }), boxes], 1), 9, 1);
        TensorAssert.Near(pooled.squeeze(1), MaskTargets.Crop(masks, boxes, torch.tensor(new[] { 2L, 0 }), 9), 1e-5);
    }

    [Fact]
    public void A_match_that_is_not_there_is_refused() => Assert.Contains(
        "box 0 is matched to mask 3", Assert.Throws<KdException>(() =>
            MaskTargets.Crop(torch.zeros(3, 6, 7), torch.zeros(1, 4), torch.tensor(new[] { 3L }))).Message);
}
