using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Data.Contents;

public sealed class ContentIndexTests : IDisposable
{
    private static readonly DateTime Old = new(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    private static readonly string Wrong = new('0', 32);

    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        File.Delete(KeptIndex.PathOf(folder.Path) ?? folder.File("none"));
        folder.Dispose();
    }

    [Fact]
    public void Contents_and_names_decide_and_neither_place_nor_time()
    {
        using var other = new TemporaryFolder();
        var mine = Fingerprint(folder, [1, 2, 3]);
        Assert.Equal(64, mine.Length);
        Assert.Equal(mine, Fingerprint(other, [1, 2, 3]));
        File.SetLastWriteTimeUtc(other.File("a"), Old);
        Assert.Equal(mine, Of(other));
        Assert.NotEqual(mine, Fingerprint(other, [1, 2, 4]));
        File.Move(other.File("a"), other.File("b"));
        Assert.NotEqual(mine, ContentIndex.Of(other.Path).Fingerprint([other.File("b")], cancel: Cancel));
    }

    [Fact]
    public void The_hash_is_XXH128_of_the_bytes()
    {
        // The reference implementation's, of no bytes: xxh128sum /dev/null.
        folder.Write("empty", []);
        Assert.Equal("99aa06d3014798d86001c324468d497f", ContentIndex.Of(folder.Path).HashOf(folder.File("empty")));
    }

    [Fact]
    public void A_change_at_once_in_place_and_of_one_length_is_seen()
    {
        // Within one tick of the clock, mostly: the stamp alone would not show it.
        var seen = Enumerable.Range(0, 50).Select(i => Fingerprint(folder, [(byte)i, 9])).ToList();
        Assert.Equal(50, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_change_with_its_old_time_put_back_is_seen()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere a full reading finds it out: the next test");
        folder.Write("a", [1, 2, 3]);
        File.SetLastWriteTimeUtc(folder.File("a"), Old);
        await Task.Delay(2100, Cancel); // so that the record is believed
        var before = Of(folder);
        Assert.True(FileStamp.Of(folder.File("a")).IsSettledAt(DateTime.UtcNow.Ticks));
        folder.Write("a", [1, 2, 4]);
        File.SetLastWriteTimeUtc(folder.File("a"), Old);
        Assert.NotEqual(before, Of(folder));
    }

    [Fact]
    public async Task A_settled_file_is_not_read_again_but_at_the_first_use_of_a_cache_and_by_verify()
    {
        await Lied();
        var index = new ContentIndex(folder.Path); // as another process begins
        Assert.Equal(Wrong, index.HashOf(folder.File("a"))); // the note, not the file
        Assert.NotEqual(Wrong, index.HashOf(folder.File("a"), Rehash.Unread));
        Assert.NotEqual(Wrong, index.HashOf(folder.File("a")));
        Assert.NotEqual(Wrong, new ContentIndex(folder.Path).HashOf(folder.File("a"), Rehash.All));
    }

    [Fact]
    public async Task A_damaged_note_is_as_none()
    {
        await Lied();
        var kept = KeptIndex.PathOf(folder.Path)!;
        File.WriteAllText(kept, File.ReadAllText(kept).Replace("\"Marks\"", "\"Murks\""));
        Assert.NotEqual(Wrong, new ContentIndex(folder.Path).HashOf(folder.File("a")));
    }

    [Fact]
    public async Task A_mark_is_kept_and_goes_with_the_bytes()
    {
        folder.Write("a", [5]);
        await Task.Delay(2100, Cancel);
        var index = ContentIndex.Of(folder.Path);
        Assert.False(index.IsMarked(folder.File("a"), "decodes"));
        index.Mark(folder.File("a"), "another's hash", "decodes");
        Assert.False(index.IsMarked(folder.File("a"), "decodes"));
        index.Mark(folder.File("a"), index.HashOf(folder.File("a")), "decodes");
        index.Keep();
        Assert.True(new ContentIndex(folder.Path).IsMarked(folder.File("a"), "decodes"));
        File.SetLastWriteTimeUtc(folder.File("a"), Old);
        Assert.True(index.IsMarked(folder.File("a"), "decodes"));
        folder.Write("a", [6]);
        Assert.False(index.IsMarked(folder.File("a"), "decodes"));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var error = Assert.Throws<DataFileException>(() => ContentIndex.Of(folder.Path).HashOf(folder.File("gone")));
        Assert.Equal(folder.File("gone"), error.File);
        Assert.Throws<DataFileException>(() => ContentIndex.Of(folder.Path).Hashes([folder.File("gone")], cancel: Cancel));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Of(TemporaryFolder folder) =>
        ContentIndex.Of(folder.Path).Fingerprint([folder.File("a")], cancel: Cancel);

    private static string Fingerprint(TemporaryFolder folder, byte[] content)
    {
        folder.Write("a", content);
        return Of(folder);
    }

    // What is noted of the file is not what the file holds: whoever says it has not read the file.
    private async Task Lied()
    {
        folder.Write("a", [1, 2, 3]);
        await Task.Delay(2100, Cancel);
        var record = new FileRecord(FileStamp.Of(folder.File("a")), DateTime.UtcNow.Ticks, Wrong, []);
        KeptIndex.Write(folder.Path, [new("a", record)]);
    }
}
