namespace KdNotebooks.Losses;

/// <summary>Which maps a feature loss can compare.</summary>
public enum MapFit
{
    /// <summary>Of one shape: an aligner brings channels together, a spatial policy height and width.</summary>
    SameShape,

    /// <summary>With the same channels; the loss itself brings height and width together.</summary>
    SameChannels,

    /// <summary>Any two maps of the same images; no aligner is needed.</summary>
    Any,
}
