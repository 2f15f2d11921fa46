/// Whether a loss gives what its formula, written out, gives.
module KdNotebooks.Properties.Tests.Agreement

open FsCheck
open FsCheck.FSharp
open KdNotebooks.Losses
open KdNotebooks.Properties
open TorchSharp

let private compute (loss: obj) (pair: IPair) =
    use scope = torch.NewDisposeScope()
    let student, teacher = Numbers.tensor pair.Student, Numbers.tensor pair.Teacher

    match loss with
    | :? IFeatureLoss as loss -> loss.Compute(student, teacher).item<float>()
    | :? ILogitLoss as loss ->
        let labels = torch.tensor (Array.map int64 pair.Labels)
        loss.Compute(student, teacher, labels).item<float>()
    | other -> invalidOp $"{other} is no loss"

// Three images at least: fewer have no angles.
let private pairs (range: Range) (loss: obj) : Arbitrary<IPair> =
    let settings fit =
        { Fit = fit; Images = 3; Range = range }

    match loss with
    | :? IFeatureLoss as loss ->
        Pairs.featureMaps (settings loss.Fit)
        |> Arb.convert (fun maps -> maps :> IPair) (fun pair -> pair :?> FeatureMaps)
    | _ ->
        Pairs.logits (settings MapFit.SameShape)
        |> Arb.convert (fun logits -> logits :> IPair) (fun pair -> pair :?> Logits)

/// The smallest case that is found in which they differ, and by how much; none where they agree in all.
let counterexample range (draw: Gen<obj * (IPair -> float)>) : (IPair * string) option =
    let drawn =
        gen {
            let! loss, value = draw
            let! pair = Arb.toGen (pairs range loss)
            return loss, value, pair
        }

    let smaller (loss, value, pair) =
        Arb.toShrink (pairs range loss) pair |> Seq.map (fun pair -> loss, value, pair)

    let mutable found = None

    let agrees (loss: obj, value: IPair -> float, pair: IPair) =
        // The logarithm of what rounding leaves of a difference that is 0 says nothing.
        let said (number: float) =
            if loss :? SrdLoss then max number -20.0 else number

        let expected, actual = said (value pair), said (compute loss pair)
        let near = abs (expected - actual) <= 1e-9 + 1e-6 * abs expected

        if not near then
            found <- Some(pair, $"{loss} gives {actual}; its formula written out gives {expected} for\n{pair}")

        near

    Setup.tryAll (Arb.fromGenShrink (drawn, smaller)) agrees
    found
