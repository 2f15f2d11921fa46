using KdNotebooks.Interactive;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class MapGridFormatterTests
{
    [Fact]
    public void Teacher_transformed_student_and_difference_show_the_same_channels()
    {
        var bundle = Formatters.Format(Analyses.Maps());

        var html = bundle.Data[MimeBundle.Html];
        string[] alts =
            ["teacher, channel 0", "transformed student, channel 2", "difference, channel 2", "student, channel 1"];
        Assert.All(alts, alt => Assert.Contains($"alt=\"{alt}\"", html));
        Assert.Contains("maps, all on one scale: -11 ", html);
        Assert.Contains("difference, transformed − teacher: -22 ", html);
        Assert.Contains(MimeBundle.Png, bundle.Data.Keys);
    }

    [Fact]
    public void Maps_of_other_shapes_have_no_difference_and_it_is_said_why()
    {
        var html = Formatters.Format(Analyses.Maps(fits: false)).Data[MimeBundle.Html];

        Assert.DoesNotContain("alt=\"difference", html);
        Assert.Contains("No difference is shown", html);
    }
}
