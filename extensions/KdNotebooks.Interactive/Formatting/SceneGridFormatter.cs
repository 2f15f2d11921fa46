using System.Text;
using KdNotebooks.Data.Dense;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Images beside themselves with their label maps over them.</summary>
internal static class SceneGridFormatter
{
    private const int Most = 64;

    public static MimeBundle Format(SceneGrid grid)
    {
        var scenes = grid.Scenes.Take(Most).ToList();
        var leftOut = grid.Scenes.Count > Most ? $"; {grid.Scenes.Count - Most} are not shown" : "";
        var caption = (grid.Caption + leftOut).TrimStart(';', ' ');
        var text = string.Join('\n', scenes.Select((scene, i) =>
            $"image {i}: {SceneLegend.Names(grid.Table, scene.Labels)}").Prepend(caption)).Trim();
        if (scenes.Count == 0)
        {
            return MimeBundle.OfText(text);
        }

        var overlays = scenes.Select(scene => new SceneOverlay(grid.Table, scene)).ToList();
        var pairs = scenes.Zip(overlays, (scene, overlay) =>
            new[] { overlay.Image, overlay.Of(scene.Labels) }).ToList();
        var html = new StringBuilder(HtmlStyle.Element).Append("<figure class=\"kd-images\" style=\"margin:.6em 0\">");
        html.Append(SceneLegend.Of(grid.Table, scenes.Select(scene => scene.Labels)));
        html.Append("<div class=\"kd-grid\">");
        html.AppendJoin("", scenes.Select((scene, i) => Cell(grid.Table, scene, pairs[i], i))).Append("</div>");
        html.Append(HtmlText.Of($"<figcaption class=\"kd-note\">{caption}</figcaption></figure>"));
        return MimeBundle.OfHtml(html.ToString(), text)
            .With(MimeBundle.Jpeg, Pictures.PhotoSheet([.. pairs.SelectMany(pair => pair)], 8));
    }

    private static string Cell(LabelTable table, DenseSample scene, GridImage[] pair, int index)
    {
        var names = SceneLegend.Names(table, scene.Labels);
        return "<figure><div class=\"kd-pair\">"
            + ScenePicture.Html(pair[0], ScenePicture.Small, $"image {index}")
            + ScenePicture.Html(pair[1], ScenePicture.Small, $"image {index} with its label map: {names}")
            + HtmlText.Of($"</div><figcaption>image {index}</figcaption></figure>");
    }
}
