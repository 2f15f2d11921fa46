using System.CommandLine;
using KdNotebooks.Recipes;

namespace KdNotebooks.Cli;

/// <summary><c>kd recipes</c>: published protocols, and how well founded each of their fields is.</summary>
internal static class RecipesCommand
{
    public static Command Create(TextWriter output)
    {
        var one = new Argument<string?>("name")
        {
            Description = "One of them: its JSON, and where each field was read. [default: a line each]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("recipes", "Lists the published protocols that are recipes by name.") { one };
        command.SetAction(parsed =>
        {
            output.Write(parsed.GetValue(one) is { } name ? NamedRecipes.Find(name).Text() : NamedRecipes.List);
            return KdCommand.Ok;
        });
        return command;
    }
}
