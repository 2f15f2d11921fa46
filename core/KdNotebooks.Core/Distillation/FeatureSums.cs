using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using KdNotebooks.Weights;

namespace KdNotebooks.Distillation;

/// <summary>
/// Checksums of kept features: XXH128 of each row's bytes, begun with what the row is of (teacher, data, views, view,
/// path, image), so that a row of another file in its place is as wrong as a damaged one.
/// </summary>
internal sealed class FeatureSums(FeatureKey key)
{
    /// <summary>The sum of one row.</summary>
    /// <param name="row">[1, ...], contiguous, on the CPU.</param>
    public UInt128 Of(int view, string path, int image, Tensor row)
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes($"{key.Hash} {view} {image} {path}\n"));
        TensorBytes.Visit(row, (piece, _) => hash.Append(piece));
        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>The sums of rows whose images follow one another.</summary>
    /// <param name="rows">[n, ...], contiguous, on the CPU.</param>
    public IEnumerable<UInt128> OfEach(int view, string path, int first, Tensor rows) =>
        Enumerable.Range(0, (int)rows.shape[0]).Select(i =>
        {
            using var row = rows.narrow(0, i, 1);
            return Of(view, path, first + i, row);
        });

    /// <summary>[n, 2] int64, as a safetensors file can hold them.</summary>
    public static Tensor Table(IEnumerable<UInt128> sums)
    {
        UInt128[] all = [.. sums];
        return torch.tensor(MemoryMarshal.Cast<UInt128, long>(all).ToArray(), [all.Length, 2]);
    }

    /// <summary>Such tables, one behind the other.</summary>
    /// <exception cref="Runtime.KdException">A file cannot be read, or holds something else.</exception>
    public static UInt128[] Read(IEnumerable<SafeTensorsFile> files, string name)
    {
        var sums = new List<UInt128>();
        foreach (var file in files)
        {
            using var scope = torch.NewDisposeScope();
            var table = file.Load(name);
            if (table.dtype != torch.ScalarType.Int64 || table.shape is not [_, 2])
            {
                throw new DamagedFeaturesException($"{file.Path}: '{name}' is no table of checksums.");
            }

            sums.AddRange(MemoryMarshal.Cast<long, UInt128>(table.data<long>().ToArray()));
        }

        return [.. sums];
    }
}
