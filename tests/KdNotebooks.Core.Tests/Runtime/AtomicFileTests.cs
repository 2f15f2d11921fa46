using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Runtime;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_write_replaces_what_was_there()
    {
        File.WriteAllText(Target, "a longer old text");

        AtomicFile.Write(Target, stream => stream.Write("new"u8));

        Assert.Equal("new", File.ReadAllText(Target));
        Assert.Single(folder.Names);
    }

    [Fact]
    public void A_write_that_fails_half_way_leaves_the_old_file_and_nothing_else()
    {
        File.WriteAllText(Target, "old");

        var error = Assert.Throws<KdException>(() => AtomicFile.Write(Target, stream =>
        {
            stream.Write(new byte[3 << 20]);
            throw new IOException("No space left on device.");
        }));

        Assert.Contains($"{Target}: cannot be written: No space left on device. What was there is", error.Message);
        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Single(folder.Names);
    }

    [Fact]
    public void Any_other_error_passes_through_and_cleans_up()
    {
        Assert.Throws<InvalidCastException>(() => AtomicFile.Write(Target, _ => throw new InvalidCastException()));

        Assert.Empty(folder.Names);
    }

    [Fact]
    public void A_link_stays_and_what_it_leads_to_is_replaced()
    {
        var (one, two) = (folder.File("one"), folder.File("two"));
        File.WriteAllText(Target, "old");
        File.CreateSymbolicLink(two, Target);
        File.CreateSymbolicLink(one, two);

        AtomicFile.Write(one, "new");

        Assert.Equal("new", File.ReadAllText(Target));
        Assert.Equal((two, Target), (new FileInfo(one).LinkTarget, new FileInfo(two).LinkTarget));
        Assert.Equal(3, folder.Names.Count());

        File.Delete(Target); // a link to what is not there yet makes it
        AtomicFile.Write(one, "again");
        Assert.Equal("again", File.ReadAllText(Target));

        File.Delete(two);
        File.CreateSymbolicLink(two, one);
        Assert.Contains("cannot be written", Assert.Throws<KdException>(() => AtomicFile.Write(one, "x")).Message);
    }

    [Fact]
    public void A_folder_and_a_device_are_refused_and_stay()
    {
        var inner = Directory.CreateDirectory(folder.File("inner")).FullName;
        Assert.Contains("is a folder; expected a file", Refused(inner));
        if (OperatingSystem.IsLinux())
        {
            File.CreateSymbolicLink(folder.File("null"), "/dev/null");
            Assert.All(["/dev/null", "/dev/zero", folder.File("null")], place => Assert.Contains("is a device, a pipe or a socket", Refused(place)));
            Assert.False(FileStamp.IsRegular("/dev/null"));
        }

        static string Refused(string place) => Assert.Throws<KdException>(() => AtomicFile.Write(place, "x")).Message;
    }

    [Fact]
    public void A_missing_folder_is_refused_by_name()
    {
        var path = folder.File(Path.Combine("missing", "x"));

        Assert.Contains(path, Assert.Throws<KdException>(() => AtomicFile.Write(path, _ => { })).Message);
    }

    private string Target => folder.File("target");

    [Fact]
    public void Text_is_written_in_UTF8_without_a_mark()
    {
        AtomicFile.Write(Target, "α\n");
        Assert.Equal([0xCE, 0xB1, (byte)'\n'], File.ReadAllBytes(Target));
    }
}
