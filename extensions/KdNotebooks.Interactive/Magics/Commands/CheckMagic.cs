using KdNotebooks.Catalogue;
using KdNotebooks.Invariants;
using KdNotebooks.Properties;
using KdNotebooks.Runtime;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Subject">A loss or an aligner, or the catalogue's name for one.</param>
/// <param name="Claims">Null for what it claims of itself, or what it is compared with claims.</param>
/// <param name="Like">
/// What of the catalogue it should be the same as, a name or one with its options; null for nothing.
/// </param>
public sealed record CheckRequest(
    object Subject, IReadOnlyList<Claim>? Claims, CheckSettings Settings, object? Like = null);

/// <summary><c>#!kd-check</c>: property-tests a loss or an aligner.</summary>
internal sealed class CheckMagic : MagicCommand<CheckRequest>
{
    // Made anew each time: cells register parts of their own.
    private static MagicOption Subject => new(
        "--loss", "A loss or an aligner: the catalogue's name, a registered one, or one that a cell has named.", "LOSS")
    {
        IsImplicit = true,
        IsRequired = true,
        Known = [.. Check.names()],
        Takes = typeof(object),
    };

    private static readonly MagicOption ClaimList = new(
        "--claims", "What to test instead of what it claims of itself: Distance,PositiveScale.", "LIST")
    {
        Default = "its own",
        Known = [.. Enum.GetNames<Claim>().Where(name => name != nameof(Claim.None))],
    };

    private static readonly MagicOption Like = new(
        "--like", "Holds it to all that this one of the catalogue claims, its formula included.", "NAME")
    {
        Takes = typeof(object),
        Known = [.. PartTable.Losses.Cards.Concat(PartTable.Aligners.Cards).Select(card => card.Kind)],
    };

    private static readonly MagicOption Cases = new("--cases", "Random cases a claim.", "N")
    {
        Default = $"{CheckSettings.Default.Cases}",
    };

    private static readonly MagicOption SeedOption = new("--seed", "Decides the cases.", "N")
    {
        Default = $"{CheckSettings.Default.Seed}",
    };

    public override string Name => "kd-check";

    public override string Summary => "Property-tests a loss or an aligner; a broken claim comes with a small case.";

    public override IReadOnlyList<MagicOption> Options => [Subject, ClaimList, Like, Cases, SeedOption];

    public override string Example => "kd-check at --claims PositiveScale,BatchOrder --cases 200 --as report";

    public override CheckRequest Read(MagicArguments arguments)
    {
        var subject = arguments.Value<object>(Subject, word => word);
        var defaults = CheckSettings.Default;
        var settings = new CheckSettings(
            arguments.Whole(Cases, least: 1) ?? defaults.Cases,
            arguments.Whole(SeedOption, least: 0) is { } seed ? (ulong)seed : defaults.Seed, defaults.MinimumImages);
        return new(
            subject, arguments.Has(ClaimList) ? [.. ReadClaims(arguments)] : null, settings,
            arguments.Has(Like) ? arguments.Value<object>(Like, word => word) : null);
    }

    public override object Run(CheckRequest request)
    {
        var claims = request.Claims is { } list
            ? FSharpOption<FSharpList<Claim>>.Some(ListModule.OfSeq(list))
            : FSharpOption<FSharpList<Claim>>.None;
        var report = request.Like is { } original
            ? Check.like(request.Settings, claims, original, request.Subject)
            : Check.anything(request.Settings, claims, request.Subject);
        Display.Show(report);
        return report;
    }

    private static IEnumerable<Claim> ReadClaims(MagicArguments arguments) => arguments.List(ClaimList).Select(word =>
        Enum.TryParse<Claim>(word, ignoreCase: true, out var claim) && Enum.IsDefined(claim)
            ? claim
            : throw arguments.Wrong(ClaimList,
                $"names '{word}', which is no claim; the nearest is {Nearest.Of(word, ClaimList.Known)}."));
}
