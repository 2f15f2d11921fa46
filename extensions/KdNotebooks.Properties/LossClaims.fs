namespace KdNotebooks.Properties

open FsCheck
open FsCheck.FSharp
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Runtime
open TorchSharp

/// How each claim of a loss is tried: with which cases, by which invariant, and what is shown of a case that breaks it.
module internal LossClaims =
    let everyLoss =
        Claim.EveryLoss
        ||| Claim.NonNegative
        ||| Claim.ZeroAtEquality
        ||| Claim.Pinned
        ||| Claim.BatchRepeated
        ||| Claim.DegreeZero
        ||| Claim.DegreeTwo
        ||| Claim.TemperatureScale
        ||| Claim.TemperatureLimit

    let ofLogits = Claim.LogitShift ||| Claim.AffineRows ||| Claim.Decomposition

    let ofTemperature = Claim.TemperatureScale ||| Claim.TemperatureLimit

    let ofMaps =
        Claim.ChannelOrder
        ||| Claim.PositiveScale
        ||| Claim.Orthogonal
        ||| Claim.ChannelAffine
        ||| Claim.ChannelShift
        ||| Claim.Similarity
        ||| Claim.SumIsMeanTimesSize
        ||| Claim.ChannelsRepeated
        ||| Claim.MapsTiled

    let ofBuilt = Claim.FirstWeights

    /// The loss with another temperature, where it is made of its options.
    let atTemperature (loss: obj) (temperature: float) =
        Options.copy loss "Temperature" temperature

    // What the loss of a case says, and what was built for it; that is gone afterwards.
    let private judgeBuilt (way: Way) (pair: IPair) (test: Loss -> torch.nn.Module option -> Finding) =
        use scope = torch.NewDisposeScope()

        try
            use built = way.For pair

            match test built.Loss built.Built with
            | Finding.Broken message -> Finding.Broken(way.Label + message)
            | other -> other
        with :? KdException as error ->
            Finding.Broken $"it cannot be built for these maps: {error.Message}"

    let private judge way pair (test: Loss -> Finding) =
        judgeBuilt way pair (fun loss _ -> test loss)

    // Twice or three times: what is right for one number only is seen.
    let private times = Arb.fromGenShrink (Gen.choose (2, 3), fun _ -> Seq.empty)

    let private showTimes (times: int) =
        [ (Numbers.single (float times)).Named "times" ]

    let private maps (settings: CheckSettings) way fit range =
        Pairs.featureMaps
            {
                Fit = fit
                Images = max settings.MinimumImages way.Images
                Range = range
            }

    let private logits (settings: CheckSettings) way range =
        Pairs.logits
            {
                Fit = MapFit.SameShape
                Images = max settings.MinimumImages way.Images
                Range = range
            }

    let private toCompare (settings: CheckSettings) (way: Way) (formula: LossFormula) fit =
        {
            Fit = fit
            Images = List.max [ settings.MinimumImages; way.Images; formula.Images ]
            Range = Wide
        }

    let private showMaps (maps: IPair) =
        [ maps.Student.Named "student"; maps.Teacher.Named "teacher" ]

    let private showLogits (logits: IPair) =
        showMaps logits @ [ (Numbers.whole logits.Labels).Named "labels" ]

    // Student and teacher alike; what the student was before is not tried.
    let private alike (pairs: Arbitrary<IPair>) =
        let smaller pair =
            Arb.toShrink pairs pair
            |> Seq.map Pair.equal
            |> Seq.filter (fun other -> other <> pair)

        Arb.fromGenShrink (Gen.map Pair.equal (Arb.toGen pairs), smaller)

    let private asPairs (cases: Arbitrary<'case>) : Arbitrary<IPair> when 'case :> IPair =
        Arb.convert (fun (case: 'case) -> case :> IPair) (fun pair -> box pair :?> 'case) cases

    // In its ways; what is built has weights, whose gradients are slopes too.
    let private slopes (way: Way) (pair: IPair) direction =
        judgeBuilt way pair (fun loss built ->
            match Invariant.gradientIsSlope loss pair direction, built with
            | Finding.Held, Some modul when (Modules.parameters modul).Length > 0 ->
                Evaluate.guarded loss pair (fun () ->
                    let teacher = Numbers.tensor pair.Teacher

                    Gradients.areSlopes
                        (fun student -> Evaluate.call loss student teacher pair)
                        modul
                        pair.Student
                        direction)
            | finding, _ -> finding)

    let private agrees (pin: Pin) (way: Way) (pair: IPair) =
        judgeBuilt way pair (fun loss built ->
            match pin.Loss, built with
            | Some formula, Some modul -> FormulaInvariant.builtFormula formula (Modules.weights modul) loss pair
            | Some formula, None -> FormulaInvariant.formula formula loss pair
            | None, _ -> Finding.Discarded "its formula is not known")

    // Each case once, and nothing smaller is tried.
    let private worked (pin: Pin) (way: Way) show claim =
        let broken =
            pin.Worked
            |> List.tryPick (fun (pair, value) ->
                match judge way pair (fun loss -> FormulaInvariant.workedValue value loss pair) with
                | Finding.Broken message -> Some(message, pair)
                | _ -> None)

        match broken with
        | None -> ClaimResult(claim, Verdict.Held, pin.Worked.Length, "", [||])
        | Some(message, pair) ->
            ClaimResult(claim, Verdict.Broken, pin.Worked.Length, message, List.toArray (show pair))

    /// `same` gives pairs of one shape, `compared` those to tell formulas apart.
    let private ofEveryLoss settings pin way (pairs: Range -> Arbitrary<IPair>) same compared lossAt show claim =
        let alone range (invariant: Loss -> IPair -> Finding) =
            Runner.run settings claim (pairs range) (fun pair -> judge way pair (fun loss -> invariant loss pair)) show

        let changed extra (invariant: Loss -> IPair -> 'extra -> Finding) parts =
            Runner.run
                settings
                claim
                (Pairs.together (pairs Fair) extra)
                (fun (pair, extra) -> judge way pair (fun loss -> invariant loss pair extra))
                (fun (pair, extra) -> show pair @ parts pair extra)

        match claim with
        | Claim.Finite -> alone Wide Invariant.finite
        | Claim.TeacherUntouched -> alone Wide Invariant.teacherUntouched
        | Claim.BatchOrder ->
            changed (Arbitraries.BatchPermutation()) Invariant.batchOrder (fun pair (BatchPermutation order) ->
                order.Parts(Pair.images pair))
        | Claim.GradientIsSlope ->
            Runner.run
                settings
                claim
                (Pairs.together (pairs Fair) (Arbitraries.Direction()))
                (fun (pair, direction) -> slopes way pair direction)
                (fun (pair, direction) -> show pair @ [ (direction.Of pair.Student.Shape).Named "direction" ])
        | Claim.Formula -> Runner.run settings claim compared (agrees pin way) show
        | Claim.WorkedValue -> worked pin way show claim
        | Claim.BatchRepeated -> changed times LawInvariant.batchRepeated (fun _ times -> showTimes times)
        | Claim.DegreeZero
        | Claim.DegreeTwo ->
            let degree = if claim = Claim.DegreeZero then 0.0 else 2.0

            changed (Arbitraries.PositiveScale()) (LawInvariant.homogeneous degree) (fun _ (PositiveScale factor) ->
                [ (Numbers.single factor).Named "factor" ])
        | Claim.TemperatureScale ->
            Runner.run
                settings
                claim
                (Pairs.together (pairs Fair) (Pairs.together (Arbitraries.Temperature()) (Arbitraries.PositiveScale())))
                (fun (pair, scale) -> LawInvariant.temperatureScale lossAt pair scale)
                (fun (pair, (Temperature temperature, PositiveScale factor)) ->
                    show pair
                    @ [
                        (Numbers.single temperature).Named "temperature"
                        (Numbers.single factor).Named "factor"
                    ])
        | Claim.TemperatureLimit -> Runner.run settings claim (pairs Fair) (LawInvariant.temperatureLimit lossAt) show
        | Claim.LayoutFree -> alone Fair Invariant.layoutFree
        | Claim.NothingLeft -> alone Wide Invariant.nothingLeft
        | Claim.PrecisionKept -> alone Fair Invariant.precisionKept
        | Claim.NonNegative -> alone Wide Invariant.nonNegative
        | Claim.ZeroAtEquality ->
            Runner.run
                settings
                claim
                (alike same)
                (fun pair -> judge way pair (fun loss -> Invariant.zeroAtEquality loss pair))
                (fun pair -> [ pair.Teacher.Named "student and teacher" ])
        | other -> invalidArg (nameof claim) $"{other} is no single claim of every loss"

    /// Tries one claim of a loss of feature maps, in one of its ways.
    let featureLoss settings (pin: Pin) (loss: IFeatureLoss) (way: Way) claim =
        let same = maps settings way MapFit.SameShape Fair |> asPairs

        let more (invariant: Loss -> IPair -> int -> Finding) =
            Runner.run
                settings
                claim
                (Pairs.together same times)
                (fun (pair, times) -> judge way pair (fun loss -> invariant loss pair times))
                (fun (pair, times) -> showMaps pair @ showTimes times)

        let changed extra (invariant: Loss -> FeatureMaps -> 'extra -> Finding) parts =
            Runner.run
                settings
                claim
                (Pairs.together (maps settings way way.Fit Fair) extra)
                (fun (maps, extra) -> judge way maps (fun loss -> invariant loss maps extra))
                (fun (maps, extra) -> showMaps maps @ parts extra maps.Student.Shape[1])

        match claim with
        | Claim.ChannelOrder ->
            changed (Arbitraries.ChannelPermutation()) MapInvariant.channelOrder (fun (ChannelPermutation order) ->
                order.Parts)
        | Claim.PositiveScale ->
            changed (Arbitraries.PositiveScale()) MapInvariant.positiveScale (fun (PositiveScale factor) _ ->
                [ (Numbers.single factor).Named "factor" ])
        | Claim.Orthogonal -> changed (Arbitraries.Orthogonal()) MapInvariant.orthogonal _.Parts
        | Claim.ChannelAffine -> changed (Arbitraries.PositiveAffine()) MapInvariant.channelAffine _.Parts
        | Claim.ChannelShift -> changed (Arbitraries.Shifts()) MapInvariant.channelShift _.Parts
        | Claim.Similarity -> changed (Arbitraries.Similarity()) MapInvariant.similarity _.Parts
        | Claim.SumIsMeanTimesSize ->
            Runner.run
                settings
                claim
                (maps settings way MapFit.SameShape Fair)
                (MapInvariant.sumIsMeanTimesSize (loss :?> IReducible))
                (fun maps -> showMaps maps)
        | Claim.ChannelsRepeated -> more LawInvariant.channelsRepeated
        | Claim.MapsTiled -> more LawInvariant.mapsTiled
        | other ->
            // Which maps the formula and the loss take is asked for where it counts.
            let compared =
                match pin.Loss with
                | Some formula when other = Claim.Formula ->
                    Pairs.mapsToCompare (toCompare settings way formula (Subjects.fitFor way formula))
                    |> asPairs
                | _ -> same

            let lossAt temperature =
                match atTemperature loss temperature with
                | Some(:? IFeatureLoss as other) ->
                    Loss.unlabelled (fun student teacher -> other.Compute(student, teacher))
                | _ -> invalidOp "it has no temperature"

            let pairs = maps settings way way.Fit >> asPairs
            ofEveryLoss settings pin way pairs same compared lossAt showMaps other

    /// Tries one claim of a loss of logits.
    let logitLoss settings (pin: Pin) (loss: ILogitLoss) (way: Way) claim =
        let run cases test show =
            Runner.run settings claim cases test show

        let fair = logits settings way Fair

        match claim with
        | Claim.LogitShift ->
            run
                (Pairs.together fair (Arbitraries.Shifts()))
                (fun (logits, shifts) -> judge way logits (fun loss -> LogitInvariant.logitShift loss logits shifts))
                (fun (logits, shifts) -> showLogits logits @ shifts.Parts(Pair.images logits))
        | Claim.AffineRows ->
            run
                (Pairs.together fair (Arbitraries.PositiveAffine()))
                (fun (logits, affine) -> LogitInvariant.affineRows (loss :?> IClassRelation) logits affine)
                (fun (logits, affine) -> showMaps logits @ affine.Parts(Pair.images logits))
        | Claim.Decomposition ->
            run fair (LogitInvariant.decomposition (loss :?> IDecoupled)) (fun logits -> showLogits logits)
        | other ->
            let compared =
                match pin.Loss with
                | Some formula ->
                    Pairs.logitsToCompare (toCompare settings way formula MapFit.SameShape)
                    |> asPairs
                | None -> asPairs fair

            let lossAt temperature : Loss =
                match atTemperature loss temperature with
                | Some(:? ILogitLoss as other) -> fun student teacher labels -> other.Compute(student, teacher, labels)
                | _ -> invalidOp "it has no temperature"

            let pairs = logits settings way >> asPairs
            ofEveryLoss settings pin way pairs (asPairs fair) compared lossAt showLogits other
