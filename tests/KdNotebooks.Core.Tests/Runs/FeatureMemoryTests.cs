using KdNotebooks.Data;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Runs;

public sealed class FeatureMemoryTests
{
    private const long Gigabyte = 1_000_000_000;

    private readonly List<string> notices = [];

    // 100 images in batches of 32: three steps a pass.
    [Theory]
    [InlineData(0, 6, null, "")] // a new one each pass
    [InlineData(2, 6, null, "0 1")]
    [InlineData(4, 6, null, "0 1")] // 2 and 3 come once
    [InlineData(6, 6, null, "")]
    [InlineData(1, 1, null, "")]
    [InlineData(2, 1, 7, "0")] // three passes, the last one begun
    [InlineData(2, 1, 6, "")]
    public void A_view_is_kept_where_another_pass_will_see_it(int views, int epochs, int? iterations, string kept)
    {
        var memory = new FeatureMemory();
        Add(memory, "a", Stream(new PaddedCrop(Views: views), epochs, iterations));
        Assert.Equal(kept, string.Join(' ', Enumerable.Range(0, 8).Where(view => memory.ComesAgain("a", view))));
    }

    [Fact]
    public void Images_that_nothing_changes_are_kept_and_two_cohorts_of_one_cache_count_together()
    {
        var memory = new FeatureMemory();
        Add(memory, "plain", Stream(PaddedCrop.None, 3));
        Assert.True(memory.ComesAgain("plain", 0));
        var (one, two) = (Stream(new PaddedCrop(Views: 1, Seed: 5), 1), Stream(new PaddedCrop(Views: 1, Seed: 5), 1, seed: 2));
        Add(memory, "shared", one);
        Add(memory, "shared", one); // asked for twice, used once
        Assert.False(memory.ComesAgain("shared", 0));
        Add(memory, "shared", two);
        Assert.True(memory.ComesAgain("shared", 0));
        Assert.Empty(memory.DoneAfter(one));
        Assert.Equal(["shared"], memory.DoneAfter(two));
        // Fresh views are not kept for others either: that would grow with the epochs.
        var (fresh, later) = (Stream(new PaddedCrop(Seed: 5), 9), Stream(new PaddedCrop(Seed: 5), 9, seed: 2));
        Add(memory, "fresh", fresh);
        Add(memory, "fresh", later);
        Assert.False(memory.ComesAgain("fresh", 3));
    }

    [Fact]
    public void What_cannot_fit_is_refused_and_what_is_much_is_said()
    {
        var memory = new FeatureMemory();
        Add(memory, "a", Stream(new PaddedCrop(Views: 3), 6), Gigabyte);
        memory.Require(100 * Gigabyte, notices.Add);
        Assert.StartsWith(
            "The teacher's features take 3.0 GB of memory (100 images at layer1, 3 view(s)); 100.0 GB are free.", notices.Single());
        Assert.Contains("Pretrained.onDisk", notices[0]);
        memory.Require(3 * Gigabyte, notices.Add);
        var error = Assert.Throws<KdException>(() => memory.Require((3 * Gigabyte) - 1, notices.Add));
        Assert.Contains("take 3.0 GB", error.Message);
        Assert.Contains("Pretrained.onDisk", error.Message);
    }

    [Fact]
    public void Little_is_not_spoken_of()
    {
        var memory = new FeatureMemory();
        memory.Require(1, notices.Add); // no cache at all
        Add(memory, "a", Stream(new PaddedCrop(Views: 2), 6), Gigabyte);
        memory.Require(9 * Gigabyte, notices.Add);
        Assert.Empty(notices);
        memory.Require(7 * Gigabyte, notices.Add); // more than a quarter
        Assert.Single(notices);
    }

    [Fact]
    public void Fresh_views_take_one_views_room_however_many_epochs_there_are()
    {
        var memory = new FeatureMemory();
        Add(memory, "a", Stream(new PaddedCrop(), 500), Gigabyte);
        memory.Require(Gigabyte, notices.Add);
        Assert.Throws<KdException>(() => memory.Require(Gigabyte - 1, notices.Add));
    }

    [Fact]
    public void Cohorts_that_come_one_after_the_other_do_not_add_up()
    {
        var memory = new FeatureMemory();
        for (var seed = 1; seed <= 5; seed++)
        {
            Add(memory, $"of seed {seed}", Stream(new PaddedCrop(Views: 2), 6, seed: seed), Gigabyte);
        }

        memory.Require(2 * Gigabyte, notices.Add);
        // One that the first and the last read lies there all the while.
        Add(memory, "of all", Stream(new PaddedCrop(Views: 2), 6, seed: 1), Gigabyte);
        Add(memory, "of all", Stream(new PaddedCrop(Views: 2), 6, seed: 5), Gigabyte);
        memory.Require(4 * Gigabyte, notices.Add);
        Assert.Throws<KdException>(() => memory.Require((4 * Gigabyte) - 1, notices.Add));
    }

    private static void Add(FeatureMemory memory, string cache, CohortStream stream, long bytes = 1) =>
        memory.Add(cache, stream, 100, bytes, "100 images at layer1");

    private static CohortStream Stream(IAugmentation augmentation, int epochs, int? iterations = null, int seed = 1) => new(
        new DataSpec("fashion-mnist-mini"), new ClassificationSpec(), null, augmentation, epochs, iterations, 32, "cpu", seed);
}
