namespace KdNotebooks.Runtime;

/// <summary>
/// Draws from one <see cref="RandomStream"/>, handed on from piece to piece. Everything here, and everything made of
/// it, uses + - * / alone, which IEEE 754 rounds alike on every machine.
/// </summary>
internal sealed class Dice(RandomStream stream)
{
    private RandomStream _stream = stream;

    /// <summary>0 to maxExclusive - 1, equally likely.</summary>
    public int Below(int maxExclusive) => _stream.NextInt(maxExclusive);

    /// <summary>In [low, high), in steps of 2^-24 of the range.</summary>
    public double Between(double low, double high) =>
        low + ((high - low) * (_stream.NextInt(1 << 24) / (double)(1 << 24)));

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => Between(0, 1) < probability;

    /// <summary>
    /// A direction of at most this slope from the first axis, as cosine and sine: t to (1 - t^2, 2t) / (1 + t^2), the
    /// tangent of the half angle, because the sine of two machines may differ in its last bit.
    /// </summary>
    /// <param name="half">Tangent of half the largest angle: 1 is 90 degrees to either side.</param>
    public (double Cos, double Sin) Direction(double half = 1)
    {
        var t = Between(-half, half);
        return ((1 - (t * t)) / (1 + (t * t)), 2 * t / (1 + (t * t)));
    }
}
