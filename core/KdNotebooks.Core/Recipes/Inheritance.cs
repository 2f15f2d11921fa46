using KdNotebooks.Runtime;

namespace KdNotebooks.Recipes;

/// <summary>What can be said of inherited paths without a teacher.</summary>
internal static class Inheritance
{
    /// <exception cref="KdException">The list is empty, or one of its paths is missing.</exception>
    public static IReadOnlyList<string>? Require(IReadOnlyList<string>? paths)
    {
        if (paths is { Count: 0 } || paths?.Contains(null!) is true)
        {
            throw new KdException(
                "Recipe: inherited holds " + (paths.Count == 0 ? "no path" : "'null'") + "; expected module paths of student "
                + "and teacher such as \"head\", or null to inherit nothing.");
        }

        return paths;
    }
}
