namespace KdNotebooks.Datasets;

/// <summary>Where a piece lies: its centre, size and turn. Lengths are shares of the scene's side.</summary>
/// <param name="X">Of the centre, from the left.</param>
/// <param name="Y">Of the centre, from the top.</param>
/// <param name="Width">Before the turn.</param>
/// <param name="Height">Before the turn.</param>
internal readonly record struct Pose(
    double X, double Y, double Width, double Height, double Cos, double Sin, bool Mirrored)
{
    /// <summary>A point of the scene in the piece's own square, 0 to 1 within it.</summary>
    public (double U, double V) Inverse(double x, double y)
    {
        var (dx, dy) = (x - X, y - Y);
        var u = ((dx * Cos) + (dy * Sin)) / Width;
        return ((Mirrored ? -u : u) + 0.5, (((dy * Cos) - (dx * Sin)) / Height) + 0.5);
    }

    /// <summary>The pixels of a scene that the piece may cover, with some room for a shadow.</summary>
    /// <param name="side">Of the scene, in pixels.</param>
    public (int Left, int Top, int Right, int Bottom) Extent(int side, double room = 0)
    {
        var (cos, sin) = (Math.Abs(Cos), Math.Abs(Sin));
        var halfWidth = (((Width * cos) + (Height * sin)) / 2) + room;
        var halfHeight = (((Width * sin) + (Height * cos)) / 2) + room;
        return (
            Math.Max(0, (int)((X - halfWidth) * side)), Math.Max(0, (int)((Y - halfHeight) * side)),
            Math.Min(side, (int)((X + halfWidth) * side) + 2), Math.Min(side, (int)((Y + halfHeight) * side) + 2));
    }
}
