using KdNotebooks.Recipes;
using KdNotebooks.Results;
using KdNotebooks.Runtime;
using Microsoft.Data.Analysis;

namespace KdNotebooks.Analysis;

/// <summary>
/// What others published of a pair of networks, beside what a result measured under the same methods' names. The two are of other data
/// and other networks, mostly: they stand in two columns to show which numbers there are, and no difference is taken.
/// </summary>
public static class PublishedTable
{
    private const string Alone = "none", Paper = "mlp", PaperHere = "mlp-1";

    /// <param name="pair">Of <c>kd recipes</c>: "imagenet/resnet50-mobilenet_v1".</param>
    /// <param name="measured">Means of its headline's metric are shown.</param>
    /// <returns>
    /// A row for each method that has a number in either column: the student alone, the methods that were measured, the others. What is
    /// not there is null. Numbers are in the metric's unit, in percent where it has one.
    /// </returns>
    /// <exception cref="KdException">There is no such pair.</exception>
    public static DataFrame Of(string pair, ResultTable measured)
    {
        var here = measured.Summarise().ToDictionary(row => row.Method, row => Math.Round(row.Mean, 2));
        var published = Published(pair);
        string[] methods = [.. here.Keys.Concat(published.Keys).Distinct().OrderBy(name => name != Alone)];
        return new DataFrame(
            new StringDataFrameColumn("method", methods),
            Column($"published: {pair}", methods, published),
            Column("measured here", methods, here));
    }

    private static PrimitiveDataFrameColumn<double> Column(string name, string[] methods, Dictionary<string, double> values) =>
        new(name, methods.Select(method => values.TryGetValue(method, out var value) ? value : (double?)null));

    private static Dictionary<string, double> Published(string pair)
    {
        var names = NamedRecipes.Names.Where(name => name.StartsWith(pair + "/", StringComparison.Ordinal)).ToList();
        if (names.Count == 0)
        {
            throw new KdException($"'{pair}' is no pair of named recipes; `kd recipes` lists them: \"cifar100/vgg13-vgg8\".");
        }

        var values = new Dictionary<string, double>();
        foreach (var name in names)
        {
            var method = name[(pair.Length + 1)..];
            foreach (var number in NamedRecipes.Find(name).Published)
            {
                values.TryAdd(number.IsAlone ? Alone : method == Paper ? PaperHere : method, number.Value);
            }
        }

        return values;
    }
}
