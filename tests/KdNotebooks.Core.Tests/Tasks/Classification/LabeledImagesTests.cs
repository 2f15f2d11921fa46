using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Data;

namespace KdNotebooks.Tests.Tasks.Classification;

public sealed class LabeledImagesTests
{
    private static readonly float[] Half = [0.5f];

    [Fact]
    public void No_image_is_in_two_splits_and_each_class_counts_alike()
    {
        var (training, test) = (Samples.Images(30), Samples.Images(9, seed: 2));
        var data = LabeledImages.Split("x", training, test, 5, 3, Half, Half);
        var seen = new HashSet<string>();
        foreach (var set in new[] { data.Train, data.Validation, data.Test! }.Select(ImageSet.Of))
        {
            for (var i = 0; i < set.Count; i++)
            {
                Assert.True(seen.Add(Convert.ToHexString(set.Image(i))));
            }

            Assert.Single(set.Labels.ToArray().CountBy(label => label).Select(group => group.Value).Distinct());
        }

        Assert.Equal((15, 9, 9), (data.Train.Count, data.Validation.Count, data.Test!.Count));
        Assert.Equal(
            ["x train", "x validation", "x test"],
            new[] { data.Train, data.Validation, data.Test }.Select(s => s.Name));
    }

    // Labels go 0, 1, 2, 0, ...: the first two of each class are the first six images.
    [Fact]
    public void Validation_follows_train_in_the_files_order()
    {
        var training = Samples.Images(30);
        var data = LabeledImages.Split("x", training, Samples.Images(3, seed: 2), 2, 1, Half, Half);
        Assert.Equal(training.Take(6).Fingerprint, data.Train.Fingerprint);
        Assert.Equal(training.Slice(6, 3).Fingerprint, data.Validation.Fingerprint);
    }

    [Fact]
    public void A_class_with_too_few_images_is_named()
    {
        var error = Assert.Throws<KdException>(
            () => LabeledImages.Split("x", Samples.Images(29), Samples.Images(3, seed: 2), 8, 2, Half, Half));
        Assert.Contains("class 2 (c) has 9 images; 10", error.Message);
        Assert.Throws<KdException>(
            () => LabeledImages.Split("x", Samples.Images(9), Samples.Images(3), 3, 0, Half, Half));
    }

    [Fact]
    public void Test_images_that_are_the_training_images_are_refused()
    {
        var training = Samples.Images(30);
        var error = Assert.Throws<KdException>(
            () => LabeledImages.Split("x", training, training.Slice(20, 3), 2, 1, Half, Half));
        Assert.Contains("share memory", error.Message);
    }

    [Fact]
    public void Sets_and_numbers_that_do_not_fit_are_refused()
    {
        var (training, test) = (Samples.Images(9), Samples.Images(3, seed: 2));
        Assert.Throws<KdException>(
            () => LabeledImages.Split("x", training, Samples.Images(3, width: 6), 2, 1, Half, Half));
        Assert.Throws<KdException>(() => LabeledImages.Split("x", training, test, 2, 1, [0.5f, 0.5f], Half));
        Assert.Throws<KdException>(() => LabeledImages.Split("x", training, test, 2, 1, Half, [0f]));
    }
}
