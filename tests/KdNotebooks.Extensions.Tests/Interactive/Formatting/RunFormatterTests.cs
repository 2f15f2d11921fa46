using KdNotebooks.Interactive;
using KdNotebooks.Teachers;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class RunFormatterTests
{
    [Fact]
    public void An_experiment_tells_methods_seeds_time_and_place_and_its_numbers()
    {
        var html = Formatters.Format(Analyses.Experiment()).Data[MimeBundle.Html];

        string[] expected = ["4 runs, all complete", "none, mlp-1", "1, 2", "1 min 15 s", "/runs", "91.00 % on test",
            "82.00", "Differences are paired"];
        Assert.All(expected, part => Assert.Contains(part, System.Net.WebUtility.HtmlDecode(html)));
    }

    [Fact]
    public void Its_learning_curve_is_folded_away_and_can_be_drawn_without_its_script()
    {
        var html = Formatters.Format(Analyses.Experiment()).Data[MimeBundle.Html];

        Assert.Contains("<details class=\"kd-fold\"><summary>Learning curve</summary>", html);
        Assert.Contains("<div class=\"kd-plot\" id=\"kd-figure-", html);
        Assert.Contains("<script type=\"application/json\"", html);
    }

    [Fact]
    public void What_is_shown_within_it_does_not_bring_its_style_again() =>
        Assert.Equal(2, Formatters.Format(Analyses.Experiment()).Data[MimeBundle.Html].Split("<style>").Length);

    [Fact]
    public void A_curve_that_cannot_be_drawn_says_why_in_its_place()
    {
        var html = Formatters.Format(Analyses.Run() with { Epochs = [] }).Data[MimeBundle.Html];

        Assert.Contains("Draw them after the first epoch", html);
        Assert.Contains("test accuracy, last epoch", html);
    }

    [Fact]
    public void A_run_tells_all_that_was_measured() => Assert.Contains(
        "test loss, last epoch      0.5", Formatters.Format(Analyses.Run()).Data[MimeBundle.Text]);

    [Fact]
    public void A_teacher_is_shown_beside_chance()
    {
        var html = Formatters.Format(new TeacherCheck("t", "ResNet-14", 392_242, 92.5, 91.2, 10)).Data[MimeBundle.Html];

        Assert.Contains("392,242", html);
        Assert.Contains("10.00 %", html);
    }

    [Fact]
    public void A_teacher_that_could_not_be_measured_says_why_in_the_numbers_place()
    {
        var check = new TeacherCheck("t", "ResNet-14", 392_242, double.NaN, null, 10) { Unmeasured = "it sings" };
        var experiment = Formatters.Format(Analyses.Experiment() with { Teacher = check }).Data[MimeBundle.Html];

        Assert.All([Formatters.Format(check).Data[MimeBundle.Html], experiment], html =>
        {
            Assert.Contains("it sings", html);
            Assert.DoesNotContain("n/a %", html);
        });
    }
}
