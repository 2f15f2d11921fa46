using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Data;

namespace KdNotebooks.Tests.Datasets;

public sealed class ImagePackTests
{
    private readonly ImageSet _training = Samples.Images(6, channels: 2);
    private readonly ImageSet _test = Samples.Images(3, channels: 2, seed: 2);

    [Fact]
    public void What_was_packed_comes_out_again()
    {
        var (training, test) = ImagePack.Unpack(ImagePack.Pack(_training, _test), "x", Samples.Classes);
        Assert.Equal((_training.Fingerprint, _test.Fingerprint), (training.Fingerprint, test.Fingerprint));
    }

    [Fact]
    public void A_pack_cut_off_at_any_byte_is_refused_by_name()
    {
        var whole = ImagePack.Pack(_training, _test);
        for (var length = 0; length < whole.Length; length++)
        {
            Refused(whole[..length]);
        }

        Refused([.. whole, 0]);
    }

    [Fact]
    public void A_pack_with_any_wrong_byte_is_refused_by_name()
    {
        var whole = ImagePack.Pack(_training, _test);
        for (var at = 0; at < whole.Length; at++)
        {
            var wrong = (byte[])whole.Clone();
            wrong[at] ^= 0x01;
            Refused(wrong);
        }
    }

    private static void Refused(byte[] bytes)
    {
        var error = Assert.Throws<DataFileException>(() => ImagePack.Unpack(bytes, "the pack", Samples.Classes));
        Assert.Equal("the pack", error.File);
    }
}
