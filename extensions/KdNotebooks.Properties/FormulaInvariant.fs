namespace KdNotebooks.Properties

open System
open KdNotebooks.Runtime

/// What pins a loss down, one function each.
[<RequireQualifiedAccess>]
module FormulaInvariant =
    // Of well conditioned numbers all digits agree but those that summing in another order changes; of others fewer do.
    let private fair = { Relative = 1e-8; Absolute = 1e-11 }

    let private wide = { Relative = 1e-6; Absolute = 1e-9 }

    let private isFair (pair: IPair) =
        match pair with
        | :? FeatureMaps as maps -> Fairness.maps maps
        | :? Logits as logits -> Fairness.logits logits
        | _ -> false

    let private agrees (tolerance: Tolerance) floor (expected: float) (actual: float) =
        Evaluate.near tolerance (max expected floor) (max actual floor)

    let private compare (formula: LossFormula) weights (loss: Loss) (pair: IPair) =
        Evaluate.guarded loss pair (fun () ->
            let actual = Evaluate.value loss pair

            try
                let expected = formula.Value weights pair
                // What is built keeps its numbers in single precision.
                let tolerance = if isFair pair && weights.IsNone then fair else wide

                if Double.IsNaN expected then
                    Finding.Discarded "its formula has no value there"
                elif agrees tolerance formula.Floor expected actual then
                    Finding.Held
                else
                    let actual, expected = Text.two actual expected
                    Finding.Broken $"the loss is {actual}; its formula written out gives {expected}"
            with :? KdException as error ->
                Finding.Broken error.Message)

    /// It computes what its formula gives.
    let formula (formula: LossFormula) (loss: Loss) (pair: IPair) = compare formula None loss pair

    /// What was built computes what its formula gives for its weights.
    let builtFormula (formula: LossFormula) (weights: Weights) (loss: Loss) (pair: IPair) =
        compare formula (Some weights) loss pair

    /// It gives the value that was worked out.
    let workedValue (expected: float) (loss: Loss) (pair: IPair) =
        Evaluate.guarded loss pair (fun () ->
            let actual = Evaluate.value loss pair

            if Evaluate.near wide expected actual then
                Finding.Held
            else
                let actual, expected = Text.two actual expected
                Finding.Broken $"the loss is {actual}; worked out for these inputs it is {expected}")
