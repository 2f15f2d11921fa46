namespace KdNotebooks.Properties.Tests

open System
open KdNotebooks.Aligners
open KdNotebooks.Catalogue
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Properties
open global.Xunit

/// Whatever stands in the catalogue is tested here the moment its line is there.
module Catalogued =
    let private words (kind: Type) =
        [ for struct (word, _) in PartKinds.All[kind] -> word ]

    let losses = words typeof<ILogitLoss> @ words typeof<IFeatureLoss>
    let aligners = words typeof<IAligner>

    let theory (words: string list) =
        let data = TheoryData<string>()
        words |> List.iter data.Add
        data

module PartKindsTests =
    let private agrees range (kind: string) =
        match Agreement.counterexample range (Reference.find kind).Draw with
        | None -> ()
        | Some(_, message) -> Assert.Fail message

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
                $"'{missing}' is in the catalogue, but Reference.fs does not have its formula: add it to its `all`."

        Assert.Equal<string list>(List.sort Catalogued.losses, List.sort written)

    [<Fact>]
    let ``Every loss and aligner of the catalogue is pinned down by the library`` () =
        Assert.Equal<string list>(List.sort Catalogued.losses, List.sort LossFormula.kinds)
        Assert.Equal<string list>(List.sort Catalogued.aligners, List.sort AlignerFormula.kinds)

        for word in Catalogued.losses do
            Assert.True((WorkedValues.tryFind word).IsSome, $"'{word}' has no value in WorkedValues.fs.")
            Assert.True((Check.claimsOf word).HasFlag Claim.Pinned, $"'{word}' does not claim {Claim.Pinned}.")

        for word in Catalogued.aligners do
            Assert.True((Check.claimsOf word).HasFlag Claim.PinnedAligner, $"'{word}' does not claim it is pinned.")

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
