using KdNotebooks.Extensions.Tests.Interactive.Magics;
using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive;

public sealed class LiveProgressTests : IDisposable
{
    private readonly List<Recorded> displays = [];
    private readonly Shown shown = new();

    public void Dispose() => shown.Dispose();

    private LiveProgress New() => new(bundle =>
    {
        displays.Add(new Recorded());
        displays[^1].Update(bundle);
        return displays[^1];
    });

    [Fact]
    public void A_thousand_reports_are_drawn_four_times_a_second_and_the_last_one_stays()
    {
        using (var bar = New().Start("mlp-1 seed 1", 1000, "images"))
        {
            for (var i = 1; i <= 1000; i++)
            {
                bar.Report(i, $"loss {i}");
            }
        }

        var shown = Assert.Single(displays);
        Assert.InRange(shown.Updates, 2, 12);
        Assert.Contains("1,000/1,000 images", shown.Text);
        Assert.Contains("loss 1000", shown.Text);
        Assert.Contains("[########################] 100 %", shown.Text);
    }

    [Fact]
    public void Bars_share_a_display_until_something_else_is_shown()
    {
        var live = New();
        live.Start("one", 10, "images").Dispose();
        live.Start("two", 10, "images").Dispose();
        Display.Show("between");
        live.Start("three", 10, "images").Dispose();
        Assert.Equal(2, displays.Count);
        Assert.Contains("one", displays[0].Text);
        Assert.Contains("two", displays[0].Text);
        Assert.Contains("three", displays[1].Text);
    }

    [Fact]
    public void What_another_host_shows_does_not_part_them()
    {
        var live = New();
        live.Start("one", 10, "images").Dispose();
        using (var other = new Shown())
        {
            Display.Show("elsewhere");
            Assert.Equal("elsewhere", other.Text);
        }

        live.Start("two", 10, "images").Dispose();
        Assert.Contains("two", Assert.Single(displays).Text);
        Assert.Equal("", shown.Text);
    }

    [Fact]
    public void What_is_done_folds_away_and_what_runs_stays_in_sight()
    {
        var live = New();
        Enumerable.Range(1, 5).ToList().ForEach(seed => live.Start($"seed {seed}", 10, "images").Dispose());
        using var running = live.Start("seed 6", 10, "images");
        Assert.Matches(@"^5 tasks done, .*\nseed 6  \[-", displays[0].Text);
        Assert.Contains("<summary>5 tasks done", displays[0].Html);
    }

    [Fact]
    public void What_stopped_early_says_how_far_it_came()
    {
        var live = New();
        var bars = Enumerable.Range(1, 8).Select(seed => live.Start($"mlp-1 seed {seed}", 10, "images")).ToList();
        bars[0].Report(3);
        bars.Skip(1).ToList().ForEach(bar => bar.Report(10));
        bars.ForEach(bar => bar.Dispose());
        Assert.Contains("8 tasks done, ", displays[0].Text);
        Assert.Contains("1 of them stopped early", displays[0].Text);
        Assert.Contains("3/10 images", displays[0].Html);
    }

    [Fact]
    public void Names_that_hold_markup_are_text()
    {
        New().Start(Samples.Hostile, 1, Samples.Hostile).Dispose();
        Assert.DoesNotContain("<script", displays[0].Html);
        Assert.Contains("&lt;script&gt;", displays[0].Html);
    }

    private sealed class Recorded : IShownDisplay
    {
        private MimeBundle bundle = MimeBundle.OfText("");

        public int Updates { get; private set; }

        public string Text => bundle.Data[MimeBundle.Text];

        public string Html => bundle.Data[MimeBundle.Html];

        public void Update(MimeBundle next)
        {
            bundle = next;
            Updates++;
        }
    }
}
