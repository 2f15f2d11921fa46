using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Distillation;

public sealed class FeatureKeyTests
{
    private static readonly FeatureKey Key = new("t", "d", "v", ["a", "b"]);

    [Fact]
    public void Equal_keys_have_equal_hashes_that_name_a_folder()
    {
        Assert.Equal(Key.Hash, new FeatureKey("t", "d", "v", ["a", "b"]).Hash);
        Assert.Matches("^[0-9a-f]{32}$", Key.Hash);
    }

    [Fact]
    public void Each_part_of_a_key_changes_its_hash() => Assert.Distinct(
    [
        Key.Hash,
        (Key with { Teacher = "u" }).Hash,
        (Key with { Data = "e" }).Hash,
        (Key with { Views = "w" }).Hash,
        (Key with { Maker = "m" }).Hash,
        (Key with { Paths = ["a"] }).Hash,
        (Key with { Paths = ["a", "b", ""] }).Hash,
    ]);

    [Fact]
    public void Whatever_decides_a_pixel_is_in_the_views_key()
    {
        var (data, augmentation) = (Tiny.Data(), new PaddedCrop());
        AugmentedSet[] all =
        [
            new(data, augmentation, 1),
            new(data, augmentation, 2),
            new(data, augmentation with { Padding = 1 }, 1),
            new(data, augmentation with { Flip = false }, 1),
            new(Restandardized([0.4f], [0.3f]), augmentation, 1),
            new(Restandardized([0.5f], [0.2f]), augmentation, 1),
        ];
        Assert.Distinct(all.Select(images => images.Key));
        // How many views a run goes through does not: a longer run uses a shorter one's.
        Assert.Equal(all[0].Key, new AugmentedSet(data, augmentation with { Views = 3 }, 1).Key);

        Dataset Restandardized(float[] mean, float[] std) =>
            LabeledImages.Split("tiny", ImageSet.Of(data.Train), ImageSet.Of(data.Test!), 1, 1, mean, std);
    }
}
