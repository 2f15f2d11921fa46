namespace KdNotebooks.Properties

open FsCheck
open FsCheck.FSharp

/// Pairs as settings say: how they are drawn and how they are made smaller.
[<RequireQualifiedAccess>]
module Pairs =
    let featureMaps (settings: PairSettings) : Arbitrary<FeatureMaps> =
        Arb.fromGenShrink (Generate.featureMaps settings, Smaller.featureMaps settings)

    let logits (settings: PairSettings) : Arbitrary<Logits> =
        Arb.fromGenShrink (Generate.logits settings, Smaller.logits settings)

    /// Maps to tell two formulas apart; they become smaller as any maps do.
    let mapsToCompare (settings: PairSettings) : Arbitrary<FeatureMaps> =
        Arb.fromGenShrink (Generate.mapsToCompare settings, Smaller.featureMaps { settings with Range = Wide })

    /// Logits to tell two formulas apart.
    let logitsToCompare (settings: PairSettings) : Arbitrary<Logits> =
        Arb.fromGenShrink (Generate.logitsToCompare settings, Smaller.logits { settings with Range = Wide })

    /// Maps for aligners of at least this many channels on each side.
    let alignerCase channels : Arbitrary<AlignerCase> =
        Arb.fromGenShrink (Generate.alignerCase channels, Smaller.alignerCase channels)

    /// The same, of fair numbers: few stand where an activation bends.
    let fairAlignerCase channels : Arbitrary<AlignerCase> =
        Arb.fromGenShrink (Generate.alignerCaseOf Fair channels, Smaller.alignerCase channels)

    /// Orders of up to this many things.
    let permutation most : Arbitrary<Permutation> =
        Arb.fromGenShrink (Generate.permutation most, Smaller.permutation)

    /// Two things, of which one at a time becomes smaller. (FsCheck's own zip makes both smaller at once.)
    let together (first: Arbitrary<'a>) (second: Arbitrary<'b>) : Arbitrary<'a * 'b> =
        Arb.fromGenShrink (
            Gen.zip (Arb.toGen first) (Arb.toGen second),
            Smaller.both (Arb.toShrink first) (Arb.toShrink second)
        )

/// The generators and shrinkers of this library for FsCheck's own tools:
/// `[<Property(Arbitrary = [| typeof<Arbitraries> |])>]`.
type Arbitraries =
    /// Maps of one shape and of at least one image, any numbers; `Pairs.featureMaps` gives others.
    static member FeatureMaps() = Pairs.featureMaps PairSettings.Default

    /// Logits of at least one image, any numbers; `Pairs.logits` gives others.
    static member Logits() = Pairs.logits PairSettings.Default

    static member Targets() : Arbitrary<Targets> =
        let drawn =
            gen {
                let! images = Gen.choose (1, 4)
                let! classes = Gen.choose (2, 6)
                return! Generate.targets images classes
            }

        Arb.fromGenShrink (drawn, Smaller.targets)

    static member AlignerCase() : Arbitrary<AlignerCase> = Pairs.alignerCase 1

    static member Permutation() : Arbitrary<Permutation> = Pairs.permutation 36

    static member BatchPermutation() : Arbitrary<BatchPermutation> =
        Pairs.permutation 8
        |> Arb.convert BatchPermutation (fun (BatchPermutation order) -> order)

    static member ChannelPermutation() : Arbitrary<ChannelPermutation> =
        Pairs.permutation 5
        |> Arb.convert ChannelPermutation (fun (ChannelPermutation order) -> order)

    static member PositionPermutation() : Arbitrary<PositionPermutation> =
        Pairs.permutation 36
        |> Arb.convert PositionPermutation (fun (PositionPermutation order) -> order)

    static member Temperature() : Arbitrary<Temperature> =
        let smaller (Temperature value) =
            Smaller.positive value |> Seq.map Temperature

        Arb.fromGenShrink (Generate.temperature, smaller)

    static member PositiveScale() : Arbitrary<PositiveScale> =
        let smaller (PositiveScale value) =
            Smaller.positive value |> Seq.map PositiveScale

        Arb.fromGenShrink (Generate.positiveScale, smaller)

    static member Shifts() : Arbitrary<Shifts> =
        Arb.fromGenShrink (Generate.shifts, Smaller.shifts)

    static member PositiveAffine() : Arbitrary<PositiveAffine> =
        Arb.fromGenShrink (Generate.positiveAffine, Smaller.positiveAffine)

    static member Orthogonal() : Arbitrary<Orthogonal> =
        Arb.fromGenShrink (Generate.orthogonal, Smaller.orthogonal)

    static member Similarity() : Arbitrary<Similarity> =
        Arb.fromGenShrink (Generate.similarity, Smaller.similarity)

    static member Direction() : Arbitrary<Direction> =
        Arb.fromGenShrink (Generate.direction, Smaller.direction)
