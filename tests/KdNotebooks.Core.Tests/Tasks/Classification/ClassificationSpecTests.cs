using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Tasks.Segmentation;

namespace KdNotebooks.Tests.Tasks.Classification;

public sealed class ClassificationSpecTests
{
    private static readonly Dataset Scenes = LabelMapSamples.Data(LabelMapSamples.Sample(1, 4, 4, 0, 1));

    [Fact]
    public void The_task_is_made_on_data_with_classes()
    {
        var classification = new ClassificationSpec().On(FashionMnist.Mini(), new PaddedCrop());

        Assert.Equal(new ClassificationSpec(), classification.Spec);
        Assert.Same(FashionMnist.Mini(), classification.Data);
        Assert.Equal(10, classification.Chance);
    }

    [Fact]
    public void Data_of_another_kind_is_refused_with_what_to_choose() => Assert.Equal(
        "Classification: tiny has no class for each image. Name another task (`task segmentation` where there is one "
        + "class for each pixel), or choose fashion-mnist or fashion-mnist-mini.",
        Assert.Throws<KdException>(() => new ClassificationSpec().On(Scenes, new PaddedCrop())).Message);

    [Fact]
    public void It_takes_any_augmentation()
    {
        IAugmentation[] all = [new PaddedCrop(), new ResizedCrop(), new Chain([new PaddedCrop(), new PaddedCrop(1)])];
        Assert.All(all, one => Assert.Same(one, new ClassificationSpec().On(FashionMnist.Mini(), one).Augmentation));
        Assert.Equal(new PaddedCrop(), ((ITaskSpec)new ClassificationSpec()).UsualAugmentation);
    }
}
