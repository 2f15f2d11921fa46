namespace KdNotebooks.Runtime;

/// <summary>
/// Functions that the C library of one machine may round otherwise than another's, of + - * / alone, which IEEE 754 rounds alike
/// on every one. Good to about 1e-15 of the result.
/// </summary>
internal static class Portable
{
    private const double Ln2 = 0.693147180559945309417;

    /// <summary>e to the power of x; |x| up to 700.</summary>
    public static double Exp(double x)
    {
        var twos = Math.Round(x / Ln2);
        var rest = x - (twos * Ln2);
        var (sum, term) = (1.0, 1.0);
        for (var i = 1; i <= 18; i++)
        {
            term *= rest / i;
            sum += term;
        }

        return Math.ScaleB(sum, (int)twos);
    }

    /// <summary>Natural logarithm of a number above 0.</summary>
    public static double Log(double x)
    {
        var twos = Math.ILogB(x);
        var part = Math.ScaleB(x, -twos); // 1 to 2
        if (part > 1.4)
        {
            (part, twos) = (part / 2, twos + 1);
        }

        // ln m = 2 artanh((m - 1) / (m + 1))
        var t = (part - 1) / (part + 1);
        var (sum, power) = (0.0, t);
        for (var i = 1; i <= 41; i += 2)
        {
            sum += power / i;
            power *= t * t;
        }

        return (twos * Ln2) + (2 * sum);
    }

    /// <summary>Cosine and sine of an angle in degrees, -360 to 360.</summary>
    public static (double Cos, double Sin) Turn(double degrees)
    {
        var angle = degrees * (3.14159265358979323846 / 180);
        var (cos, sin, term) = (0.0, 0.0, 1.0);
        for (var i = 0; i < 40; i++)
        {
            (cos, sin) = (i % 4) switch
            {
                0 => (cos + term, sin),
                1 => (cos, sin + term),
                2 => (cos - term, sin),
                _ => (cos, sin - term),
            };
            term *= angle / (i + 1);
        }

        return (cos, sin);
    }
}
