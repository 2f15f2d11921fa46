module KdNotebooks.Properties.Tests.MutantTests

open FsCheck
open FsCheck.FSharp
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Properties
open TorchSharp
open global.Xunit

type private Tensor = torch.Tensor

let private kindOf (name: string) = name.Split(' ')[0]

let private count (numbers: Numbers) = numbers.Values.Length

// How weights start is seen without inputs.
let private shown (result: ClaimResult) =
    result.Counterexample |> Seq.truncate 1 |> Seq.sumBy _.Values.Count

let claims =
    Catalogued.theory (Mutants.ofClaims |> List.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof claims)>]
let ``A broken copy is caught by a claim of its original, in a case that can be read`` (name: string) =
    let _, mutant, claim, most =
        Mutants.ofClaims |> List.find (fun (other, _, _, _) -> other = name)

    Assert.True((Check.claimsOf (kindOf name)).HasFlag claim, $"{kindOf name} does not claim {claim}")
    let report = Check.anything CheckSettings.Default (Some [ claim ]) mutant
    let result = report[claim]
    Assert.True((result.Verdict = Verdict.Broken), string report)
    Assert.True(shown result <= most, string report)

let formulas = Catalogued.theory (List.map fst Mutants.ofFormulas)

[<Theory; MemberData(nameof formulas)>]
let ``A broken copy is caught by its formula written out, in a case that can be read`` (name: string) =
    let _, draw = Mutants.ofFormulas |> List.find (fun (other, _) -> other = name)

    match Agreement.counterexample Fair draw with
    | None -> Assert.Fail "It agrees with the formula."
    | Some(pair, message) -> Assert.True(count pair.Student <= 9, message)

let aligners =
    Catalogued.theory (Mutants.ofAligners |> List.map (fun (name, _, _, _) -> name))

[<Theory; MemberData(nameof aligners)>]
let ``A broken aligner is caught by its claim, in a case that can be read`` (name: string) =
    let _, mutant, claim, most =
        Mutants.ofAligners |> List.find (fun (other, _, _, _) -> other = name)

    let report = Check.aligner CheckSettings.Default [ claim ] mutant
    let result = report[claim]
    Assert.True((result.Verdict = Verdict.Broken), string report)
    Assert.True(shown result <= most, string report)

[<Fact>]
let ``Every claim that an aligner can make has a broken aligner here`` () =
    let broken = Mutants.ofAligners |> List.map (fun (_, _, claim, _) -> claim)

    for claim in Claims.Each(Catalogued.aligners |> List.map Check.claimsOf |> List.reduce (|||)) do
        Assert.Contains(claim, broken)

[<Fact>]
let ``Every claim that a loss can make has a broken copy here`` () =
    let broken = Mutants.ofClaims |> List.map (fun (_, _, claim, _) -> claim)

    for claim in Claims.Each(Catalogued.losses |> List.map Check.claimsOf |> List.reduce (|||)) do
        Assert.Contains(claim, broken)

[<Fact>]
let ``Broken copies are of thirteen losses`` () =
    let names =
        [ for name, _, _, _ in Mutants.ofClaims -> name ]
        @ List.map fst Mutants.ofFormulas

    Assert.Equal(13, names |> List.map kindOf |> List.distinct |> List.length)

/// The loss with something done around it.
let private around (change: (Tensor -> Tensor -> Tensor) -> Tensor -> Tensor -> Tensor) (loss: obj) : obj =
    match loss with
    | :? IFeatureLoss as loss ->
        { new IFeatureLoss with
            member _.Name = loss.Name
            member _.Fit = loss.Fit

            member _.Compute(student, teacher) =
                change (fun student teacher -> loss.Compute(student, teacher)) student teacher
        }
    | :? ILogitLoss as loss ->
        { new ILogitLoss with
            member _.Name = loss.Name

            member _.Compute(student, teacher, labels) =
                change (fun student teacher -> loss.Compute(student, teacher, labels)) student teacher
        }
    | other -> other

let private scoped change loss = Loss.scoped (change loss)

/// A path of its own for one layout, which is not the same.
let private byLayout (loss: Tensor -> Tensor -> Tensor) (s: Tensor) (t: Tensor) =
    if s.is_contiguous () then loss s t else loss s t * 1.001

/// Faults that any loss may have, each with the claim that it breaks.
let private faults: (string * Claim * ((Tensor -> Tensor -> Tensor) -> Tensor -> Tensor -> Tensor)) list =
    [
        "not a number at zero", Claim.Finite, scoped (fun loss s t -> loss s t + s.abs().sum().log() * 0.0)
        "a way to the teacher", Claim.TeacherUntouched, scoped (fun loss s t -> loss s t + t.sum () * 0.0)
        "the first image again", Claim.BatchOrder, scoped (fun loss s t -> loss s t + s.select(0L, 0L).square().sum())
        "half a gradient", Claim.GradientIsSlope, scoped (fun loss s t -> (loss s t + (loss s t).detach()) / 2.0)
        "a path for a layout", Claim.LayoutFree, scoped byLayout
        "a leak", Claim.NothingLeft, fun loss s t -> loss s t * 1.0
        "half precision", Claim.PrecisionKept, scoped (fun loss s t -> (loss s t).``to`` torch.bfloat16)
    ]

let losses = Catalogued.theory Catalogued.losses

[<Theory; MemberData(nameof losses)>]
let ``A copy of any loss with a fault that any loss may have is caught`` (word: string) =
    let loss, _ = (Gen.sampleWithSeed (Rnd 1UL) 10 1 (Reference.find word).Draw)[0]

    for fault, claim, change in faults do
        let report =
            Check.anything CheckSettings.Default (Some [ claim ]) (around change loss)

        Assert.True((report[claim].Verdict = Verdict.Broken), $"{fault}: {report}")

[<Theory; MemberData(nameof losses)>]
let ``A copy of any loss that is off by a thousandth is caught by its formula`` (word: string) =
    let off (loss, value) =
        around (scoped (fun loss s t -> loss s t * 1.001)) loss, value

    let found = Agreement.counterexample Fair (Gen.map off (Reference.find word).Draw)

    Assert.True(found.IsSome, $"{word} times 1.001 agrees with its formula.")
