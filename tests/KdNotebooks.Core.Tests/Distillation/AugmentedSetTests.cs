using KdNotebooks.Data;
using KdNotebooks.Distillation;

namespace KdNotebooks.Tests.Distillation;

public sealed class AugmentedImagesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_view_holds_each_image_as_training_sees_it(int views)
    {
        var (data, augmentation) = (Tiny.Data(), new PaddedCrop(Views: views));
        var cancel = TestContext.Current.CancellationToken;
        var images = new AugmentedSet(data, augmentation, 7);
        foreach (var trained in new BatchLoader(data.Train, 24, 7, augmentation).Epoch(4, cancel))
        {
            var kept = images.View(trained.Keys.View, cancel).Single();
            Assert.Equal(views == 0 ? 3 : 1, kept.Keys.View);
            for (var i = 0; i < trained.Count; i++)
            {
                Assert.Equal(
                    trained.Pixels.Slice(i * 20, 20).ToArray(),
                    kept.Pixels.Slice(trained.Keys.Indices[i] * 20, 20).ToArray());
            }
        }
    }
}
