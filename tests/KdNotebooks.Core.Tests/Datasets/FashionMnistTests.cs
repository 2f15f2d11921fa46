using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Data;

namespace KdNotebooks.Tests.Datasets;

public sealed class FashionMnistTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_mini_set_is_balanced_and_the_documented_one()
    {
        var mini = FashionMnist.Mini();
        Assert.Equal((5000, 2000, 5000), (mini.Train.Count, mini.Validation.Count, mini.Test!.Count));
        foreach (var set in new[] { mini.Train, mini.Validation, mini.Test }.Select(set => ImageSet.Of(set!)))
        {
            Assert.Equal((1, 28, 28), (set.Channels, set.Height, set.Width));
            var counts = set.Labels.ToArray().CountBy(label => label);
            Assert.All(counts, group => Assert.Equal(set.Count / 10, group.Value));
        }

        Assert.Equal(
            "a4d324a8f70b03c32e360a6a1adcddf44a607eacc67ea2cae814b0f2f3588adf", mini.Fingerprint);
    }

    // Computed from the official files by a script in another language that follows datasets.md.
    [Fact]
    public void Each_split_of_the_mini_set_is_what_the_rule_makes_of_the_official_files()
    {
        var mini = FashionMnist.Mini();
        Assert.Equal("b99d6e05da70a38e029a6de8580f1a5ba2decc894b4dd178181468f9b2367184", mini.Train.Fingerprint);
        Assert.Equal("e73e75e61e8acdb7486837a7bfe1fbe963de51e42d661066f8a9e4be7a567bf8", mini.Validation.Fingerprint);
        Assert.Equal("4b59bb4859fed2634e45c5d15de49773058d9084ab69d1ab33538da6c3c52689", mini.Test!.Fingerprint);
    }

    // The first labels of the official files, as anybody's copy begins: 9 0 0 3 0 2 7 2 5 5 and 9 2 1 1 6 1 4 6 5 7.
    [Fact]
    public void The_mini_set_begins_as_the_official_files_begin()
    {
        var mini = FashionMnist.Mini();
        Assert.Equal([9, 0, 0, 3, 0, 2, 7, 2, 5, 5], ImageSet.Of(mini.Train).Labels[..10].ToArray());
        Assert.Equal([9, 2, 1, 1, 6, 1, 4, 6, 5, 7], ImageSet.Of(mini.Test!).Labels[..10].ToArray());
    }

    [Fact]
    public void No_image_of_the_mini_set_is_in_two_splits()
    {
        var mini = FashionMnist.Mini();
        Assert.Equal(0, Common(mini.Train, mini.Validation));
        Assert.Equal(0, Common(mini.Train, mini.Test!));
        Assert.Equal(0, Common(mini.Validation, mini.Test!));
    }

    [Fact]
    public void Its_pixels_have_about_the_stated_mean_and_deviation()
    {
        var pixels = ImageSet.Of(FashionMnist.Mini().Train).Pixels.ToArray();
        var mean = pixels.Average(pixel => pixel / 255.0);
        var deviation = Math.Sqrt(pixels.Average(pixel => Math.Pow((pixel / 255.0) - mean, 2)));
        Assert.Equal(FashionMnist.Mean[0], mean, 0.005);
        Assert.Equal(FashionMnist.Std[0], deviation, 0.005);
    }

    [Fact]
    public void It_is_decoded_once() => Assert.Same(FashionMnist.Mini(), FashionMnist.Mini());

    [Fact]
    public void Where_the_full_set_is_nowhere_the_error_lists_the_places_and_the_remedies()
    {
        var places = new FashionMnistPlaces(_folder.File("named"), _folder.File("user"), _folder.Path);
        _folder.Write("t10k-labels-idx1-ubyte.gz", [1]);
        var error = Assert.Throws<KdException>(() => FashionMnist.Found(places));
        string[] parts =
        [
            Path.Combine(_folder.Path, "named", "fashion-mnist") + " (KD_DATA): no such folder",
            Path.Combine(_folder.Path, "named") + " (KD_DATA): no such folder",
            Path.Combine(_folder.Path, "user", "fashion-mnist") + " (downloaded): no such folder",
            _folder.Path + " (Debian package dataset-fashion-mnist): without train-images-idx3-ubyte.gz, train-labels",
            "kd data get fashion-mnist",
        ];
        Assert.All(parts, part => Assert.Contains(part, error.Message));
    }

    [Fact]
    public void The_folder_that_KD_DATA_names_comes_first()
    {
        foreach (var folder in new[] { "named/fashion-mnist", "user/fashion-mnist" })
        {
            Directory.CreateDirectory(_folder.File(folder));
            foreach (var file in FashionMnistFile.All)
            {
                // Plain and compressed files count alike.
                _folder.Write($"{folder}/{(folder[0] == 'n' ? file.Name : file.GzipName)}", [1]);
            }
        }

        string Found(string? named) =>
            FashionMnist.Found(new FashionMnistPlaces(named, _folder.File("user"), _folder.Path));
        Assert.Equal(_folder.File("named/fashion-mnist"), Found(_folder.File("named")));
        Assert.Equal(_folder.File("named/fashion-mnist"), Found(_folder.File("named/fashion-mnist")));
        Assert.Equal(_folder.File("user/fashion-mnist"), Found(null));
    }

    [Fact]
    public void A_folder_without_the_files_is_refused_by_name_and_read_again_once_mended()
    {
        var error = Assert.Throws<DataFileException>(() => FashionMnist.Full(_folder.Path));
        Assert.Equal(_folder.File("train-images-idx3-ubyte.gz"), error.File);
        _folder.Write("train-images-idx3-ubyte.gz", []);
        error = Assert.Throws<DataFileException>(() => FashionMnist.Full(_folder.Path));
        Assert.Contains("the file is empty", error.Message);
    }

    [Fact]
    public void A_check_says_of_each_file_what_is_wrong()
    {
        var labels = Samples.Idx([0, 1], 2);
        _folder.Write("train-images-idx3-ubyte.gz", Samples.Gzip(labels));
        _folder.Write("train-labels-idx1-ubyte", labels);
        _folder.Write("t10k-images-idx3-ubyte.gz", "<html>"u8.ToArray());
        var findings = FashionMnist.Verify(_folder.Path);
        Assert.All(findings, finding => Assert.False(finding.Sound));
        string[] expected =
        [
            "are the two swapped?", "it is not Fashion-MNIST's: its content has SHA-256", "a web page",
            "the file is missing",
        ];
        Assert.All(expected.Zip(findings), pair => Assert.Contains(pair.First, pair.Second.Message));
        Assert.Equal(_folder.File("train-labels-idx1-ubyte"), findings[1].File);
    }

    [Fact]
    public async Task A_download_of_something_else_leaves_nothing_behind()
    {
        using var server = new LocalServer((_, asked) => LocalServer.Serve([1, 2, 3], asked));
        var error = await Assert.ThrowsAsync<KdException>(() => FashionMnist.DownloadAsync(
            _folder.Path, new Uri(server.Address, "data/"),
            RunContext.Default with { Cancellation = TestContext.Current.CancellationToken }));
        Assert.Equal("/data/train-images-idx3-ubyte.gz", Assert.Single(server.Requests).Path);
        Assert.Contains(FashionMnistFile.TrainImages.GzipSha256, error.Message);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public void The_full_set_of_this_machine_is_the_documented_one()
    {
        if (!FashionMnist.Locate().Any(place => place.Complete))
        {
            TestContext.Current.AddWarning(
                "The full Fashion-MNIST is not on this machine: only its errors were tested.");
            return;
        }

        var full = FashionMnist.Full();
        Assert.Equal((55_000, 5_000, 10_000), (full.Train.Count, full.Validation.Count, full.Test!.Count));
        Assert.Equal("cdb77de52dc69b3412050876f36f530320c9e239393148ad108f5cb73f81e080", full.Fingerprint);
        Assert.All(FashionMnist.Verify(), finding => Assert.True(finding.Sound, finding.Message));
        Assert.Same(full, FashionMnist.Full());
    }

    private static int Common(SampleSet one, SampleSet other)
    {
        var seen = Enumerable.Range(0, one.Count).Select(i => Convert.ToHexString(one.Load(i).Pixels.Span)).ToHashSet();
        return Enumerable.Range(0, other.Count).Count(
            i => seen.Contains(Convert.ToHexString(other.Load(i).Pixels.Span)));
    }
}
