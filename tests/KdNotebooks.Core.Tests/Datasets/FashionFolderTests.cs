using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Datasets;

public sealed class FashionFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Out => folder.File("out");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_is_an_image_folder_of_the_garments_in_their_classes()
    {
        Assert.Equal(75, FashionFolder.Write(Out, new FashionFolderOptions(40, 25, 10)));
        Assert.Equal(["class_index.json", "fashion-folder.json", "test", "train", "val"], Directory.EnumerateFileSystemEntries(Out).Select(one => Path.GetFileName(one)).Order());
        var data = ImageFolder.Open(Out, new ImageFolderOptions(28, 28));
        Assert.Equal(FashionMnist.ClassNames, data.ClassNames);
        Assert.Equal((40, 25, 10), (data.Train.Count, data.Validation.Count, data.Test!.Count));
        Assert.All(ImageFolderCheck.Folder(Out), one => Assert.True(one.Sound, one.Message));

        // Each image is its garment, but for what JPEG leaves out.
        var mini = FashionMnist.Mini().Validation;
        for (var i = 0; i < data.Validation.Count; i++)
        {
            var number = int.Parse(Path.GetFileNameWithoutExtension(((ImageFolderSet)data.Validation).FileOf(i))[^6..]);
            var (file, own) = (data.Validation.Load(i), mini.Load(number));
            Assert.Equal(own.Target, file.Target);
            var plane = file.Pixels.Span[..784].ToArray();
            Assert.Equal(plane, file.Pixels.Span[1568..].ToArray());
            Assert.InRange(plane.Zip(own.Pixels.ToArray(), (a, b) => Math.Abs(a - b)).Average(), 0, 3);
        }
    }

    [Fact]
    public void It_writes_the_same_bytes_again_and_in_another_size()
    {
        FashionFolder.Write(Out, new FashionFolderOptions(10, 10, 0));
        var first = ImageFolder.Open(Out).Fingerprint;
        FashionFolder.Write(Out, new FashionFolderOptions(10, 10, 0));
        Assert.Equal(first, ImageFolder.Open(Out).Fingerprint);
        FashionFolder.Write(Out, new FashionFolderOptions(10, 10, 0, 48));
        Assert.Equal(new ImageSize(48, 48), KdNotebooks.Data.Formats.ColorReader.ReadSize(Directory.EnumerateFiles(Out, "*.jpeg", SearchOption.AllDirectories).First()));
        Assert.Equal(["out"], folder.Names);
    }

    [Fact]
    public void Files_that_are_not_its_own_stay()
    {
        Directory.CreateDirectory(Out);
        File.WriteAllText(Path.Combine(Out, "mine.txt"), "mine");
        Assert.Contains("mine.txt", Assert.Throws<KdException>(() => FashionFolder.Write(Out, new FashionFolderOptions(10, 10))).Message);
        File.Delete(Path.Combine(Out, "mine.txt"));
        FashionFolder.Write(Out, new FashionFolderOptions(10, 10));
        var mine = Path.Combine(Out, "train", "09-ankle-boot", "mine.jpeg");
        File.WriteAllText(mine, "mine");
        Assert.Contains("mine.jpeg", Assert.Throws<KdException>(() => FashionFolder.Write(Out, new FashionFolderOptions(10, 10))).Message);
        Assert.Equal("mine", File.ReadAllText(mine));
        Assert.Contains("one of each class", Assert.Throws<KdException>(() => FashionFolder.Write(folder.File("few"), new FashionFolderOptions(9, 10))).Message);
        var file = folder.Write("file", [1]);
        Assert.Throws<KdException>(() => FashionFolder.Write(file, new FashionFolderOptions(10, 10)));
    }
}
