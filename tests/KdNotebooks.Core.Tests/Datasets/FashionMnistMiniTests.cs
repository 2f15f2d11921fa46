using System.Security.Cryptography;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tests.Data;

namespace KdNotebooks.Tests.Datasets;

public sealed class FashionMnistMiniTests
{
    // As datasets.md states them.
    [Fact]
    public void The_embedded_file_is_the_documented_one()
    {
        var bytes = FashionMnistMini.ReadResource();
        Assert.Equal(
            "041b54ed3357f767bbbed22de02d63fb595bcb98b8bc58281e0f0b3f99e0b530",
            Convert.ToHexStringLower(SHA256.HashData(bytes)));
        Assert.InRange(bytes.Length, 1, 6_000_000);
    }

    [Fact]
    public void The_licence_is_embedded_beside_it()
    {
        Assert.Contains("Copyright © 2017 Zalando SE", FashionMnist.Licence);
        Assert.Contains("shall be included in all copies", FashionMnist.Licence);
    }

    // Labels go 0, 1, 2, 0, ...: the first two of each class are the first six images.
    [Fact]
    public void The_builder_takes_the_first_of_each_class_in_the_files_order()
    {
        var (training, test) = (Samples.Images(30), Samples.Images(12, seed: 2));
        var (first, second) = ImagePack.Unpack(FashionMnistMini.Build(training, test, 2, 1), "x", Samples.Classes);
        Assert.Equal(training.Take(6).Fingerprint, first.Fingerprint);
        Assert.Equal(test.Take(3).Fingerprint, second.Fingerprint);
    }

    [Fact]
    public void The_builder_refuses_a_set_that_is_too_small()
    {
        using var folder = new TemporaryFolder();
        var small = FashionMnist.Mini();
        var error = Assert.Throws<KdException>(() => FashionMnistMini.Write(small, folder.File("x")));
        Assert.Contains("500 images; 700", error.Message);
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void From_the_full_set_the_builder_makes_the_very_same_bytes()
    {
        if (!FashionMnist.Locate().Any(place => place.Complete))
        {
            TestContext.Current.AddWarning(
                "The full Fashion-MNIST is not on this machine: the rule was tested on a small set only.");
            return;
        }

        using var folder = new TemporaryFolder();
        FashionMnistMini.Write(FashionMnist.Full(), folder.File("pack"));
        Assert.Equal(["pack"], folder.Names);
        Assert.True(
            FashionMnistMini.ReadResource().AsSpan().SequenceEqual(File.ReadAllBytes(folder.File("pack"))),
            "The file that was made differs from the embedded one.");
    }
}
