namespace KdNotebooks.Datasets;

/// <summary>Where the full Fashion-MNIST is looked for, in this order.</summary>
internal sealed record FashionMnistPlaces(string? Named, string User, string System)
{
    private const string Folder = "fashion-mnist";

    public static FashionMnistPlaces OfThisMachine =>
        new(DataFolders.Named, DataFolders.User, "/usr/share/datasets/fashion-mnist");

    /// <summary>Where a download goes.</summary>
    public string Download => Path.Combine(User, Folder);

    public IReadOnlyList<DataPlace> Look()
    {
        var places = new List<(string Folder, string Source)>();
        if (Named is not null)
        {
            places.Add((Path.Combine(Named, Folder), "KD_DATA"));
            places.Add((Named, "KD_DATA"));
        }

        places.Add((Download, "downloaded"));
        places.Add((System, "Debian package dataset-fashion-mnist"));
        return [.. places.Select(place => Look(place.Folder, place.Source))];
    }

    public static DataPlace Look(string folder, string source) => new(
        folder,
        source,
        [.. FashionMnistFile.All.Where(file => file.Find(folder) is null).Select(file => file.GzipName)]);
}
