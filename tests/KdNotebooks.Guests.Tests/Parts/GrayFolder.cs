using System.Globalization;
using KdNotebooks.Data;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Guests.Parts;

/// <summary>
/// A reader's own format: a folder of files "CLASS-NUMBER.gray", each a square of bytes, read when it is asked for.
/// </summary>
public sealed class GrayFolder : SampleSet
{
    private readonly string[] files;
    private readonly int side;

    public GrayFolder(string folder, IReadOnlyList<string> classNames)
        : base(folder, Directory.GetFiles(folder, "*.gray").Length)
    {
        files = [.. Directory.GetFiles(folder, "*.gray").Order(StringComparer.Ordinal)];
        side = (int)Math.Sqrt(new FileInfo(files[0]).Length);
        ClassNames = classNames;
    }

    public override int Channels => 1;

    public override IReadOnlyList<string> ClassNames { get; }

    // Of the contents: files that nobody has touched since are not read again.
    public override string Fingerprint => ContentIndex.Of(Name).Fingerprint(files);

    public override ImageSize? OneSize => new ImageSize(side, side);

    public override Sample Load(int index)
    {
        var name = Path.GetFileName(files[index]);
        return new Sample(
            name, 1, new ImageSize(side, side), File.ReadAllBytes(files[index]),
            new ClassIndex(int.Parse(name.Split('-')[0], CultureInfo.InvariantCulture)));
    }

    /// <summary>A folder of stripes: class 0 across, class 1 down; brighter from image to image.</summary>
    public static string Write(string folder, int images, int side = 12)
    {
        Directory.CreateDirectory(folder);
        for (var i = 0; i < images; i++)
        {
            var pixels = new byte[side * side];
            for (var at = 0; at < pixels.Length; at++)
            {
                pixels[at] = (byte)((i % 2 == 0 ? at / side : at % side) % 4 < 2 ? 40 + (i * 7 % 200) : 0);
            }

            File.WriteAllBytes(Path.Combine(folder, $"{i % 2}-{i:000}.gray"), pixels);
        }

        return folder;
    }
}
