using System.CommandLine;
using KdNotebooks.Recipes;

namespace KdNotebooks.Cli;

/// <summary><c>kd recipes</c>: published protocols, and how well founded each of their fields is.</summary>
internal static class RecipesCommand
{
    public static Command Create(TextWriter output)
    {
        var name = new Argument<string?>("name")
        {
            Description = "One of them: its JSON, and where each field was read; or the beginning of some: "
                + "cifar100/resnet32x4-resnet8x4. [default: a line each]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var task = new Option<string?>("--task")
        {
            Description = "Those of one task: classification, segmentation, detection. [default: all]",
            HelpName = "TASK",
        };
        var marks = new Option<bool>("--marks")
        {
            Description = "Each of them with its published number and the marks of its fields. [default: not]",
        };
        var command = new Command("recipes", "Lists the published protocols that are recipes by name.") { name, task, marks };
        command.SetAction(parsed =>
        {
            output.Write(Text(parsed.GetValue(name), parsed.GetValue(task), parsed.GetValue(marks)));
            return KdCommand.Ok;
        });
        return command;
    }

    private static string Text(string? name, string? task, bool marks)
    {
        var some = task is null ? NamedRecipes.All : NamedRecipes.OfTask(task);
        if (name is null)
        {
            return marks ? NamedRecipes.Lines(some) : NamedRecipes.Short(some);
        }

        var below = NamedRecipes.Below(name).Intersect(some).ToList();
        return below.Count > 0 ? NamedRecipes.Lines(below) : NamedRecipes.Find(name).Text();
    }
}
