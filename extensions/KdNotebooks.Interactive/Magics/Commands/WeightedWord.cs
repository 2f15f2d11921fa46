namespace KdNotebooks.Interactive.Magics.Commands;

/// <summary>"kd=0.2" or "kd": a method or an aligner, with its own weight or none.</summary>
internal readonly record struct WeightedWord(string Word, double? Weight)
{
    public static IReadOnlyList<WeightedWord> List(MagicArguments arguments, MagicOption option, string fallback)
    {
        List<WeightedWord> words = [.. arguments.List(option, fallback).Select(text => Of(arguments, option, text))];
        return words.Count == 0 ? throw arguments.Wrong(option, "is empty; expected at least one name.")
            : words.Distinct().Count() == words.Count ? words
            : throw arguments.Wrong(option, $"is '{arguments.Text(option)}', which names one of them twice.");
    }

    private static WeightedWord Of(MagicArguments arguments, MagicOption option, string text) =>
        text.IndexOf('=') is > 0 and var at
            ? new(text[..at].Trim(), arguments.Number(option, text[(at + 1)..].Trim(), least: 0))
            : new(text, null);
}
