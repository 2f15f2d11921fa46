using System.Globalization;
using System.Text;
using KdNotebooks.Runtime;
using KdNotebooks.Weights;

namespace KdNotebooks.Distillation;

/// <summary>
/// Features in safetensors files of some hundred images each, so that a dataset need not fit in memory and a later
/// experiment finds the views that an earlier one made. A view that was cut off, or has a damaged file, is made again.
/// </summary>
/// <remarks>
/// What is checked on opening: that the view was ended with the number of rows asked for, that every file's header is
/// sound and agrees with the file's length, and that each file holds the paths and the rows that it should. The numbers
/// are checked as they are read, row by row (<see cref="FeatureSums"/>): to read them all beforehand would cost as much
/// as the cache saves.
/// </remarks>
internal sealed class DiskFeatureStore : IFeatureStore
{
    // Files of a few megabytes to a few hundred, for maps from a small network's to a large one's.
    private const int RowsPerFile = 512;

    // A process may have a thousand; views that come one by one could be more.
    private const int MostOpen = 256;

    private const string PrintsName = "(prints)";

    private readonly string folder;
    private readonly FeatureKey key;
    private readonly FeatureSums sums;
    private readonly Dictionary<int, View> views = [];
    private readonly Dictionary<string, List<Tensor>> pending = [];
    private readonly List<UInt128> pendingPrints = [];
    private int openView, openRows, file;

    /// <param name="root">The folder of all caches; this one takes a folder of its own, named by its key.</param>
    public DiskFeatureStore(string root, FeatureKey key)
    {
        this.key = key;
        sums = new FeatureSums(key);
        folder = Path.Combine(root, key.Hash);
        Directory.CreateDirectory(folder);
    }

    public bool Has(int view, int rows) => views.ContainsKey(view) || TryOpen(view, rows);

    public void Begin(int view, int rows)
    {
        // What an earlier pass left when it was cut off: rows in memory, or a view that has turned out to be damaged.
        Drop();
        Close(view);
        File.Delete(Complete(view));
        (openView, openRows, file) = (view, rows, 0);
    }

    public void Append(IReadOnlyDictionary<string, Tensor> features, UInt128[] prints)
    {
        // A row's file follows from its index, so each file but the last holds exactly RowsPerFile.
        for (int from = 0, length; from < prints.Length; from += length)
        {
            length = Math.Min(prints.Length - from, RowsPerFile - pendingPrints.Count);
            Keep(features, from, length);
            pendingPrints.AddRange(prints.AsSpan(from, length));
            if (pendingPrints.Count == RowsPerFile)
            {
                Flush();
            }
        }
    }

    public void End()
    {
        if (pendingPrints.Count > 0)
        {
            Flush();
        }

        // The last file to be written, so that a view that has it is whole.
        AtomicFile.Write(Complete(openView), stream => stream.Write(Encoding.ASCII.GetBytes(Whole(openRows))));
        if (!TryOpen(openView, openRows))
        {
            throw new KdException(
                $"{folder}: the teacher's features were written but cannot be read again; is the disk full?");
        }
    }

    public UInt128[] Prints(int view) => Opened(view).Prints;

    public Tensor Rows(int view, string path, int[] indices)
    {
        using var scope = torch.NewDisposeScope();
        var open = Opened(view);
        var info = open.Files[0].Tensors[Name(path)];
        var rows = torch.empty([indices.Length, .. info.Shape.Skip(1)], info.Dtype, torch.CPU);
        for (var i = 0; i < indices.Length; i++)
        {
            using var row = rows.narrow(0, i, 1);
            open.Files[indices[i] / RowsPerFile].LoadRow(Name(path), indices[i] % RowsPerFile, row);
            if (sums.Of(view, path, indices[i], row) != open.Sums[path][indices[i]])
            {
                throw new DamagedFeaturesException(
                    $"{Shard(view, indices[i] / RowsPerFile)}: row {indices[i]} of '{path}'.");
            }
        }

        return rows.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        views.Keys.ToList().ForEach(Close);
        Drop();
    }

    // It was there, or the caller would have made it; it may have been closed for others.
    private View Opened(int view) =>
        views.TryGetValue(view, out var open) || (TryOpen(view, null) && views.TryGetValue(view, out open))
        ? open
        : throw new DamagedFeaturesException($"{Complete(view)}: gone since it was opened.");

    private bool TryOpen(int view, int? expected)
    {
        var opened = new List<SafeTensorsFile>();
        try
        {
            if (!File.Exists(Complete(view)) || File.ReadAllText(Complete(view)).Split(' ') is not [var first, _]
                || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var rows)
                || rows < 1 || rows != (expected ?? rows) || File.ReadAllText(Complete(view)) != Whole(rows))
            {
                return false;
            }

            for (var i = 0; i < Files(rows); i++)
            {
                opened.Add(SafeTensorsFile.Open(Shard(view, i)));
                RequireRows(opened[i], Math.Min(RowsPerFile, rows - (i * RowsPerFile)), opened[0]);
            }

            var found = new View(
                [.. opened], FeatureSums.Read(opened, PrintsName),
                key.Paths.ToDictionary(path => path, path => FeatureSums.Read(opened, SumsName(path))));
            MakeRoom(opened.Count);
            views[view] = found;
            return true;
        }
        catch (Exception error) when (error is KdException or IOException or UnauthorizedAccessException)
        {
            // Cut off or damaged: whatever it was, the features can be computed again.
            opened.ForEach(open => open.Dispose());
            return false;
        }
    }

    private void MakeRoom(int files)
    {
        if (views.Values.Sum(view => view.Files.Length) + files > MostOpen)
        {
            views.Keys.ToList().ForEach(Close);
        }
    }

    private void Close(int view)
    {
        if (views.Remove(view, out var open))
        {
            Array.ForEach(open.Files, file => file.Dispose());
        }
    }

    private void RequireRows(SafeTensorsFile shard, int rows, SafeTensorsFile first)
    {
        foreach (var name in key.Paths.SelectMany(path => new[] { Name(path), SumsName(path) }).Append(PrintsName))
        {
            if (!shard.Tensors.TryGetValue(name, out var info) || info.Shape.Count == 0 || info.Shape[0] != rows
                || info.Dtype != first.Tensors[name].Dtype
                || !info.Shape.Skip(1).SequenceEqual(first.Tensors[name].Shape.Skip(1)))
            {
                throw new KdException($"{shard.Path}: expected {rows} rows of '{name}', all of one shape and type.");
            }
        }
    }

    private void Keep(IReadOnlyDictionary<string, Tensor> features, int from, int length)
    {
        foreach (var (path, rows) in features)
        {
            if (!pending.TryGetValue(path, out var list))
            {
                pending[path] = list = [];
            }

            using var part = rows.narrow(0, from, length);
            list.Add(part.cpu().DetachFromDisposeScope());
        }
    }

    private void Flush()
    {
        using var scope = torch.NewDisposeScope();
        var tensors = new Dictionary<string, Tensor> { [PrintsName] = FeatureSums.Table(pendingPrints) };
        foreach (var (path, parts) in pending)
        {
            var rows = torch.cat(parts, 0).contiguous();
            tensors[Name(path)] = rows;
            tensors[SumsName(path)] = FeatureSums.Table(sums.OfEach(openView, path, file * RowsPerFile, rows));
        }

        SafeTensors.Write(Shard(openView, file), tensors, new Dictionary<string, string>
        {
            ["teacher"] = key.Teacher,
            ["data"] = key.Data,
            ["views"] = key.Views,
            ["maker"] = key.Maker,
        });
        file++;
        Drop();
    }

    private void Drop()
    {
        pending.Values.SelectMany(list => list).ToList().ForEach(tensor => tensor.Dispose());
        pending.Clear();
        pendingPrints.Clear();
    }

    // The model's own output has the empty path; a module may be called "output".
    private static string Name(string path) => path.Length == 0 ? "(output)" : path;

    private static string SumsName(string path) => $"(sums) {path}";

    private static int Files(int rows) => (rows + RowsPerFile - 1) / RowsPerFile;

    // What is written of a view that is whole.
    private static string Whole(int rows) => $"{rows} {Files(rows)}\n";

    private string Complete(int view) => Path.Combine(folder, $"view-{view}.complete");

    private string Shard(int view, int index) => Path.Combine(folder, $"view-{view}-{index:D5}.safetensors");

    private sealed record View(SafeTensorsFile[] Files, UInt128[] Prints, IReadOnlyDictionary<string, UInt128[]> Sums);
}
