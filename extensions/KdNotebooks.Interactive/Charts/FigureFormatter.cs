using KdNotebooks.Interactive.Formatting;

namespace KdNotebooks.Interactive.Charts;

/// <summary>A figure as Plotly JSON, as HTML that draws with the page's Plotly, and as a table of numbers.</summary>
internal static class FigureFormatter
{
    // The library may come after the figure: look for it for ten seconds. Until it is there, the numbers are open.
    private const string Draw = """
        function draw(){if(!window.Plotly)return false;
        window.Plotly.newPlot(at,figure.data,figure.layout,figure.config);numbers.open=false;
        var fold=at.closest("details");
        if(fold)fold.addEventListener("toggle",function(){window.Plotly.Plots.resize(at)});
        return true}
        if(!draw()){var left=40,timer=setInterval(function(){if(draw()||--left<0)clearInterval(timer)},250)}
        """;

    public static MimeBundle Format(Figure figure)
    {
        var json = figure.ToJson();
        return MimeBundle.OfHtml(Html(figure, json), $"{figure.AltText}\n{figure.Table}").With(MimeBundle.Plotly, json);
    }

    /// <summary>The figure within the HTML of another value.</summary>
    public static string Inline(Figure figure) => Html(figure, figure.ToJson());

    // The figure's JSON stands apart from the script: a page that runs no script of an output can still draw it.
    private static string Html(Figure figure, string json)
    {
        var id = $"kd-figure-{Guid.NewGuid():N}";
        return HtmlStyle.Element
            + HtmlText.Of($"<figure class=\"kd-figure\" style=\"margin:.6em 0;max-width:{figure.MaxWidth}px\">")
            + HtmlText.Of($"<div class=\"kd-plot\" id=\"{id}\" role=\"img\" aria-label=\"{figure.AltText}\"></div>")
            + HtmlText.Of($"<details id=\"{id}-numbers\" open><summary>Numbers of this figure</summary>")
            + HtmlText.Of($"<pre>{figure.Table}</pre></details></figure>")
            + $"<script type=\"application/json\" id=\"{id}-json\">{json}</script>"
            + $"<script>(function(){{var at=document.getElementById(\"{id}\"),"
            + $"numbers=document.getElementById(\"{id}-numbers\"),"
            + $"figure=JSON.parse(document.getElementById(\"{id}-json\").textContent);\n{Draw}}})();</script>";
    }
}
