using System.Buffers.Binary;
using System.Diagnostics;
using KdNotebooks.Data;
using KdNotebooks.Data.Formats;

namespace KdNotebooks.Tests.Data.Formats;

public sealed class JpegReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(JpegGolden.Names), MemberType = typeof(JpegGolden))]
    public void Every_kind_has_the_colors_that_Pillow_reads(string name)
    {
        var golden = JpegGolden.Of(name);
        var path = folder.Write("a.jpg", golden.File);
        var image = ColorReader.Read(path);
        Assert.Equal(new ImageSize(golden.Height, golden.Width), image.Size);
        Assert.Equal(golden.Planes, image.Pixels);
        Assert.Equal(image.Size, ColorReader.ReadSize(path));
    }

    [Fact]
    public void Orientation_is_said_and_not_applied()
    {
        Assert.Equal(6, JpegReader.Orientation(folder.Write("a.jpg", JpegGolden.Of("turned by EXIF (6)").File)));
        Assert.Equal(2, JpegReader.Orientation(folder.Write("b.jpg", JpegGolden.Of("mirrored by EXIF (2)").File)));
        Assert.Equal(1, JpegReader.Orientation(folder.Write("c.jpg", JpegGolden.Of("4:2:0").File)));
    }

    [Fact]
    public void The_name_of_a_file_does_not_say_what_it_is()
    {
        PngWriter.WriteGray(folder.File("png.jpg"), [7, 8, 9, 10, 11, 12], 2, 3);
        Assert.Equal(new ImageSize(2, 3), ColorReader.ReadSize(folder.File("png.jpg")));
        Assert.Equal(
            [7, 8, 9, 10, 11, 12, 7, 8, 9, 10, 11, 12, 7, 8, 9, 10, 11, 12], ColorReader.Read(folder.File("png.jpg")).Pixels);
    }

    // Wherever it is cut, also in a progressive file, where Skia alone gives a blurred image and says nothing.
    [Theory]
    [InlineData("4:2:0")]
    [InlineData("progressive")]
    [InlineData("restarts")]
    [InlineData("gray")]
    public void A_file_that_is_cut_off_is_refused_wherever(string name)
    {
        var file = JpegGolden.Of(name).File;
        for (var length = 2; length < file.Length; length += Math.Max(1, file.Length / 97))
        {
            var error = Refused(file[..length]);
            Assert.Matches("ends (after|before)|middle of a JPEG", error.Message);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void What_is_no_image_is_said()
    {
        Assert.Contains("is empty", Refused([]).Message);
        Assert.Contains("neither a PNG nor a JPEG", Refused("GIF89a..."u8.ToArray()).Message);
        Assert.Contains("of a kind that is not read", Refused(JpegGolden.Of(JpegGolden.Arithmetic).File).Message);
        Assert.Contains("cannot be read", Assert.Throws<DataFileException>(
            () => ColorReader.Read(folder.File("none.jpg"))).Message);
    }

    [Theory]
    [InlineData(0, 29, "0x29|29x0")]
    [InlineData(65535, 65535, "65535x65535")]
    [InlineData(12000, 12000, "bytes cannot hold them")]
    public void A_size_that_cannot_be_is_refused_before_its_pixels_have_room(int height, int width, string said)
    {
        var file = (byte[])JpegGolden.Of("4:4:4").File.Clone();
        var frame = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 5), (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 7), (ushort)width);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(said.Split('|'), part => Refused(file).Message.Contains(part));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [InlineData(0xC5)] // another process
    [InlineData(0xD3)] // a restart, where none may be
    [InlineData(0x5A)] // unknown
    public void A_marker_that_may_not_be_within_pixels_is_damage(byte marker)
    {
        var file = (byte[])JpegGolden.Of("4:4:4").File.Clone();
        (file[^40], file[^39]) = (0xFF, marker);
        Assert.Contains("damaged", Refused(file).Message);
    }

    [Fact]
    public async Task A_pipe_is_refused_and_not_waited_for()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using (var made = Process.Start("mkfifo", folder.File("pipe.jpg")))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        File.CreateSymbolicLink(folder.File("link.jpg"), folder.File("pipe.jpg"));
        foreach (var name in new[] { "pipe.jpg", "link.jpg" })
        {
            var path = folder.File(name);
            Action[] reads =
            [
                () => ColorReader.Read(path), () => ColorReader.ReadSize(path), () => JpegHeader.ReadSize(path),
                () => PngReader.Read(path), () => new ContentIndex(folder.Path).HashOf(path),
            ];
            foreach (var read in reads)
            {
                var error = await Assert.ThrowsAsync<DataFileException>(() =>
                    Task.Run(read, TestContext.Current.CancellationToken).WaitAsync(
                        TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
                Assert.Contains("no regular file", error.Message);
            }
        }

        Assert.Throws<DataFileException>(() => ColorReader.Read("/dev/zero"));
    }

    [Fact]
    public void A_link_to_an_image_is_the_image()
    {
        var golden = JpegGolden.Of("4:2:0");
        folder.Write("a.jpg", golden.File);
        File.CreateSymbolicLink(folder.File("b.jpg"), folder.File("a.jpg"));
        Assert.Equal(golden.Planes, ColorReader.Read(folder.File("b.jpg")).Pixels);
    }

    private DataFileException Refused(byte[] file)
    {
        var path = folder.Write("a.jpg", file);
        var error = Assert.Throws<DataFileException>(() => ColorReader.Read(path));
        Assert.StartsWith(path, error.Message);
        return error;
    }
}
