using KdNotebooks.Losses;
using KdNotebooks.Parts;

namespace KdNotebooks.Methods;

/// <summary>
/// The reader's own losses as methods, by the names under which they were registered; the library's names come first.
/// </summary>
internal static class OwnMethods
{
    /// <summary>Losses of maps, then losses of logits, in ordinal order each.</summary>
    public static IReadOnlyList<string> Names => [.. OwnParts.Names<IFeatureLoss>(), .. OwnParts.Names<ILogitLoss>()];

    /// <summary>Null where no loss of that name was registered.</summary>
    public static Method? Find(string name) => OwnParts.Find<IFeatureLoss>(name) is { } maps ? Method.Of(name, maps)
        : OwnParts.Find<ILogitLoss>(name) is { } logits ? Method.Of(name, logits)
        : null;
}
