using System.Buffers;
using KdNotebooks.Runtime;

namespace KdNotebooks.Masks;

public sealed partial class RunLength
{
    /// <summary>Left to right.</summary>
    public RunLength Mirrored()
    {
        var columns = new int[Width];
        for (var x = 0; x < Width; x++)
        {
            columns[x] = Width - 1 - x;
        }

        return Sampled(Axis(Height, Height), columns);
    }

    /// <summary>A part of the image; what lies outside it is not of the mask.</summary>
    /// <param name="top">May be negative, or below the image.</param>
    /// <param name="left">May be negative, or right of the image.</param>
    /// <exception cref="KdException">No size of an image.</exception>
    public RunLength Cropped(int top, int left, int height, int width)
    {
        RequireSize(height, width);
        return Sampled(Part(top, height, Height), Part(left, width, Width));
    }

    /// <summary>At another size: the nearest pixels, centres of pixels on centres.</summary>
    /// <exception cref="KdException">No size of an image.</exception>
    public RunLength Resized(int height, int width)
    {
        RequireSize(height, width);
        return Sampled(Axis(Height, height), Axis(Width, width));
    }

    /// <summary>The mask seen through a window: each row and column of the result is one of this mask's, or
    /// none.</summary>
    /// <param name="rows">Of each row of the result, which one of this mask; -1 for padding.</param>
    /// <param name="columns">Of each column.</param>
    /// <exception cref="KdException">No row or column, or one that is not there.</exception>
    public RunLength Sampled(ReadOnlySpan<int> rows, ReadOnlySpan<int> columns)
    {
        RequireSize(rows.Length, columns.Length);
        RequireWithin(rows, Height, "row");
        RequireWithin(columns, Width, "column");
        var source = RentColumns();
        var line = ArrayPool<byte>.Shared.Rent(rows.Length);
        try
        {
            var builder = new RunBuilder(runs.Length);
            for (var x = 0; x < columns.Length; x++)
            {
                if (columns[x] < 0)
                {
                    builder.Add(rows.Length, false);
                    continue;
                }

                if (x == 0 || columns[x] != columns[x - 1])
                {
                    Pick(source.AsSpan(columns[x] * Height, Height), rows, line);
                }

                builder.Add(line.AsSpan(0, rows.Length));
            }

            return new RunLength(builder.Runs(), rows.Length, columns.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(line);
            ArrayPool<byte>.Shared.Return(source);
        }
    }

    private static void Pick(ReadOnlySpan<byte> column, ReadOnlySpan<int> rows, Span<byte> line)
    {
        for (var y = 0; y < rows.Length; y++)
        {
            line[y] = rows[y] < 0 ? (byte)0 : column[rows[y]];
        }
    }

    private static int[] Axis(int source, int count)
    {
        var axis = new int[count];
        for (var i = 0; i < count; i++)
        {
            axis[i] = Math.Min((int)((i + 0.5) * source / count), source - 1);
        }

        return axis;
    }

    private static int[] Part(int start, int count, int source)
    {
        var axis = new int[count];
        for (var i = 0; i < count; i++)
        {
            var at = (long)start + i;
            axis[i] = at >= 0 && at < source ? (int)at : -1;
        }

        return axis;
    }

    private static void RequireWithin(ReadOnlySpan<int> axis, int count, string what)
    {
        foreach (var at in axis)
        {
            if (at < -1 || at >= count)
            {
                throw new KdException(
                    $"Run lengths: {what} {at} of a mask with {count}; expected 0 to {count - 1}, or -1 for padding.");
            }
        }
    }
}
