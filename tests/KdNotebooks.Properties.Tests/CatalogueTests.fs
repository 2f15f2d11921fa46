namespace KdNotebooks.Properties.Tests

open System
open FsCheck
open FsCheck.FSharp
open KdNotebooks.Aligners
open KdNotebooks.Experiments
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Properties
open TorchSharp
open global.Xunit

/// Whatever stands in the catalogue is tested here the moment its line is there.
module Catalogued =
    let private words (kind: Type) =
        [ for struct (word, _) in Catalogue.Kinds[kind] -> word ]

    let losses = words typeof<ILogitLoss> @ words typeof<IFeatureLoss>
    let aligners = words typeof<IAligner>

    let theory (words: string list) =
        let data = TheoryData<string>()
        words |> List.iter data.Add
        data

module CatalogueTests =
    let private compute (loss: obj) (pair: IPair) =
        use scope = torch.NewDisposeScope()
        let student, teacher = Numbers.tensor pair.Student, Numbers.tensor pair.Teacher

        match loss with
        | :? IFeatureLoss as loss -> loss.Compute(student, teacher).item<float> ()
        | :? ILogitLoss as loss ->
            let labels = torch.tensor (Array.map int64 pair.Labels)
            loss.Compute(student, teacher, labels).item<float> ()
        | other -> invalidOp $"{other} is no loss"

    // Three images at least: fewer have no angles.
    let private pairs (range: Range) (loss: obj) : Arbitrary<IPair> =
        let settings fit =
            {
                Fit = fit
                Images = 3
                Range = range
            }

        match loss with
        | :? IFeatureLoss as loss ->
            Pairs.featureMaps (settings loss.Fit)
            |> Arb.convert (fun maps -> maps :> IPair) (fun pair -> pair :?> FeatureMaps)
        | _ ->
            Pairs.logits (settings MapFit.SameShape)
            |> Arb.convert (fun logits -> logits :> IPair) (fun pair -> pair :?> Logits)

    let private agrees range (kind: string) =
        let written = Reference.all |> List.find (fun written -> written.Kind = kind)

        let drawn =
            gen {
                let! loss, value = written.Draw
                let! pair = Arb.toGen (pairs range loss)
                return loss, value, pair
            }

        let smaller (loss, value, pair) =
            Arb.toShrink (pairs range loss) pair
            |> Seq.map (fun pair -> loss, value, pair)

        Setup.forAll (Arb.fromGenShrink (drawn, smaller)) (fun (loss, value, pair) ->
            let expected, actual = value pair, compute loss pair

            Assert.True(
                abs (expected - actual) <= 1e-9 + 1e-6 * abs expected,
                $"{loss} gives {actual}; its formula written out gives {expected}"
            ))

    let losses = Catalogued.theory Catalogued.losses

    let everything = Catalogued.theory (Catalogued.losses @ Catalogued.aligners)

    [<Theory; MemberData(nameof everything)>]
    let ``It keeps what it claims`` (word: string) =
        let report = check' Setup.settings word
        Assert.True(report.AllHeld, string report)

    [<Theory; MemberData(nameof losses)>]
    let ``It is its formula written out`` (word: string) = agrees Fair word

    // Zeros, ties, constants, numbers of 1e3: what is done where a formula divides by nothing is part of it.
    [<Theory; MemberData(nameof losses)>]
    let ``It is its formula written out for numbers of any kind`` (word: string) = agrees Wide word

    [<Fact>]
    let ``Every loss of the catalogue is written out once more`` () =
        let written = Reference.all |> List.map _.Kind

        for missing in Catalogued.losses |> List.except written do
            Assert.Fail
                $"'{missing}' is in the catalogue, but Reference.fs does not have its formula: add a line to Reference.all."

        Assert.Equal<string list>(List.sort Catalogued.losses, List.sort written)

    [<Fact>]
    let ``Every claim is made by somebody, or nobody would know that its property works`` () =
        let made =
            Catalogued.losses @ Catalogued.aligners
            |> List.map (fun word -> Check.claimsOf word)
            |> List.reduce (|||)

        for claim in Claims.Each(LanguagePrimitives.EnumOfValue<int64, Claim> -1L) do
            Assert.True(made.HasFlag claim, $"Nothing in the catalogue claims {claim}.")

    // Peng et al. pair each image with the next one.
    [<Fact>]
    let ``Correlation congruence depends on the order of images, and a small case shows why`` () =
        let result = (checkClaims [ Claim.BatchOrder ] "cc")[Claim.BatchOrder]
        Assert.Equal(Verdict.Broken, result.Verdict)
        Assert.Contains("with the images in the order", result.Message)

        // Three images: of two, both orders have the same neighbours.
        let student = result.Counterexample[0]
        Assert.Equal<int64 seq>([ 3L; 1L; 1L; 1L ], student.Shape)

    [<Theory; InlineData("spatial"); InlineData("masked")>]
    let ``An aligner that looks at neighbours is not position-wise`` (word: string) =
        let result = (checkClaims [ Claim.PositionWise ] word)[Claim.PositionWise]
        Assert.Equal(Verdict.Broken, result.Verdict)
        Assert.Equal<int64 seq>([ 2L; 1L; 1L; 2L ], result.Counterexample[0].Shape)
