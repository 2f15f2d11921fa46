using System.Globalization;
using System.Reflection;
using System.Text.Json;
using KdNotebooks.Aligners;
using KdNotebooks.Invariants;
using KdNotebooks.Losses;
using KdNotebooks.Runtime;

namespace KdNotebooks.Catalogue;

/// <summary>What is known of a loss or an aligner, read from its type.</summary>
/// <param name="Kind">The word that a recipe's JSON, <c>kd losses</c> and <c>check</c> know it by.</param>
/// <param name="Type">The record with its options.</param>
/// <param name="About">What stands on the type.</param>
/// <param name="Options">With their defaults: "temperature = 4".</param>
public sealed record PartCard(string Kind, Type Type, AboutAttribute About, IReadOnlyList<string> Options)
{
    /// <exception cref="KdException">The type carries no <see cref="AboutAttribute"/>.</exception>
    public static PartCard Of(string kind, Type type) => new(
        kind, type,
        type.GetCustomAttribute<AboutAttribute>() ?? throw new KdException(
            $"{type.Name}: the catalogue lists it as '{kind}', but it has no [About(...)], which says what it is."),
        [.. Parameters(type).Select(Option)]);

    /// <summary>"loss of maps", "loss of logits", "aligner".</summary>
    public string Role => typeof(IAligner).IsAssignableFrom(Type) ? "aligner"
        : typeof(ILogitLoss).IsAssignableFrom(Type) ? "loss of logits" : "loss of maps";

    /// <summary>What it takes: "any maps", "maps of one shape".</summary>
    public string Takes => Create() switch
    {
        IFeatureLoss { Fit: MapFit.SameShape } => "maps of one shape",
        IFeatureLoss { Fit: MapFit.SameChannels } => "maps with equal channels",
        IFeatureLoss => "any two maps",
        _ => "",
    };

    /// <summary>Its claims in words.</summary>
    public string Claims => typeof(IAligner).IsAssignableFrom(Type)
        ? Invariants.Claims.Words(About.Claims, Claim.EveryAligner | Claim.PinnedAligner, "every aligner’s")
        : Invariants.Claims.Words(About.Claims, Claim.EveryLoss | Claim.Pinned, "every loss’s");

    /// <summary>One with every option at its default.</summary>
    public object Create() => Default(Type);

    /// <summary>One of a type with every option at its default.</summary>
    internal static object Default(Type type) => Constructor(type).Invoke(
        BindingFlags.OptionalParamBinding, null, [.. Parameters(type).Select(_ => System.Type.Missing)], null);

    private static ConstructorInfo Constructor(Type type) =>
        type.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!;

    private static ParameterInfo[] Parameters(Type type) => Constructor(type).GetParameters();

    private static string Option(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        var value = parameter.DefaultValue switch
        {
            null => "null",
            bool flag => flag ? "true" : "false",
            var word when type.IsEnum => string.Join(" | ", Enum.GetNames(type)
                .OrderByDescending(name => name == Enum.GetName(type, word)).Select(JsonNamingPolicy.CamelCase.ConvertName)),
            var number => Convert.ToString(number, CultureInfo.InvariantCulture),
        };
        return $"{JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!)} = {value}";
    }
}
