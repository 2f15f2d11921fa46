using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Datasets;

/// <summary>Reads an image with its label map, and says what is wrong with them.</summary>
internal static class PairReader
{
    /// <exception cref="KdException">A file is unreadable, sizes differ, or an id is not in the table.</exception>
    public static Sample Read(FilePair pair, LabelTable table)
    {
        var image = PngReader.Read(pair.Image);
        var labels = ReadLabels(pair, table, (image.Height, image.Width), []);
        return LabelMap.Sample(pair.Image, image.Height, image.Width, image.ToColor(), labels);
    }

    /// <summary>The same checks. An image of which it is known that it can be read is not read once more.</summary>
    /// <param name="contents">Of the folder of both; it is told which images can be read.</param>
    /// <param name="again">Whether every image is read, whatever is known of it.</param>
    /// <param name="ids">At each id whether a pixel of the label map has it; where it is set, it stays set.</param>
    /// <returns>What is wrong; null for a sound pair.</returns>
    public static DataFinding? Check(FilePair pair, LabelTable table, ContentIndex contents, bool again, Span<bool> ids)
    {
        try
        {
            var size = PngReader.ReadSize(pair.Image);
            if (again || !contents.IsMarked(pair.Image, PngReader.Sound))
            {
                var hash = contents.HashOf(pair.Image);
                _ = PngReader.Read(pair.Image).ToColor();
                contents.Mark(pair.Image, hash, PngReader.Sound);
            }

            _ = ReadLabels(pair, table, size, ids);
            return null;
        }
        catch (DataFileException problem)
        {
            return new DataFinding(problem.File, false, problem.Message[(problem.File.Length + 2)..]);
        }
    }

    private static byte[] ReadLabels(FilePair pair, LabelTable table, (int Height, int Width) size, Span<bool> ids)
    {
        var picture = PngReader.Read(pair.Labels);
        if (!picture.IsPlain)
        {
            throw new DataFileException(
                pair.Labels, "is a color picture",
                "Expected one label id a pixel: a gray PNG, or one with a palette.");
        }

        if ((picture.Height, picture.Width) != size)
        {
            throw new DataFileException(
                pair.Labels,
                $"is {picture.Width}x{picture.Height} pixels large, its image {pair.Image} {size.Width}x{size.Height}",
                "Expected the same size: fetch or write both again.");
        }

        var labels = picture.ToLabels();
        for (var i = 0; ids.Length > 0 && i < labels.Length; i++)
        {
            ids[labels[i]] = true;
        }

        if (table.Map(labels) is var (id, at))
        {
            throw new DataFileException(
                pair.Labels,
                $"has label {id} at row {at / picture.Width}, column {at % picture.Width}, which is not in the table of "
                + table.Name,
                $"Expected one of {table.Ids()}: label ids, not training classes.");
        }

        return labels;
    }
}
