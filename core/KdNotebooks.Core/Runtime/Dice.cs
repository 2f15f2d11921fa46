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
    /// Beta(alpha, alpha), from 0 to 1, with equal parts on either side of a half. Jöhnk 1964: two powers of even numbers whose sum is
    /// not above 1.
    /// </summary>
    /// <param name="alpha">Above 0; from about 4 on few tries are taken.</param>
    public double Beta(double alpha)
    {
        while (true)
        {
            // In their logarithms, for with a small alpha both may be too small for a number.
            var (one, other) = (Portable.Log(Between(0, 1) + (0.5 / (1 << 24))) / alpha, Portable.Log(Between(0, 1) + (0.5 / (1 << 24))) / alpha);
            var (most, least) = (Math.Max(one, other), Math.Min(one, other));
            if (most + Portable.Log(1 + Portable.Exp(least - most)) <= 0)
            {
                var share = 1 / (1 + Portable.Exp(least - most)); // of the larger one
                return one >= other ? share : 1 - share;
            }
        }
    }

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
