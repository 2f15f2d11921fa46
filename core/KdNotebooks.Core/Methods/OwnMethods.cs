using KdNotebooks.Losses;
using KdNotebooks.Parts;

namespace KdNotebooks.Methods;

/// <summary>The reader's own losses as methods, by the names under which they were registered.</summary>
/// <remarks>
/// The library's names come first.
/// </remarks>
internal static class OwnMethods
{
    private static readonly Func<string, IFeatureLoss?> Maps = OwnParts.Find<IFeatureLoss>;

    private static readonly Func<string, ILogitLoss?> Logits = OwnParts.Find<ILogitLoss>;

    /// <summary>In the order of registration.</summary>
    public static IReadOnlyList<string> Names => [.. OwnParts.Names<IFeatureLoss>(), .. OwnParts.Names<ILogitLoss>()];

    /// <summary>Null where no loss of that name was registered.</summary>
    public static Method? Find(string name) => Maps(name) is { } maps ? Method.Of(name, maps)
        : Logits(name) is { } logits ? Method.Of(name, logits)
        : null;
}
