using KdNotebooks.Data;

namespace KdNotebooks.Distillation;

/// <summary>The training images in all their views: what a cache of teacher features is a cache over.</summary>
public interface IAugmentedImages
{
    /// <summary>Whatever decides the pixels beside the dataset itself.</summary>
    string Key { get; }

    /// <summary>Of the training images.</summary>
    string Fingerprint { get; }

    /// <summary>How many images a view has.</summary>
    int Count { get; }

    IDataset Data { get; }

    /// <summary>Every image once, in the set's order, in one view.</summary>
    IEnumerable<IBatch> View(int view, CancellationToken cancellation);
}
