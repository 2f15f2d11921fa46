using System.Globalization;
using System.Text;
using KdNotebooks.Runtime;

namespace KdNotebooks.Recipes;

/// <summary>A published protocol as a recipe, with how well founded each of its fields is.</summary>
/// <param name="Name">"coco-faster-rcnn-r50-mgd".</param>
/// <param name="About">One sentence.</param>
/// <param name="Recipe">
/// Ready to run where what it <paramref name="Needs"/> is there; its paths are to be changed, <c>recipe with</c>, or
/// <c>.With</c> in F#.
/// </param>
/// <param name="Fields">Every field that decides something, but for seed and device.</param>
/// <param name="Unknown">What no source says, and for which nothing is invented.</param>
/// <param name="Published">Numbers of others by this protocol.</param>
/// <param name="Needs">Files and folders, each with what it is.</param>
public sealed record NamedRecipe(
    string Name, string About, Recipe Recipe, IReadOnlyList<FieldStanding> Fields, IReadOnlyList<string> Unknown,
    IReadOnlyList<PublishedNumber> Published, IReadOnlyList<string> Needs)
{
    /// <summary>The recipe's JSON, and the table of its fields: what <c>kd recipes NAME</c> shows.</summary>
    public string Text()
    {
        var text = new StringBuilder($"{Name}\n{About}\n\n{RecipeJson.Write(Recipe)}\n\n");
        List<IReadOnlyList<string>> rows = [["field", "value", "standing", "source"]];
        rows.AddRange(Fields.Select(field => (IReadOnlyList<string>)
            [field.Field, field.Value, Word(field.Standing), field.Source]));
        text.AppendJoin('\n', TextColumns.Align(rows, _ => false)).Append('\n');
        List("not known", Unknown, text);
        List("published", Published.Select(number => string.Create(
            CultureInfo.InvariantCulture, $"{number.What}: {number.Value} ({number.Source})")), text);
        List("needs", Needs, text);
        return text.ToString();
    }

    /// <summary>"11 confirmed, 2 template".</summary>
    public string Marks => string.Join(", ", Fields.GroupBy(one => one.Standing).OrderBy(group => group.Key)
        .Select(group => $"{group.Count()} {Word(group.Key)}"));

    /// <summary>The number that was published of this very protocol; empty where none was.</summary>
    internal string PublishedText => Published.Count > 0 && !Published[0].IsAlone
        ? Published[0].Value.ToString("0.00", CultureInfo.InvariantCulture)
        : "";

    /// <summary>"confirmed".</summary>
    public static string Word(Standing standing) => standing.ToString().ToLowerInvariant();

    private static void List(string title, IEnumerable<string> lines, StringBuilder text)
    {
        foreach (var line in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{title}: {line}");
        }

        if (lines.Any())
        {
            text.Append('\n');
        }
    }
}
