using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Classification;

/// <summary>Deals images out by class, in their order.</summary>
internal static class ClassBalance
{
    /// <summary>
    /// The first sizes[0] images of each class form group 0, the next sizes[1] of each class group 1, and so on; within
    /// a group the images keep the order of the set.
    /// </summary>
    /// <returns>The indices of each group; no index is in two.</returns>
    /// <exception cref="KdException">A size below 1, or a class with fewer images than all groups need.</exception>
    public static int[][] Deal(ImageSet images, params ReadOnlySpan<int> sizes)
    {
        var groups = new List<int>[sizes.Length];
        for (var group = 0; group < sizes.Length; group++)
        {
            groups[group] = sizes[group] > 0 ? [] : throw new KdException(
                $"{images.Name}: {sizes[group]} images a class asked for; expected at least 1.");
        }

        var seen = new int[images.ClassNames.Count];
        var labels = images.Labels.Span;
        for (var index = 0; index < labels.Length; index++)
        {
            if (GroupOf(seen[labels[index]]++, sizes) is { } group)
            {
                groups[group].Add(index);
            }
        }

        RequireEnough(images, seen, sizes);
        return [.. groups.Select(group => group.ToArray())];
    }

    private static int? GroupOf(int rank, ReadOnlySpan<int> sizes)
    {
        for (var group = 0; group < sizes.Length; group++)
        {
            if (rank < sizes[group])
            {
                return group;
            }

            rank -= sizes[group];
        }

        return null;
    }

    private static void RequireEnough(ImageSet images, int[] seen, ReadOnlySpan<int> sizes)
    {
        var needed = 0;
        foreach (var size in sizes)
        {
            needed += size;
        }

        for (var label = 0; label < seen.Length; label++)
        {
            if (seen[label] < needed)
            {
                throw new KdException(
                    $"{images.Name}: class {label} ({images.ClassNames[label]}) has {seen[label]} images; "
                    + $"{needed} a class are needed.");
            }
        }
    }
}
