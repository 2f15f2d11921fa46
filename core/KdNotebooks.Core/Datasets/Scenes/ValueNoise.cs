using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>Smooth random values over the unit square: a lattice of draws, and between them a smooth step.</summary>
internal sealed class ValueNoise
{
    private readonly int _cells;
    private readonly double[] _lattice;

    /// <param name="cells">How many a side: more is finer.</param>
    public ValueNoise(Dice dice, int cells)
    {
        _cells = cells;
        _lattice = new double[(cells + 1) * (cells + 1)];
        for (var i = 0; i < _lattice.Length; i++)
        {
            _lattice[i] = dice.Between(0, 1);
        }
    }

    /// <summary>0 to 1.</summary>
    /// <param name="x">0 to 1; beyond, the edge goes on.</param>
    public double At(double x, double y)
    {
        var (column, across) = Cell(x);
        var (row, down) = Cell(y);
        var at = (row * (_cells + 1)) + column;
        var top = _lattice[at] + ((_lattice[at + 1] - _lattice[at]) * across);
        at += _cells + 1;
        var bottom = _lattice[at] + ((_lattice[at + 1] - _lattice[at]) * across);
        return top + ((bottom - top) * down);
    }

    private (int Index, double Share) Cell(double at)
    {
        var place = Math.Min(Math.Max(at * _cells, 0), _cells - 1e-6);
        var share = place - (int)place;
        return ((int)place, share * share * (3 - (2 * share)));
    }
}
