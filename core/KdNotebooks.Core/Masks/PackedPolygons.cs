namespace KdNotebooks.Masks;

/// <summary>
/// Polygons in as few bytes as can be had at no loss: hundredths of a pixel, each as its difference to the number two
/// before (x to x, y to y), 7 bits a byte. Where a number has more decimals, they are kept as they are.
/// </summary>
internal readonly struct PackedPolygons
{
    private const double Steps = 100;

    // byte[], or double[][] where hundredths do not say all.
    private readonly Array kept;

    public PackedPolygons(IReadOnlyList<double[]> polygons) =>
        kept = (Array?)Packed(polygons) ?? polygons.Select(polygon => (double[])polygon.Clone()).ToArray();

    public IReadOnlyList<double[]> Unpack()
    {
        if (kept is double[][] exact)
        {
            return Array.ConvertAll(exact, polygon => (double[])polygon.Clone());
        }

        var (bytes, at, polygons) = ((byte[])kept, 0, new List<double[]>());
        while (at < bytes.Length)
        {
            var polygon = new double[Read(bytes, ref at)];
            var (one, other) = (0, 0);
            for (var i = 0; i < polygon.Length; i++)
            {
                var step = Read(bytes, ref at);
                (one, other) = (other, one + (int)((step >> 1) ^ -(step & 1)));
                // A quotient is rounded as the text was: it is the double nearest to the decimal.
                polygon[i] = other / Steps;
            }

            polygons.Add(polygon);
        }

        return polygons;
    }

    private static byte[]? Packed(IReadOnlyList<double[]> polygons)
    {
        var bytes = new List<byte>(2 * polygons.Sum(polygon => polygon.Length));
        foreach (var polygon in polygons)
        {
            Write(bytes, (uint)polygon.Length);
            var (one, other) = (0, 0);
            foreach (var number in polygon)
            {
                var hundredths = (int)Math.Round(number * Steps);
                if (hundredths / Steps != number || Math.Abs(number) > 1 << 20)
                {
                    return null;
                }

                var step = hundredths - one;
                (one, other) = (other, hundredths);
                Write(bytes, (uint)((step << 1) ^ (step >> 31)));
            }
        }

        return [.. bytes];
    }

    private static void Write(List<byte> bytes, uint number)
    {
        for (; number > 127; number >>= 7)
        {
            bytes.Add((byte)(number | 128));
        }

        bytes.Add((byte)number);
    }

    private static uint Read(byte[] bytes, ref int at)
    {
        var number = 0u;
        for (var shift = 0; ; shift += 7)
        {
            var part = bytes[at++];
            number |= (uint)(part & 127) << shift;
            if (part < 128)
            {
                return number;
            }
        }
    }
}
