using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>A square picture while it is painted, and which piece each of its pixels shows.</summary>
internal sealed class SceneCanvas(int side)
{
    /// <summary>The owner of a pixel that shows no garment.</summary>
    public const int Nobody = -1;

    private readonly Rgb[] _pixels = new Rgb[side * side];
    private readonly int[] _owner = Enumerable.Repeat(Nobody, side * side).ToArray();

    public int Side => side;

    /// <summary>How many pixels an owner has now.</summary>
    public int Count(int owner) => _owner.AsSpan().Count(owner);

    /// <summary>[H, W]: 1 where the pixel is the owner's.</summary>
    public byte[] Mask(int owner) => [.. _owner.Select(pixel => (byte)(pixel == owner ? 1 : 0))];

    /// <summary>Every pixel of the fabric.</summary>
    public void Cover(Fabric fabric)
    {
        for (var i = 0; i < _pixels.Length; i++)
        {
            _pixels[i] = fabric.At((i % side + 0.5) / side, (i / side + 0.5) / side);
        }
    }

    /// <summary>Darkens what lies below a piece.</summary>
    /// <param name="cover">From a point of the piece's own square to 0 (light) to 1 (shadow).</param>
    public void Shade(Pose pose, double strength, Func<double, double, double> cover) =>
        Each(pose, 0.05, (at, u, v) => _pixels[at] *= 1 - (strength * cover(u, v)));

    /// <summary>Lays a piece on top; where it covers half a pixel and more, the pixel is the owner's.</summary>
    /// <param name="cover">From a point of the piece's own square to 0 (beside it) to 1 (within).</param>
    /// <param name="color">From such a point to the color there.</param>
    public void Lay(Pose pose, int owner, Func<double, double, double> cover, Func<double, double, Rgb> color) =>
        Each(pose, 0, (at, u, v) =>
        {
            var share = cover(u, v);
            if (share > 0)
            {
                _pixels[at] = _pixels[at].Towards(color(u, v), share);
                _owner[at] = share >= 0.5 ? owner : _owner[at];
            }
        });

    /// <summary>How many pixels of each owner a piece would cover, by its number; the last are nobody's.</summary>
    /// <param name="owners">How many owners there are: 0 to owners - 1.</param>
    public int[] Covered(Pose pose, int owners, Func<double, double, double> cover)
    {
        var covered = new int[owners + 1];
        Each(pose, 0, (at, u, v) => covered[_owner[at] == Nobody ? owners : _owner[at]] += cover(u, v) >= 0.5 ? 1 : 0);
        return covered;
    }

    /// <summary>Lights the whole from one side and adds the grain of a camera.</summary>
    /// <param name="grain">The largest change of a pixel, of 255.</param>
    /// <returns>[3, H, W].</returns>
    public byte[] Develop(Dice dice, double across, double down, double grain)
    {
        var image = new byte[3 * _pixels.Length];
        for (var i = 0; i < _pixels.Length; i++)
        {
            var light = 1 + (across * ((i % side + 0.5) / side - 0.5)) + (down * ((i / side + 0.5) / side - 0.5));
            var lit = _pixels[i] * light;
            image[i] = Byte(lit.Red + dice.Between(-grain, grain));
            image[_pixels.Length + i] = Byte(lit.Green + dice.Between(-grain, grain));
            image[(2 * _pixels.Length) + i] = Byte(lit.Blue + dice.Between(-grain, grain));
        }

        return image;
    }

    private static byte Byte(double value) => (byte)Math.Min(Math.Max(value + 0.5, 0), 255);

    private void Each(Pose pose, double room, Action<int, double, double> visit)
    {
        var (left, top, right, bottom) = pose.Extent(side, room);
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                var (u, v) = pose.Inverse((x + 0.5) / side, (y + 0.5) / side);
                visit((y * side) + x, u, v);
            }
        }
    }
}
