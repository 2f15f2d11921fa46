using System.Globalization;
using KdNotebooks.Interop;
using KdNotebooks.Runtime;

namespace KdNotebooks.Distillation;

/// <summary>
/// Features in safetensors files of some hundred images each, so that a dataset need not fit in memory and a pass that
/// was cut off goes on where it stopped. A file that is damaged is made again.
/// </summary>
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

    public bool Has(int view) => views.ContainsKey(view) || TryOpen(view);

    public void Begin(int view, int rows) => (openView, openRows, pendingRows, file) = (view, rows, 0, 0);

    public void Append(IReadOnlyDictionary<string, Tensor> features)
    {
        foreach (var (path, rows) in features)
        {
            if (!pending.TryGetValue(path, out var list))
            {
                pending[path] = list = [];
            }

            list.Add(rows.cpu().DetachFromDisposeScope());
        }

        pendingRows += (int)features.Values.First().shape[0];
        if (pendingRows >= RowsPerFile)
        {
            Flush();
        }
    }

    public void End()
    {
        if (pendingRows > 0)
        {
            Flush();
        }

        // The last file to be written, so that a view that has it is whole.
        File.WriteAllText(Complete(openView), $"{openRows.ToString(CultureInfo.InvariantCulture)} {file}\n");
        if (!TryOpen(openView))
        {
            throw new KdException($"{folder}: the teacher's features were written but cannot be read again; is the disk full?");
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

    private bool TryOpen(int view)
    {
        var opened = new List<SafeTensorsFile>();
        try
        {
            if (!File.Exists(Complete(view)) || File.ReadAllText(Complete(view)).Trim().Split(' ') is not [_, var count])
            {
                return false;
            }

            for (var i = 0; i < int.Parse(count, CultureInfo.InvariantCulture); i++)
            {
                opened.Add(SafeTensorsFile.Open(Shard(view, i)));
            }

            views[view] = [.. opened];
            return true;
        }
        catch (Exception error) when (error is KdException or IOException or FormatException)
        {
            // Cut off or damaged: whatever it was, the features can be computed again.
            opened.ForEach(open => open.Dispose());
            return false;
        }
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

    // The model's own output has the empty path.
    private static string Name(string path) => path.Length == 0 ? "output" : path;

    private string Complete(int view) => Path.Combine(folder, $"view-{view}.complete");

    private string Shard(int view, int index) => Path.Combine(folder, $"view-{view}-{index:D5}.safetensors");
}
