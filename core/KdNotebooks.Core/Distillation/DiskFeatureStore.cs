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
/// themselves carry no checksum: to read them all would cost as much as the cache saves.
/// </remarks>
internal sealed class DiskFeatureStore : IFeatureStore
{
    // Files of a few megabytes to a few hundred, for maps from a small network's to a large one's.
    private const int RowsPerFile = 512;

    private readonly string folder;
    private readonly FeatureKey key;
    private readonly Dictionary<int, SafeTensorsFile[]> views = [];
    private readonly Dictionary<string, List<Tensor>> pending = [];
    private int openView, openRows, pendingRows, file;

    /// <param name="root">The folder of all caches; this one takes a folder of its own, named by its key.</param>
    public DiskFeatureStore(string root, FeatureKey key)
    {
        this.key = key;
        folder = Path.Combine(root, key.Hash);
        Directory.CreateDirectory(folder);
    }

    public bool Has(int view, int rows) => views.ContainsKey(view) || TryOpen(view, rows);

    public void Begin(int view, int rows)
    {
        // What an earlier pass left when it was cut off: rows in memory, or a view that has turned out to be damaged.
        Drop();
        File.Delete(Complete(view));
        (openView, openRows, file) = (view, rows, 0);
    }

    public void Append(IReadOnlyDictionary<string, Tensor> features)
    {
        var count = (int)features.Values.First().shape[0];
        // A row's file follows from its index, so each file but the last holds exactly RowsPerFile.
        for (int from = 0, length; from < count; from += length)
        {
            length = Math.Min(count - from, RowsPerFile - pendingRows);
            Keep(features, from, length);
            if (pendingRows == RowsPerFile)
            {
                Flush();
            }
        }
    }

    public void End()
    {
        if (pendingRows > 0)
        {
            Flush();
        }

        // The last file to be written, so that a view that has it is whole.
        AtomicFile.Write(Complete(openView), stream => stream.Write(Encoding.ASCII.GetBytes($"{openRows} {file}\n")));
        if (!TryOpen(openView, openRows))
        {
            throw new KdException(
                $"{folder}: the teacher's features were written but cannot be read again; is the disk full?");
        }
    }

    public Tensor Rows(int view, string path, int[] indices)
    {
        using var scope = torch.NewDisposeScope();
        var files = views[view];
        var info = files[0].Tensors[Name(path)];
        var rows = torch.empty([indices.Length, .. info.Shape.Skip(1)], info.Dtype, torch.CPU);
        for (var i = 0; i < indices.Length; i++)
        {
            using var row = rows.narrow(0, i, 1);
            files[indices[i] / RowsPerFile].LoadRow(Name(path), indices[i] % RowsPerFile, row);
        }

        return rows.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        views.Values.SelectMany(files => files).ToList().ForEach(open => open.Dispose());
        views.Clear();
        Drop();
    }

    private bool TryOpen(int view, int rows)
    {
        var opened = new List<SafeTensorsFile>();
        try
        {
            var files = (rows + RowsPerFile - 1) / RowsPerFile;
            if (!File.Exists(Complete(view)) || File.ReadAllText(Complete(view)) != $"{rows} {files}\n")
            {
                return false;
            }

            for (var i = 0; i < files; i++)
            {
                opened.Add(SafeTensorsFile.Open(Shard(view, i)));
                RequireRows(opened[i], Math.Min(RowsPerFile, rows - (i * RowsPerFile)), opened[0]);
            }

            views[view] = [.. opened];
            return true;
        }
        catch (Exception error) when (error is KdException or IOException or UnauthorizedAccessException)
        {
            // Cut off or damaged: whatever it was, the features can be computed again.
            opened.ForEach(open => open.Dispose());
            return false;
        }
    }

    private void RequireRows(SafeTensorsFile shard, int rows, SafeTensorsFile first)
    {
        foreach (var name in key.Paths.Select(Name))
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

        pendingRows += length;
    }

    private void Flush()
    {
        using var scope = torch.NewDisposeScope();
        var tensors = pending.ToDictionary(entry => Name(entry.Key), entry => torch.cat(entry.Value, 0));
        SafeTensors.Write(Shard(openView, file), tensors, new Dictionary<string, string>
        {
            ["teacher"] = key.Teacher,
            ["data"] = key.Data,
            ["views"] = key.Views,
        });
        file++;
        Drop();
    }

    private void Drop()
    {
        pending.Values.SelectMany(list => list).ToList().ForEach(tensor => tensor.Dispose());
        pending.Clear();
        pendingRows = 0;
    }

    // The model's own output has the empty path; a module may be called "output".
    private static string Name(string path) => path.Length == 0 ? "(output)" : path;

    private string Complete(int view) => Path.Combine(folder, $"view-{view}.complete");

    private string Shard(int view, int index) => Path.Combine(folder, $"view-{view}-{index:D5}.safetensors");
}
