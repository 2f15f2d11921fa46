using System.Collections.Frozen;
using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks.Segmentation;

/// <summary>One label of a label map.</summary>
/// <param name="Id">The byte that stands for it in a file.</param>
/// <param name="Class">The class that it is trained as, from 0; null where it is ignored.</param>
/// <param name="Color">0xRRGGBB, for legends and overlays.</param>
public sealed record LabelRow(byte Id, string Name, int? Class, int Color);

/// <summary>Which bytes a label map may hold, and the class that each of them is trained as.</summary>
public sealed class LabelTable
{
    private readonly byte[] _class = new byte[256];
    private readonly FrozenSet<byte> _ids;

    /// <param name="name">What an error calls it: "Cityscapes".</param>
    /// <param name="rows">Each id once; classes 0 to K - 1, each at least once; the first of a class names it.</param>
    /// <exception cref="KdException">An id twice, or a class left out.</exception>
    public LabelTable(string name, params IReadOnlyList<LabelRow> rows)
    {
        (Name, Rows) = (name, rows);
        _ids = rows.Select(row => row.Id).ToFrozenSet();
        Classes = [.. rows.Where(row => row.Class is not null).DistinctBy(row => row.Class).OrderBy(row => row.Class)];
        if (_ids.Count != rows.Count || Classes.Count is < 2 or > 255
            || Classes.Where((row, i) => row.Class != i).Any())
        {
            throw new KdException($"{name}: a label table takes each id once and classes from 0 on without a gap.");
        }

        Array.Fill(_class, Ignored);
        foreach (var row in rows)
        {
            _class[row.Id] = (byte?)row.Class ?? Ignored;
        }
    }

    /// <summary>The class of a pixel that is neither trained on nor counted: 255.</summary>
    public static byte Ignored => MeanIou.Ignored;

    public string Name { get; }

    public IReadOnlyList<LabelRow> Rows { get; }

    /// <summary>The row of class 0, of class 1, and so on: names and colors of a legend.</summary>
    public IReadOnlyList<LabelRow> Classes { get; }

    /// <summary>The names of <see cref="Classes"/>.</summary>
    public IReadOnlyList<string> ClassNames => [.. Classes.Select(row => row.Name)];

    /// <summary>The class of an id; 255 where it is ignored, or in no row.</summary>
    public byte ClassOf(byte id) => _class[id];

    /// <summary>Puts the class in the place of each id.</summary>
    /// <returns>The first id that the table does not have, with the position where it stands; null for none.</returns>
    public (byte Id, int Position)? Map(Span<byte> labels)
    {
        Span<bool> known = stackalloc bool[256];
        foreach (var id in _ids)
        {
            known[id] = true;
        }

        for (var i = 0; i < labels.Length; i++)
        {
            if (!known[labels[i]])
            {
                return (labels[i], i);
            }

            labels[i] = _class[labels[i]];
        }

        return null;
    }

    /// <summary>"expected one of 0, 1, 7 to 33", for errors.</summary>
    internal string Ids() => Runs([.. _ids.Order()]);

    /// <summary>"0, 1, 7 to 33".</summary>
    /// <param name="sorted">Each once.</param>
    internal static string Runs(IReadOnlyList<byte> sorted)
    {
        var ids = sorted.ToList();
        var runs = ids.Where(id => !ids.Contains((byte)(id - 1)) || id == 0)
            .Select(first => (First: first, Last: ids.Last(id => id - first == ids.IndexOf(id) - ids.IndexOf(first))));
        return string.Join(
            ", ", runs.Select(run => run.First == run.Last ? $"{run.First}" : $"{run.First} to {run.Last}"));
    }
}
