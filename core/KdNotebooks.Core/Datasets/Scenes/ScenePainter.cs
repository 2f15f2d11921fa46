using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>
/// Composes one scene: a canvas of some fabric, scraps of cloth on it, garments over them and one another with their
/// shadows, at times a scrap on top, light from one side, grain. A pure function of the garments and the dice.
/// </summary>
internal sealed class ScenePainter
{
    private const int Fewest = 3, Most = 6, Tries = 10;
    private const double LeastSeen = 0.4; // of its own pixels, so that every garment can be told
    private const double LeastWithin = 0.65; // of it within the picture

    private readonly Dice _dice;
    private readonly SceneCanvas _canvas;
    private readonly ImageSet _garments;
    private readonly int[][] _byClass;
    private readonly List<Piece> _laid = [];
    private readonly (double X, double Y) _shadow;

    /// <param name="garments">Square gray images of one split.</param>
    /// <param name="byClass">The indices of each class in it.</param>
    public ScenePainter(Dice dice, int side, ImageSet garments, int[][] byClass)
    {
        (_dice, _garments, _byClass) = (dice, garments, byClass);
        _canvas = new SceneCanvas(side);
        _shadow = (dice.Between(-0.03, 0.03), dice.Between(0.005, 0.035));
    }

    public Sample Paint(string name)
    {
        _canvas.Cover(Fabric.Ground(_dice));
        Repeat(_dice.Below(4), () => Scrap(0.12, 0.45));
        Repeat(Fewest + _dice.Below(Most - Fewest + 1), Garment);
        Repeat(_dice.Chance(0.4) ? 1 : 0, () => Scrap(0.05, 0.25));
        var image = _canvas.Develop(_dice, _dice.Between(-0.4, 0.4), _dice.Between(-0.4, 0.4), _dice.Between(2, 10));
        var instances = _laid.Select((piece, i) =>
            MaskedThing.Of(FashionScenes.LabelOf(piece.Class), _canvas.Mask(i), _canvas.Side)!).ToList();
        var labels = new byte[_canvas.Side * _canvas.Side];
        foreach (var instance in instances)
        {
            for (var i = 0; i < labels.Length; i++)
            {
                labels[i] = instance.Mask[i] != 0 ? (byte)instance.Class : labels[i];
            }
        }

        return LabelMap.Sample(name, _canvas.Side, _canvas.Side, image, labels, instances);
    }

    private void Garment()
    {
        var @class = _dice.Below(_byClass.Length);
        var index = _byClass[@class][_dice.Below(_byClass[@class].Length)];
        var silhouette = new Silhouette(_garments.Image(index), _garments.Width);
        var fabric = Fabric.Garment(_dice);
        // The edge is one pixel of the scene wide, whatever the size.
        double Cover(double u, double v, double sharp) => Math.Min(Math.Max(
            ((silhouette.Inside(u * _garments.Width, v * _garments.Width) - 0.5) * sharp) + 0.5, 0), 1);
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var pose = GarmentPose();
            var sharp = pose.Width * _canvas.Side / _garments.Width;
            double Mine(double u, double v) => Cover(u, v, sharp);
            var whole = silhouette.Area * sharp * (pose.Height * _canvas.Side / _garments.Height);
            if (Fits(pose, Mine, whole))
            {
                _canvas.Shade(pose with { X = pose.X + _shadow.X, Y = pose.Y + _shadow.Y }, 0.5,
                    (u, v) => silhouette.Soft(u * _garments.Width, v * _garments.Width));
                _canvas.Lay(pose, _laid.Count, Mine, (u, v) =>
                    fabric.At(u, v) * (0.3 + (0.75 * silhouette.Gray(u * _garments.Width, v * _garments.Width))));
                _laid.Add(new Piece(@class, _canvas.Count(_laid.Count), pose));
                return;
            }
        }
    }

    // Half of the garments are put near one that lies there already, so that they hide parts of one another.
    private Pose GarmentPose()
    {
        var size = _dice.Between(0.3, 0.6);
        var (cos, sin) = _dice.Direction(0.2); // 23 degrees
        var (x, y) = (_dice.Between(0.05, 0.95), _dice.Between(0.05, 0.95));
        if (_laid.Count > 0 && _dice.Chance(0.5))
        {
            var near = _laid[_dice.Below(_laid.Count)].Pose;
            (x, y) = (near.X + _dice.Between(-0.25, 0.25), near.Y + _dice.Between(-0.25, 0.25));
        }

        return new Pose(x, y, size, size * _dice.Between(0.85, 1.2), cos, sin, _dice.Chance(0.5));
    }

    // A rectangle or an ellipse of cloth: background, however much it looks like a garment's.
    private void Scrap(double low, double high)
    {
        var fabric = _dice.Chance(0.3) ? Fabric.Garment(_dice) : Fabric.Ground(_dice);
        var round = _dice.Chance(0.5);
        double Cover(double u, double v)
        {
            var (x, y) = (Math.Abs(u - 0.5) * 2, Math.Abs(v - 0.5) * 2);
            return Math.Min(Math.Max((1 - (round ? (x * x) + (y * y) : Math.Max(x, y))) * 8, 0), 1);
        }

        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var (cos, sin) = _dice.Direction();
            var pose = new Pose(
                _dice.Between(0, 1), _dice.Between(0, 1), _dice.Between(low, high), _dice.Between(low, high), cos, sin,
                false);
            if (Fits(pose, Cover, 0))
            {
                _canvas.Shade(pose with { X = pose.X + _shadow.X, Y = pose.Y + _shadow.Y }, 0.4, Cover);
                _canvas.Lay(pose, SceneCanvas.Nobody, Cover, fabric.At);
                return;
            }
        }
    }

    // Enough of the piece lies within, and enough is left to see of every garment below it.
    private bool Fits(Pose pose, Func<double, double, double> cover, double whole)
    {
        var covered = _canvas.Covered(pose, _laid.Count, cover);
        return covered.Sum() >= whole * LeastWithin && covered.Sum() > 0
            && _laid.Select((piece, i) => _canvas.Count(i) - covered[i] >= piece.Area * LeastSeen).All(seen => seen);
    }

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }

    /// <param name="Area">Pixels when it was laid.</param>
    private sealed record Piece(int Class, int Area, Pose Pose);
}
