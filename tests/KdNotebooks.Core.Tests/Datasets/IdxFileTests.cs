using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Tests.Data;

namespace KdNotebooks.Tests.Datasets;

public sealed class IdxFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // Three images of 2x2.
    private readonly byte[] _images = Samples.Idx([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 3, 2, 2);
    private readonly byte[] _labels = Samples.Idx([0, 2, 1], 3);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_and_labels_are_read_plain_or_compressed(bool compressed)
    {
        byte[] Pack(byte[] content) => compressed ? Samples.Gzip(content) : content;
        var set = IdxFile.Read(
            _folder.Write("images", Pack(_images)), _folder.Write("labels", Pack(_labels)), "x", Samples.Classes);
        Assert.Equal((3, 1, 2, 2), (set.Count, set.Channels, set.Height, set.Width));
        Assert.Equal([5, 6, 7, 8], set.Image(1).ToArray());
        Assert.Equal([0, 2, 1], set.Labels.ToArray());
    }

    [Fact]
    public void A_missing_file_is_refused_by_name()
    {
        var error = Assert.Throws<DataFileException>(() => IdxFile.Read(
            _folder.File("no-images"), _folder.Write("labels", _labels), "x", Samples.Classes, "Do this."));
        Assert.Equal(_folder.File("no-images"), error.File);
        Assert.Equal($"{error.File}: the file is missing. Do this.", error.Message);
    }

    [Fact]
    public void An_empty_file_is_refused_by_name() => Refused([], "the file is empty");

    [Fact]
    public void A_web_page_is_refused_by_name() => Refused("<!doctype html><p>Sign in"u8.ToArray(), "it is a web page");

    [Fact]
    public void A_truncated_plain_file_is_refused_by_name() =>
        Refused(_images[..^1], "truncated: its header says 12 bytes of data, 11 came");

    [Fact]
    public void A_file_with_bytes_too_many_is_refused_by_name() =>
        Refused([.. _images, 0], "too long: its header says 12 bytes of data, 13 came");

    [Fact]
    public void A_file_cut_off_at_any_byte_is_refused()
    {
        for (var length = 0; length < _images.Length; length++)
        {
            Refused(_images[..length], "");
        }
    }

    [Fact]
    public void A_compressed_file_cut_off_at_any_byte_is_refused()
    {
        var whole = Samples.Gzip(_images);
        for (var length = 0; length < whole.Length; length++)
        {
            Refused(whole[..length], "");
        }

        Refused(whole[..^5], "its gzip data are truncated or damaged");
    }

    [Fact]
    public void A_compressed_file_with_any_wrong_byte_after_its_header_is_refused()
    {
        var whole = Samples.Gzip(_images);
        for (var at = 10; at < whole.Length; at++)
        {
            var wrong = (byte[])whole.Clone();
            wrong[at] ^= 0x01;
            Refused(wrong, "");
        }
    }

    [Fact]
    public void Another_kind_of_file_is_refused_with_what_it_begins_with() =>
        Refused("PK\u0003\u0004 not this"u8.ToArray(), "it begins with 0x504b0304; IDX images begin with 0x00000803");

    [Fact]
    public void A_header_that_overflows_is_refused() =>
        Refused(Samples.Idx([1], -1, -1, -1), "truncated: its header says 79228162458924105385300197375 bytes");

    [Fact]
    public void A_header_of_nothing_is_refused() => Refused(Samples.Idx([], 0, 2, 2), "it holds nothing");

    [Fact]
    public void Swapped_files_are_recognized()
    {
        var error = Assert.Throws<DataFileException>(() => IdxFile.Read(
            _folder.Write("images", _labels), _folder.Write("labels", _images), "x", Samples.Classes));
        Assert.Equal(_folder.File("images"), error.File);
        Assert.Contains("are the two swapped?", error.Reason);
    }

    [Fact]
    public void Fewer_labels_than_images_are_refused()
    {
        var error = Assert.Throws<DataFileException>(() => IdxFile.Read(
            _folder.Write("images", _images), _folder.Write("labels", Samples.Idx([0, 1], 2)), "x", Samples.Classes));
        Assert.Equal(_folder.File("labels"), error.File);
        Assert.Contains("it has 2 labels", error.Reason);
    }

    [Fact]
    public void A_label_beyond_the_classes_is_refused()
    {
        var error = Assert.Throws<DataFileException>(() => IdxFile.Read(
            _folder.Write("images", _images), _folder.Write("labels", Samples.Idx([0, 1, 3], 3)),
            "x", Samples.Classes));
        Assert.Equal("its labels go from 0 to 3, and label 2 is 3; the classes are 0 to 2", error.Reason);
        Assert.Contains("Name 4 classes", error.Message);
    }

    [Fact]
    public void Labels_that_count_from_1_are_named_as_such()
    {
        var error = LabelsRefused(Samples.Idx([3, 1, 2], 3));
        Assert.Equal("its labels go from 1 to 3, and label 0 is 3; the classes are 0 to 2", error.Reason);
        Assert.Contains("Labels count from 0: subtract 1 from each, or name 4 classes", error.Message);
        Assert.DoesNotContain("again", error.Message);
    }

    [Theory]
    [InlineData(0x09, 1, "signed bytes (element type 0x09), [3]")]
    [InlineData(0x0B, 2, "16-bit integers (element type 0x0B), [3]")]
    [InlineData(0x0C, 4, "32-bit integers (element type 0x0C), [3]")]
    [InlineData(0x0D, 4, "32-bit floats (element type 0x0D), [3]")]
    [InlineData(0x0E, 8, "64-bit floats (element type 0x0E), [3]")]
    public void Elements_of_another_type_are_named(byte type, int size, string kind)
    {
        var labels = Samples.Idx(new byte[3 * size], 3);
        labels[2] = type;
        var error = LabelsRefused(labels);
        Assert.Contains($"it holds {kind}; labels are read as unsigned bytes (0x08), [images]", error.Reason);
        Assert.Contains("Write it anew as unsigned bytes", error.Message);
        Assert.DoesNotContain("Get the file again", error.Message);
    }

    [Fact]
    public void Several_numbers_a_label_and_images_in_color_are_named()
    {
        var labels = Samples.Idx(new byte[24], 3, 2);
        labels[2] = 0x0C;
        Assert.Contains("32-bit integers (element type 0x0C), [3, 2]", LabelsRefused(labels).Reason);
        Assert.Contains("write the one that is the class", LabelsRefused(labels).Message);
        var images = Samples.Idx(new byte[36], 3, 3, 2, 2);
        var error = Assert.Throws<DataFileException>(() => IdxFile.Read(
            _folder.Write("images", images), _folder.Write("labels", _labels), "x", Samples.Classes));
        Assert.Contains("unsigned bytes (element type 0x08), [3, 3, 2, 2]; images are read as", error.Reason);
        Assert.Contains("Images.ofTensor", error.Message);
        // A header that ends within its sizes.
        Assert.Contains("[3]", Assert.Throws<DataFileException>(() => IdxFile.Read(
            _folder.Write("images", images[..10]), _folder.File("labels"), "x", Samples.Classes)).Reason);
    }

    private DataFileException LabelsRefused(byte[] labels)
    {
        var error = Assert.Throws<DataFileException>(() => IdxFile.Read(
            _folder.Write("images", _images), _folder.Write("labels", labels), "x", Samples.Classes));
        Assert.Equal(_folder.File("labels"), error.File);
        return error;
    }

    private void Refused(byte[] images, string reason)
    {
        var path = _folder.Write("images", images);
        var labels = _folder.Write("labels", _labels);
        var error = Assert.Throws<DataFileException>(() => IdxFile.Read(path, labels, "x", Samples.Classes));
        Assert.Equal(path, error.File);
        Assert.Contains(reason, error.Message);
        Assert.Contains("Get the file again.", error.Message);
    }
}
