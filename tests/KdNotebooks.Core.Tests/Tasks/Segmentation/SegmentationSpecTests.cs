using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Segmentation;

public sealed class SegmentationSpecTests
{
    private static readonly Dataset Scenes = LabelMapSamples.Data(LabelMapSamples.Sample(1, 4, 4, 0, 1));

    [Fact]
    public void The_task_is_made_on_data_with_label_maps()
    {
        var segmentation = new SegmentationSpec(0.7).On(Scenes, new ResizedCrop(2, 2));

        Assert.Equal((new SegmentationSpec(0.7), Scenes), (segmentation.Spec, segmentation.Data));
        Assert.Equal(new ResizedCrop(2, 2), segmentation.Augmentation);
        Assert.Equal(25, segmentation.Chance);
        Assert.True(new SegmentationSpec().Fits(Scenes.Take(1, 1, 0)));
    }

    [Fact]
    public void Data_of_another_kind_is_refused_with_what_to_choose()
    {
        Assert.False(new SegmentationSpec().Fits(FashionMnist.Mini()));
        Assert.Equal(
            "Segmentation: fashion-mnist-mini has no class for each pixel. Choose fashion-scenes or cityscapes, or "
            + "leave `task` out for classification.",
            Refused(new SegmentationSpec(), FashionMnist.Mini(), new ResizedCrop()));
    }

    // Label maps move with their images, whatever moves those.
    [Fact]
    public void It_takes_any_augmentation()
    {
        IAugmentation[] all =
            [new PaddedCrop(), new ResizedCrop(2, 2), new Chain([new ResizedCrop(2, 2), new PaddedCrop()])];
        Assert.All(all, one => Assert.Same(one, new SegmentationSpec().On(Scenes, one).Augmentation));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void An_auxiliary_weight_out_of_range_is_refused(double weight) => Assert.Equal(
        FormattableString.Invariant(
            $"Segmentation: the auxiliary loss weighs {weight}; expected a finite number of at least 0."),
        Refused(new SegmentationSpec(weight), Scenes, ResizedCrop.None));

    [Theory]
    [InlineData("1, 2, 3", 1.0, 2.0, 3.0)]
    [InlineData("1, 2, 3, 4, 5", 1.0, 2.0, 3.0, 4.0, 5.0)]
    [InlineData("1, 0, 3, 4", 1.0, 0.0, 3.0, 4.0)]
    [InlineData("1, -2, 3, 4", 1.0, -2.0, 3.0, 4.0)]
    [InlineData("1, 2, NaN, 4", 1.0, 2.0, double.NaN, 4.0)]
    [InlineData("")]
    public void Class_weights_that_do_not_fit_are_refused(string came, params double[] weights) => Assert.Equal(
        $"Segmentation: the class weights are [{came}]; expected 4 finite numbers greater than 0, one for each class "
        + "of tiny.",
        Refused(new SegmentationSpec(ClassWeights: weights), Scenes, ResizedCrop.None));

    [Fact]
    public void A_window_and_an_augmentation_out_of_range_are_refused()
    {
        Assert.Contains(
            "SlidingWindow: 4x4 at steps of 5 and 1; expected",
            Refused(new SegmentationSpec(Window: new(4, 4, 5, 1)), Scenes, ResizedCrop.None));
        Assert.Contains(
            "expected a crop of at least 0x0", Refused(new SegmentationSpec(), Scenes, new ResizedCrop(-1)));
    }

    [Fact]
    public void Specs_with_equal_options_are_equal()
    {
        SegmentationSpec One() => new(0.4, [1, 2], new(4, 4, 2, 2));
        SegmentationSpec[] others =
            [One() with { AuxiliaryWeight = 1 }, One() with { ClassWeights = [2, 1] }, One() with { Window = null }];

        Assert.Equal(One(), One());
        Assert.Equal(One().GetHashCode(), One().GetHashCode());
        Assert.All(others, other => Assert.NotEqual(One(), other));
        Assert.NotEqual(new SegmentationSpec(), new SegmentationSpec(ClassWeights: []));
    }

    private static string Refused(ITaskSpec spec, Dataset data, IAugmentation augmentation) =>
        Assert.Throws<KdException>(() => spec.On(data, augmentation)).Message;
}
