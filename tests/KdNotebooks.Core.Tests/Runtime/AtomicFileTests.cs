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
