using System.Text;
using KdNotebooks.Analysis;
using KdNotebooks.Tasks;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>
/// The maps of one image at each connection: the same channels of teacher, transformed student and their difference
/// below each other, all on one scale; and the student's own channels.
/// </summary>
internal static class MapGridFormatter
{
    private const int MostChannels = 8;

    // Pixels that the longer side of a map is enlarged to, or a little less.
    private const int Side = 64;

    public static MimeBundle Format(ImageMaps maps)
    {
        var grids = maps.Connections.Select(Grid.Of).ToList();
        var html = new StringBuilder(HtmlStyle.Element).Append("<figure class=\"kd-maps\" style=\"margin:.6em 0\">");
        html.Append(HtmlText.Of($"<figcaption><b>{maps.Run}: maps of {maps.Split} image {maps.Index}, "));
        html.Append(HtmlText.Of($"{maps.Label}</b></figcaption>"));
        html.Append(Picture(Image(maps), $"the image: {maps.Label}"));
        grids.ForEach(grid => html.Append(Table(grid)));
        var images = grids.SelectMany(grid => grid.Rows.SelectMany(row => row.Images)).ToList();
        return MimeBundle.OfHtml(html.Append("</figure>").ToString(), maps.ToString())
            .With(MimeBundle.Png, Convert.ToBase64String(Pictures.Sheet(images, MostChannels, Scale(images[0]))));
    }

    private static GridImage Image(ImageMaps maps) => maps.Image;

    private static string Table(Grid grid)
    {
        var html = new StringBuilder(HtmlStyle.TableStart);
        html.Append(HtmlText.Of($"<caption>{grid.Connection}</caption><tbody>"));
        foreach (var row in grid.Rows)
        {
            html.Append(HtmlText.Of($"<tr><th scope=\"row\" class=\"kd-name\">{row.Name}"));
            html.Append(HtmlText.Of($"<br><small>{row.Shape}</small></th>"));
            html.AppendJoin("", row.Images.Select(image => "<td>" + Picture(image, $"{row.Name}, {image.Label}")
                + HtmlText.Of($"<small>{image.Label}</small></td>")));
            html.Append("</tr>");
        }

        html.Append("</tbody></table></div><div>").Append(grid.Values.Legend("maps, all on one scale"));
        html.Append(grid.Differences?.Legend("difference, transformed − teacher") ?? HtmlText.Of(
            $" No difference is shown: the transformed map and the teacher’s have other shapes."));
        return html.Append($"</div><p class=\"kd-note\">The {grid.Rows[0].Images.Count} channels on which the teacher "
            + "is most active here; of the student, which has channels of its own, its most active ones.</p>")
            .ToString();
    }

    private static string Picture(GridImage image, string alt)
    {
        var scale = Scale(image);
        return $"<img src=\"{Pictures.DataUri(image, 1)}\" width=\"{image.Width * scale}\" "
            + HtmlText.Of($"height=\"{image.Height * scale}\" alt=\"{alt}\">");
    }

    private static int Scale(GridImage image) => Math.Max(1, Side / Math.Max(image.Width, image.Height));

    private sealed record Row(string Name, string Shape, IReadOnlyList<GridImage> Images);

    private sealed record Grid(string Connection, IReadOnlyList<Row> Rows, ColorScale Values, ColorScale? Differences)
    {
        public static Grid Of(ConnectionMaps at)
        {
            var ours = Busiest(at.Student);
            var theirs = Busiest(at.Teacher);
            var fits = at.Transformed.FitsOn(at.Teacher);
            var shown = theirs.Where(channel => channel < at.Transformed.Channels).ToList();
            var difference = fits
                ? at.Teacher with { Values = [.. at.Transformed.Values.Zip(at.Teacher.Values, (a, b) => a - b)] }
                : null;
            float[] all = [.. Of(at.Teacher, theirs), .. Of(at.Transformed, shown), .. Of(at.Student, ours)];
            var values = ColorScale.Sequential(all.Where(float.IsFinite).DefaultIfEmpty(0).Min(),
                all.Where(float.IsFinite).DefaultIfEmpty(0).Max());
            var differences = difference is null ? null
                : ColorScale.Diverging(Of(difference, theirs).Where(float.IsFinite).DefaultIfEmpty(0).Max(Math.Abs));
            List<Row> rows =
            [
                Line("teacher", at.Teacher, theirs, values), Line("transformed student", at.Transformed, shown, values),
            ];
            if (difference is not null)
            {
                rows.Add(Line("difference", difference, theirs, differences!));
            }

            return new(at.Connection, [.. rows, Line("student", at.Student, ours, values)], values, differences);
        }

        private static IEnumerable<float> Of(FeatureMap map, IReadOnlyList<int> channels) =>
            channels.SelectMany(map.Channel);

        private static Row Line(string name, FeatureMap map, IReadOnlyList<int> channels, ColorScale colors) => new(
            name, map.Shape, [.. channels.Select(channel => new GridImage(
                colors.Paint(map.Channel(channel)), map.Width, map.Height, $"channel {channel}"))]);

        private static List<int> Busiest(FeatureMap map) => [.. Enumerable.Range(0, map.Channels)
            .OrderByDescending(channel => map.Channel(channel).Sum(Math.Abs)).Take(MostChannels).Order()];
    }
}
