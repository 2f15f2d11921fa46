using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Charts;

namespace KdNotebooks.Extensions.Tests.Interactive.Charts;

public sealed class PlotlyLibraryTests
{
    [Fact]
    public void The_library_comes_with_its_licence_and_can_stand_in_a_page()
    {
        Assert.Contains("plotly.js v", PlotlyLibrary.Script);
        Assert.Contains("Licensed under the MIT license", PlotlyLibrary.Script);
        Assert.DoesNotContain("</script", PlotlyLibrary.Script, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\r', PlotlyLibrary.Script);
    }

    [Fact]
    public void A_live_host_is_given_it_as_one_script() =>
        Assert.Equal($"<script>{PlotlyLibrary.Script}</script>", PlotlyLibrary.AsBundle().Data[MimeBundle.Html]);
}
