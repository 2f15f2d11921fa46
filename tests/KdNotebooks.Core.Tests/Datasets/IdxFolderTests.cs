using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Data;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Datasets;

public sealed class IdxFolderTests : IDisposable
{
    private const int Height = 12, Width = 10;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Of_each_class_the_last_tenth_is_validation_and_the_order_is_kept()
    {
        // 21 images of class 0, 4 of class 1, 1 of class 2: image i is all i.
        byte[] labels = [.. Enumerable.Repeat((byte)0, 21), 1, 1, 2, 1, 1];
        Write("train", labels);
        Write("t10k", [2, 0]);

        var data = IdxFolder.Open(folder.Path, "mine");

        Assert.Equal(["0", "1", "2"], data.ClassNames);
        Assert.Equal([1, Height, Width], data.ImageShape);
        Assert.Equal(
            [.. Enumerable.Range(0, 19).Select(i => (byte)i), 21, 22, 23, 24], First(data.Train));
        Assert.Equal([19, 20, 25], First(data.Validation));
        Assert.Equal([0, 1], First(data.Test!));
        Assert.Equal([2, 0], ImageSet.Of(data.Test!).Labels.ToArray());
        Assert.Equal("mine: 23 train, 3 validation, 2 test images of 1x12x10, 3 classes", $"{data}");
    }

    [Fact]
    public void Pixels_are_normalized_by_the_training_split()
    {
        Write("train", [.. Enumerable.Repeat((byte)0, 10), .. Enumerable.Repeat((byte)1, 10)]);
        var data = IdxFolder.Open(folder.Path);
        double[] values = [.. Enumerable.Range(0, 9).Concat(Enumerable.Range(10, 9)).Select(i => i / 255.0)];
        var mean = values.Average();
        Assert.Equal(mean, data.Mean[0], 1e-6);
        Assert.Equal(Math.Sqrt(values.Average(value => Math.Pow(value - mean, 2))), data.Std[0], 1e-6);
        Assert.Null(data.Test);
        Assert.Equal(Path.GetFileName(folder.Path), data.Name);
    }

    [Theory]
    [InlineData("train-images-idx3-ubyte", "train-labels-idx1-ubyte")]
    [InlineData("train-images.idx3-ubyte", "train-labels.idx1-ubyte")]
    [InlineData("emnist-letters-train-images-idx3-ubyte.gz", "emnist-letters-train-labels-idx1-ubyte.gz")]
    public void Files_are_found_as_their_publishers_name_them(string images, string labels)
    {
        foreach (var (name, bytes) in new[] { (images, Images(4)), (labels, Samples.Idx([0, 1, 0, 1], 4)) })
        {
            folder.Write(name, name.EndsWith(".gz") ? Samples.Gzip(bytes) : bytes);
            folder.Write("._" + name, [1]);
        }

        folder.Write(".DS_Store", [1]);
        folder.Write("Thumbs.db", [1]);
        Assert.Equal((2, 2), (IdxFolder.Open(folder.Path).Train.Count, IdxFolder.Open(folder.Path).Validation.Count));
    }

    [Fact]
    public void Names_of_classes_are_the_lines_of_a_file()
    {
        Write("train", [1, 2, 1, 2]);
        var error = Assert.Throws<DataFileException>(() => IdxFolder.Open(folder.Path));
        Assert.Contains("its labels go from 1 to 2; classes count from 0", error.Message);
        Assert.Contains("Subtract 1 from each label, or name every class", error.Message);

        File.WriteAllText(folder.File("classes.txt"), "none\ncat \ndog\n\n");
        Assert.Equal(["none", "cat", "dog"], IdxFolder.Open(folder.Path).ClassNames);
        Assert.Contains("3 classes, no image of none", IdxFolder.Verify(folder.Path)[0].Message);

        File.WriteAllText(folder.File("classes.txt"), "cat\ndog\n");
        Assert.Contains(
            "its labels go from 1 to 2, and label 1 is 2; the classes are 0 to 1",
            Assert.Throws<DataFileException>(() => IdxFolder.Open(folder.Path)).Message);
        File.WriteAllText(folder.File("classes.txt"), "cat\ncat\n");
        Assert.Contains("2 names of classes, 1 of them different", Assert.Throws<DataFileException>(
            () => IdxFolder.Open(folder.Path)).Message);
    }

    [Fact]
    public void A_missing_file_and_files_of_two_datasets_are_named()
    {
        Assert.EndsWith("train-images-idx3-ubyte.gz", Missing().File);
        Write("train", [0, 1, 0, 1]);
        File.Delete(folder.File("train-labels-idx1-ubyte"));
        Assert.EndsWith("train-labels-idx1-ubyte.gz", Missing().File);
        Write("train", [0, 1, 0, 1]);
        folder.Write("t10k-labels-idx1-ubyte", Samples.Idx([0], 1));
        Assert.EndsWith("t10k-images-idx3-ubyte.gz", Missing().File);
        File.Delete(folder.File("t10k-labels-idx1-ubyte"));
        folder.Write("kmnist-train-labels-idx1-ubyte.gz", [1]);
        var error = Assert.Throws<KdException>(() => IdxFolder.Open(folder.Path));
        Assert.Contains(
            "kmnist-train-labels-idx1-ubyte and train-labels-idx1-ubyte are both training labels", error.Message);

        DataFileException Missing() => Assert.Throws<DataFileException>(() => IdxFolder.Open(folder.Path));
    }

    [Fact]
    public void No_two_images_of_a_class_cannot_be_dealt_out()
    {
        Write("train", [0, 1, 2]);
        Assert.Contains("no two of one class", Assert.Throws<KdException>(() => IdxFolder.Open(folder.Path)).Message);
    }

    [Fact]
    public void A_check_says_what_there_is_or_what_is_wrong()
    {
        Write("train", [0, 1, 2, 0, 1, 2]);
        Write("t10k", [1, 1]);
        Assert.Equal(
            ["3 train and 3 validation images of 10x12 pixels, 3 classes",
                "2 test images of 10x12 pixels, 3 classes, all images of one class (1)"],
            IdxFolder.Verify(folder.Path).Select(finding => finding.Message));
        folder.Write("t10k-labels-idx1-ubyte", [0, 0, 12, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1]);
        var finding = Assert.Single(IdxFolder.Verify(folder.Path));
        Assert.False(finding.Sound);
        Assert.Contains("32-bit integers", finding.Message);
        Assert.Equal(folder.File("t10k-labels-idx1-ubyte"), finding.File);
    }

    [Fact]
    public void A_recipe_names_them_by_their_folder_and_trains()
    {
        Write("train", [.. Enumerable.Range(0, 40).Select(i => (byte)(i % 4))]);
        Write("t10k", [0, 1, 2, 3]);
        var recipe = Trials.Alone() with
        {
            Data = new DataSpec("idx", 16, 4, Folder: folder.Path),
            Student = new ResNetSpec(8, 4),
            BatchSize = 8,
            Epochs = 1,
            Teacher = null,
        };
        var run = Trials.Run(folder.File("out"), recipe).Runs[0];
        Assert.Contains(run.Rows, row => row.Metric == "accuracy" && row.Split == "test");
        Assert.Equal(4, KnownDatasets.Open(recipe.Data).ClassNames.Count);
    }

    [Fact]
    public void A_name_that_is_not_known_may_be_one_with_its_folder()
    {
        Write("train", [0, 1, 0, 1]);
        Assert.Equal("digits", KnownDatasets.Open(new DataSpec("digits", Folder: folder.Path)).Name);
        Assert.Contains(
            "'idx' with their folder",
            Assert.Throws<KdException>(() => KnownDatasets.Open(new DataSpec("no-such-digits"))).Message);
        Assert.Contains("leave out the size", Assert.Throws<KdException>(
            () => KnownDatasets.Open(new DataSpec("idx", Folder: folder.Path, Size: 28))).Message);
        Assert.Contains(
            "name the folder", Assert.Throws<KdException>(() => KnownDatasets.Open(new DataSpec("idx"))).Message);
    }

    [Fact]
    public void In_the_place_of_FashionMnist_the_way_is_named()
    {
        Write("train", [0, 1, 0, 1]);
        Write("t10k", [0, 1]);
        var error = Assert.Throws<DataFileException>(() => FashionMnist.Full(folder.Path));
        Assert.Contains("it is not Fashion-MNIST's", error.Message);
        Assert.Contains($"the dataset 'idx' with this folder (`Idx.at \"{folder.Path}\"`)", error.Message);
    }

    private static IEnumerable<byte> First(SampleSet set) =>
        Enumerable.Range(0, set.Count).Select(i => set.Load(i).Pixels.Span[0]);

    private void Write(string split, byte[] labels)
    {
        folder.Write($"{split}-images-idx3-ubyte", Images(labels.Length));
        folder.Write($"{split}-labels-idx1-ubyte", Samples.Idx(labels, labels.Length));
    }

    // Every pixel of image i is i.
    private static byte[] Images(int count) => Samples.Idx(
        [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Repeat((byte)i, Height * Width))], count, Height, Width);
}
