namespace KdNotebooks.Masks;

/// <summary>Walks around the parts of a mask, and around their holes.</summary>
internal sealed class Contours
{
    // Right, down, left, up: the next one is a turn to the right.
    private static readonly (int X, int Y)[] Ways = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    private readonly int left, top, height, width;
    private readonly byte[] mask;
    private readonly int[] parts;
    private readonly bool[] walked;

    private Contours(RunLength whole)
    {
        var box = whole.Box;
        (left, top, height, width) = ((int)box.Left, (int)box.Top, (int)box.Height, (int)box.Width);
        mask = whole.Cropped(top, left, height, width).ToBitmap();
        (parts, walked) = (new int[mask.Length], new bool[mask.Length]);
    }

    /// <summary>One polygon a part: its outline, then to each hole, around it and back.</summary>
    public static IReadOnlyList<double[]> Of(RunLength whole) => whole.Area == 0 ? [] : new Contours(whole).All();

    private List<double[]> All()
    {
        var polygons = new List<List<double>>();
        for (var i = 0; i < mask.Length; i++)
        {
            // Each contour has an edge with the mask below it and nothing above; a part's first is its outline's.
            if (mask[i] == 0 || walked[i] || !IsTop(i))
            {
                continue;
            }

            if (parts[i] == 0)
            {
                polygons.Add([]);
                Flood(i, polygons.Count);
            }

            var polygon = polygons[parts[i] - 1];
            var contour = Walk(i);
            if (polygon.Count > 0)
            {
                // Back to the outline's first point, to the hole, around it and to where it began; what closes the
                // polygon leads back. A line that is walked twice encloses nothing.
                contour.AddRange(contour[..2]);
                polygon.AddRange(polygon[..2]);
            }

            polygon.AddRange(contour);
        }

        return [.. polygons.Select(polygon => polygon.ToArray())];
    }

    private bool IsTop(int i) => i < width || mask[i - width] == 0;

    private List<double> Walk(int start)
    {
        var (x, y, way) = (start % width, start / width, 0);
        var contour = new List<double> { left + x, top + y };
        do
        {
            if (way == 0)
            {
                walked[(y * width) + x] = true;
            }

            (x, y) = (x + Ways[way].X, y + Ways[way].Y);
            var turned = Turn(x, y, way);
            if (turned != way && ((y * width) + x != start || x == width || turned != 0))
            {
                contour.Add(left + x);
                contour.Add(top + y);
            }

            way = turned;
        }
        while (way != 0 || x == width || (y * width) + x != start);
        return contour;
    }

    // The mask is on the right. Where two pixels meet at a corner alone, the walk stays with its own.
    private int Turn(int x, int y, int way)
    {
        var (dx, dy) = Ways[way];
        // The pixels ahead, on both sides of the line.
        var right = At(x + ((dx - dy - 1) / 2), y + ((dx + dy - 1) / 2));
        var leftward = At(x + ((dx + dy - 1) / 2), y + ((dy - dx - 1) / 2));
        return !right ? (way + 1) % 4 : leftward ? (way + 3) % 4 : way;
    }

    private bool At(int x, int y) => x >= 0 && y >= 0 && x < width && y < height && mask[(y * width) + x] != 0;

    private void Flood(int start, int part)
    {
        var open = new Stack<int>([start]);
        parts[start] = part;
        while (open.TryPop(out var i))
        {
            var (x, y) = (i % width, i / width);
            foreach (var (dx, dy) in Ways)
            {
                var next = i + dx + (dy * width);
                if (At(x + dx, y + dy) && parts[next] == 0)
                {
                    parts[next] = part;
                    open.Push(next);
                }
            }
        }
    }
}
