using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;

namespace KdNotebooks.Tests.Tasks;

public sealed class TaskSpecTests
{
    private static readonly DenseData Scenes = DenseSamples.Data(DenseSamples.Sample(1, 4, 4, 0, 1));

    [Fact]
    public void Each_task_is_made_on_data_and_augmentation_of_its_kind()
    {
        var segmentation = new SegmentationSpec(0.7).On(Scenes, new DenseAugmentation(2, 2));
        var classification = new ClassificationSpec().On(FashionMnist.Mini(), new Augmentation());

        Assert.Equal((new SegmentationSpec(0.7), Scenes), (segmentation.Spec, segmentation.Data));
        Assert.Equal(new DenseAugmentation(2, 2), segmentation.Augmentation);
        Assert.Equal(new ClassificationSpec(), classification.Spec);
        Assert.Equal((25, 10), (segmentation.Chance, classification.Chance));
    }

    [Fact]
    public void Data_of_the_other_kind_is_refused_with_what_to_choose()
    {
        Assert.Equal(
            "Segmentation: fashion-mnist-mini has one class for each image, not one for each pixel. Choose "
            + "fashion-scenes or cityscapes, or leave `task` out for classification.",
            Refused(new SegmentationSpec(), FashionMnist.Mini(), new DenseAugmentation()));
        Assert.Equal(
            "Classification: tiny has one class for each pixel, not one for each image. Write `task segmentation`, or "
            + "choose fashion-mnist or fashion-mnist-mini.",
            Refused(new ClassificationSpec(), Scenes, new Augmentation()));
    }

    [Fact]
    public void An_augmentation_of_the_other_kind_is_refused_with_what_to_write()
    {
        Assert.Equal(
            "Segmentation: `augment` names an Augmentation, which leaves label maps as they were; expected a "
            + "DenseAugmentation, which changes image and label map alike (`augment (Scene.crop 64 64)`).",
            Refused(new SegmentationSpec(), Scenes, new Augmentation()));
        Assert.Equal(
            "Classification: `augment` names a DenseAugmentation, which is for images with label maps; expected an "
            + "Augmentation (`augment (crop 2 |> flip)`).",
            Refused(new ClassificationSpec(), FashionMnist.Mini(), new DenseAugmentation()));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void An_auxiliary_weight_out_of_range_is_refused(double weight) => Assert.Equal(
        FormattableString.Invariant(
            $"Segmentation: the auxiliary loss weighs {weight}; expected a finite number of at least 0."),
        Refused(new SegmentationSpec(weight), Scenes, DenseAugmentation.None));

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
        Refused(new SegmentationSpec(ClassWeights: weights), Scenes, DenseAugmentation.None));

    [Fact]
    public void A_window_and_an_augmentation_out_of_range_are_refused()
    {
        Assert.Contains(
            "SlidingWindow: 4x4 at steps of 5 and 1; expected",
            Refused(new SegmentationSpec(Window: new(4, 4, 5, 1)), Scenes, DenseAugmentation.None));
        Assert.Contains(
            "expected a crop of at least 0x0", Refused(new SegmentationSpec(), Scenes, new DenseAugmentation(-1)));
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

    private static string Refused(ITaskSpec spec, IDataset data, IAugmentation augmentation) =>
        Assert.Throws<KdException>(() => spec.On(data, augmentation)).Message;
}
