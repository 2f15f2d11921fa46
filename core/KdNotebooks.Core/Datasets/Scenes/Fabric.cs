using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>
/// A pattern of two colors over the plane, which a canvas, a garment or a scrap of cloth is made of.
/// </summary>
internal sealed class Fabric
{
    private readonly FabricKind _kind;
    private readonly Rgb _one, _other;
    private readonly double _cos, _sin, _times, _edge, _wave;
    private readonly ValueNoise _coarse, _fine;

    private Fabric(Dice dice, FabricKind kind, Rgb one, Rgb other, double low, double high)
    {
        (_kind, _one, _other) = (kind, one, other);
        (_cos, _sin) = dice.Direction();
        _times = dice.Between(low, high);
        _edge = dice.Between(1.5, 6);
        _wave = dice.Between(0.1, 0.5);
        _coarse = new ValueNoise(dice, 3 + dice.Below(4));
        _fine = new ValueNoise(dice, 14 + dice.Below(14));
    }

    /// <summary>A ground of any kind and hue, duller and darker than most garments.</summary>
    public static Fabric Ground(Dice dice)
    {
        var one = Rgb.Draw(dice, 0.02, 0.4, 0.15, 0.7);
        var other = one.Towards(Rgb.Draw(dice, 0.02, 0.4, 0.15, 0.7), dice.Between(0.3, 0.8));
        return new Fabric(dice, (FabricKind)dice.Below(5), one, other, 3, 12);
    }

    /// <summary>
    /// The cloth of a garment: more than half of it plain, the rest patterned, so that no pattern tells its class.
    /// </summary>
    public static Fabric Garment(Dice dice)
    {
        var one = Rgb.Draw(dice, 0.2, 0.8, 0.7, 1);
        var other = one.Towards(Rgb.Draw(dice, 0.2, 0.8, 0.5, 1), dice.Between(0.2, 0.6));
        var kind = dice.Chance(0.6) ? FabricKind.Plain : (FabricKind)dice.Below(5);
        return new Fabric(dice, kind, one, kind == FabricKind.Plain ? one * 0.85 : other, 2, 7);
    }

    /// <param name="x">In units of the piece's size: 0 to 1 goes across it once.</param>
    public Rgb At(double x, double y)
    {
        var (u, v) = (((x * _cos) + (y * _sin)) * _times, ((y * _cos) - (x * _sin)) * _times);
        var coarse = _coarse.At(x, y);
        var mix = _kind switch
        {
            FabricKind.Stripes => Hard(Tooth(u)),
            FabricKind.Checks => (Hard(Tooth(u)) + Hard(Tooth(v))) / 2,
            FabricKind.Wood => Tooth((u * 0.6) + (coarse * _wave * 8)),
            FabricKind.Dots => Hard(1 - (2.2 * ((Tooth(u) * Tooth(u)) + (Tooth(v) * Tooth(v))))),
            _ => coarse,
        };
        return _one.Towards(_other, mix) * (0.82 + (0.2 * coarse) + (0.16 * _fine.At(x, y)));
    }

    // A wave of straight lines: 1 at whole numbers, 0 between.
    private static double Tooth(double at) => Math.Abs((2 * (at - Math.Floor(at))) - 1);

    private double Hard(double mix) => Math.Min(Math.Max(((mix - 0.5) * _edge) + 0.5, 0), 1);

    private enum FabricKind
    {
        Plain,
        Stripes,
        Checks,
        Wood,
        Dots,
    }
}
