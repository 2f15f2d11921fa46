using System.Formats.Tar;
using System.IO.Compression;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Datasets;

public sealed class CifarTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_archive_of_another_number_of_images_is_read_in_its_order()
    {
        Archive("cifar-100-binary", ("train.bin", Hundred(40, 7)), ("test.bin", Hundred(6, 9)), ("coarse_label_names.txt", [65]));
        foreach (var place in new[] { folder.Path, folder.File("cifar-100-binary.tar.gz") })
        {
            var data = KnownDatasets.Open(new DataSpec("cifar-100").At(place).HoldingOut(0));
            Assert.Equal((40, 6, null), (data.Train.Count, data.Validation.Count, data.Test));
            Assert.Equal(100, data.ClassNames.Count);
            Assert.Equal(("apple", "worm"), (data.ClassNames[0], data.ClassNames[99]));
            for (var i = 0; i < 40; i++)
            {
                var sample = data.Train.Load(i);
                Assert.Equal(i % 4 * 11, ((ClassIndex)sample.Target).Index);
                Assert.Equal(Hundred(40, 7).AsSpan((i * 3074) + 2, 3072).ToArray(), sample.Pixels.ToArray());
            }
        }
    }

    [Fact]
    public void Of_each_class_the_last_share_is_held_out()
    {
        Archive("cifar-100-binary", ("train.bin", Hundred(40, 7)), ("test.bin", Hundred(6, 9)));
        var data = Cifar.Open("cifar-100", folder.Path);
        Assert.Equal((36, 4, 6), (data.Train.Count, data.Validation.Count, data.Test!.Count));
        Assert.Equal([0, 11, 22, 33], Enumerable.Range(0, 4).Select(i => ((ClassIndex)data.Validation.TargetOf(i)).Index));
        Assert.Equal(Hundred(40, 7).AsSpan((36 * 3074) + 2, 3072).ToArray(), data.Validation.Load(0).Pixels.ToArray());
        var other = Cifar.Open("cifar-100", folder.Path, 0.25);
        Assert.Equal((32, 8), (other.Train.Count, other.Validation.Count));
        Assert.NotEqual(data.Fingerprint, other.Fingerprint);
        Assert.Throws<KdException>(() => Cifar.Open("cifar-100", folder.Path, 1));
    }

    [Fact]
    public void Batches_of_cifar_10_are_joined_by_their_numbers()
    {
        Directory.CreateDirectory(folder.File("cifar-10-batches-bin"));
        foreach (var number in new[] { 1, 2, 10 })
        {
            File.WriteAllBytes(folder.File($"cifar-10-batches-bin/data_batch_{number}.bin"), Ten(20, number));
        }

        File.WriteAllBytes(folder.File("cifar-10-batches-bin/test_batch.bin"), Ten(10, 4));
        File.WriteAllText(folder.File("cifar-10-batches-bin/batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
        var data = Cifar.Open("cifar-10", folder.Path, 0);
        Assert.Equal(["a", "b"], data.ClassNames.Take(2));
        Assert.Equal(Ten(20, 10).AsSpan(1, 3072).ToArray(), data.Train.Load(40).Pixels.ToArray());
        Assert.Equal(data.Fingerprint, Cifar.Open("cifar-10", folder.File("cifar-10-batches-bin"), 0).Fingerprint);
    }

    [Fact]
    public void Verify_says_what_is_not_the_published_one()
    {
        Archive("cifar-100-binary", ("train.bin", Hundred(40, 7)), ("test.bin", Hundred(6, 9)));
        var findings = Cifar.Verify("cifar-100", folder.Path);
        Assert.Equal([true, false], findings.Select(one => one.Sound));
        Assert.Contains("40 training and 6 test images", findings[0].Message);
        Assert.Contains("is not the published archive", findings[1].Message);
        File.WriteAllBytes(folder.File("train.bin"), Hundred(4, 1));
        findings = Cifar.Verify("cifar-100", folder.Path);
        Assert.Contains("test images", Assert.Single(findings).Message);
    }

    [Fact]
    public void What_is_damaged_or_of_another_kind_is_named()
    {
        string Refused(string name = "cifar-100") => Assert.Throws<DataFileException>(() => Cifar.Open(name, folder.Path)).Message;
        Assert.Contains("holds neither cifar-100-binary.tar.gz nor train.bin", Refused());
        Archive("cifar-100-binary", ("train.bin", Hundred(3, 1)[..^1]));
        Assert.Contains("train.bin in it has 9221 bytes, which are no number of images of 3074", Refused());
        var bytes = Hundred(3, 1);
        bytes[3074 + 1] = 100;
        Archive("cifar-100-binary", ("train.bin", bytes));
        Assert.Contains("label 100 at image 1", Refused());
        Archive("cifar-100-binary", ("train.bin", Hundred(3, 1)), ("fine_label_names.txt", "a\nb"u8.ToArray()));
        Assert.Contains("has 2 names", Refused());
        Archive("cifar-100-python", ("train", [1, 2]), ("meta", [3]));
        Assert.Contains("no training images, but train, meta", Refused());
        var whole = File.ReadAllBytes(folder.File("cifar-100-binary.tar.gz"));
        Archive("cifar-100-binary", ("train.bin", Hundred(30, 1)));
        whole = File.ReadAllBytes(folder.File("cifar-100-binary.tar.gz"));
        folder.Write("cifar-100-binary.tar.gz", whole[..(whole.Length / 2)]);
        Assert.Contains("cannot be read", Refused());
        folder.Write("cifar-100-binary.tar.gz", "<html>"u8.ToArray());
        Assert.Contains("cannot be read", Refused());
        Assert.Contains("holds neither", Refused("cifar-10"));
        Assert.Throws<KdException>(() => Cifar.Open("cifar", folder.Path));
    }

    private static byte[] Hundred(int images, ulong seed) => Records(images, seed, i => [(byte)(i % 4), (byte)(i % 4 * 11)]);

    private static byte[] Ten(int images, int seed) => Records(images, (ulong)seed, i => [(byte)(i % 10)]);

    private static byte[] Records(int images, ulong seed, Func<int, byte[]> labels)
    {
        var random = RandomStream.Of(seed);
        return [.. Enumerable.Range(0, images).SelectMany(i => labels(i).Concat(Enumerable.Range(0, 3072).Select(_ => (byte)random.NextInt(256))))];
    }

    private void Archive(string inner, params (string Name, byte[] Content)[] files)
    {
        using var stream = new GZipStream(File.Create(folder.File("cifar-100-binary.tar.gz")), CompressionLevel.Fastest);
        using var tar = new TarWriter(stream);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, $"{inner}/"));
        foreach (var (name, content) in files)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"{inner}/{name}") { DataStream = new MemoryStream(content) });
        }
    }
}
