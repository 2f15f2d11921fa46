using System.CommandLine;
using KdNotebooks.Recipes;

namespace KdNotebooks.Cli;

/// <summary><c>kd recipes</c>: published protocols, and how well founded each of their fields is.</summary>
internal static class RecipesCommand
{
    public static Command Create(TextWriter output) => ListCommand.Create(
        "recipes", "Lists the published protocols that are recipes by name.",
        "One of them: its JSON, and where each field was read. [default: a line each]",
        () => NamedRecipes.List, name => NamedRecipes.Find(name).Text(), output);
}
