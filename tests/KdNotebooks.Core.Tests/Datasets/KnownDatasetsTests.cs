using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Datasets;

public sealed class KnownDatasetsTests
{
    [Fact]
    public void Without_numbers_it_is_the_whole_set() =>
        Assert.Same(FashionMnist.Mini(), KnownDatasets.Load(new DataSpec("fashion-mnist-mini")));

    [Fact]
    public void A_number_takes_the_first_images_of_its_split_and_all_of_the_others()
    {
        var data = KnownDatasets.Load(new DataSpec("fashion-mnist-mini", Validation: 7));

        Assert.Equal((5000, 7, 5000), (data.Train.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal(FashionMnist.Mini().Validation.Take(7).Fingerprint, data.Validation.Fingerprint);
        Assert.NotEqual(FashionMnist.Mini().Fingerprint, data.Fingerprint);
    }

    [Theory]
    [InlineData("fashion-mnist-mimi", "nearest is 'fashion-mnist-mini'")]
    [InlineData("", "Known: fashion-mnist-mini, fashion-mnist, fashion-scenes, cityscapes.")]
    public void A_name_that_is_not_known_is_refused_with_the_nearest(string name, string message) =>
        Assert.Contains(message, Assert.Throws<KdException>(() => KnownDatasets.Load(new DataSpec(name))).Message);
}
