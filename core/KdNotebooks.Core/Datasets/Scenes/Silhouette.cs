namespace KdNotebooks.Datasets;

/// <summary>
/// One Fashion-MNIST image as a thing to be cut out: which of its pixels belong to the garment, holes in its print
/// included, and how bright they are.
/// </summary>
internal sealed class Silhouette
{
    private const int Dark = 12; // what a thumbnail's black ground reaches at most

    private readonly int _side;
    private readonly float[] _inside, _soft, _grey;

    /// <param name="image">[side, side], 0 to 255, dark around the garment.</param>
    public Silhouette(ReadOnlySpan<byte> image, int side)
    {
        _side = side;
        _grey = new float[side * side];
        var outside = Outside(image, side);
        _inside = new float[side * side];
        for (var i = 0; i < _grey.Length; i++)
        {
            _inside[i] = outside[i] ? 0 : 1;
            _grey[i] = image[i] / 255f;
        }

        _soft = Blurred(Blurred(_inside));
    }

    /// <summary>Pixels of the garment in the image itself.</summary>
    public int Area => _inside.Count(pixel => pixel > 0);

    /// <summary>Half and more is inside. 0 to 1.</summary>
    /// <param name="x">Columns of the image, 0 to its side.</param>
    public double Inside(double x, double y) => At(_inside, x, y);

    /// <summary>The same with a wide edge, for its shadow.</summary>
    public double Soft(double x, double y) => At(_soft, x, y);

    /// <summary>How bright the cloth is, 0 to 1.</summary>
    public double Gray(double x, double y) => At(_grey, x, y);

    // Between pixel centres; zero beyond the image.
    private double At(float[] values, double x, double y)
    {
        var (left, top) = (Math.Floor(x - 0.5), Math.Floor(y - 0.5));
        var (across, down) = (x - 0.5 - left, y - 0.5 - top);
        var (column, row) = ((int)left, (int)top);
        var (above, below) = (Between(values, row, column, across), Between(values, row + 1, column, across));
        return above + ((below - above) * down);
    }

    private double Between(float[] values, int row, int column, double across)
    {
        var (left, right) = (Pixel(values, row, column), Pixel(values, row, column + 1));
        return left + ((right - left) * across);
    }

    private double Pixel(float[] values, int row, int column) =>
        (uint)row < (uint)_side && (uint)column < (uint)_side ? values[(row * _side) + column] : 0;

    // Dark pixels that the border reaches through dark pixels.
    private static bool[] Outside(ReadOnlySpan<byte> image, int side)
    {
        var outside = new bool[side * side];
        var next = new Stack<int>();
        for (var i = 0; i < side; i++)
        {
            foreach (var at in (ReadOnlySpan<int>)[i, ((side - 1) * side) + i, i * side, (i * side) + side - 1])
            {
                Visit(at, image, outside, next);
            }
        }

        while (next.TryPop(out var at))
        {
            var (row, column) = (at / side, at % side);
            Visit(row > 0 ? at - side : at, image, outside, next);
            Visit(row < side - 1 ? at + side : at, image, outside, next);
            Visit(column > 0 ? at - 1 : at, image, outside, next);
            Visit(column < side - 1 ? at + 1 : at, image, outside, next);
        }

        return outside;
    }

    private static void Visit(int at, ReadOnlySpan<byte> image, bool[] outside, Stack<int> next)
    {
        if (!outside[at] && image[at] <= Dark)
        {
            outside[at] = true;
            next.Push(at);
        }
    }

    private float[] Blurred(float[] values)
    {
        var result = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var sum = 0.0;
            for (var near = 0; near < 9; near++)
            {
                sum += Pixel(values, (i / _side) + (near / 3) - 1, (i % _side) + (near % 3) - 1);
            }

            result[i] = (float)(sum / 9);
        }

        return result;
    }
}
