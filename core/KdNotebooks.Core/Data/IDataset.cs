namespace KdNotebooks.Data;

/// <summary>What every dataset knows of itself, whatever its labels are.</summary>
public interface IDataset
{
    string Name { get; }

    /// <summary>64 lower-case hex digits that differ where the data does.</summary>
    string Fingerprint { get; }

    /// <summary>[C, H, W] of one image; of the first where they differ.</summary>
    IReadOnlyList<long> ImageShape { get; }

    IReadOnlyList<string> ClassNames { get; }

    /// <summary>What pixels / 255 are normalized by: their mean, one value a channel.</summary>
    IReadOnlyList<float> Mean { get; }

    /// <summary>What pixels / 255 are normalized by: their standard deviation, one value a channel, above 0.</summary>
    IReadOnlyList<float> Std { get; }

    /// <summary>How many training images.</summary>
    int TrainCount { get; }

    /// <summary>How many validation images.</summary>
    int ValidationCount { get; }

    /// <summary>How many test images; 0 where their labels are not published.</summary>
    int TestCount { get; }
}
