namespace KdNotebooks.Properties

open FsCheck
open FsCheck.FSharp
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Runtime
open TorchSharp

/// How each claim of a loss is tried: with which cases, by which invariant, and what is shown of a case that breaks it.
module internal LossClaims =
    let everyLoss = Claim.EveryLoss ||| Claim.NonNegative ||| Claim.ZeroAtEquality

    let ofLogits = Claim.LogitShift ||| Claim.AffineRows ||| Claim.Decomposition

    let ofMaps =
        Claim.ChannelOrder
        ||| Claim.PositiveScale
        ||| Claim.Orthogonal
        ||| Claim.ChannelAffine
        ||| Claim.ChannelShift
        ||| Claim.Similarity
        ||| Claim.SumIsMeanTimesSize

    // What the loss of a case says; what is built for the case is gone afterwards.
    let private judge (way: Way) (pair: IPair) (test: Loss -> Finding) =
        use scope = torch.NewDisposeScope()

        try
            use built = way.For pair

            match test built.Loss with
            | Finding.Broken message -> Finding.Broken(way.Label + message)
            | other -> other
        with :? KdException as error ->
            Finding.Broken $"it cannot be built for these maps: {error.Message}"

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

    /// `same` gives pairs of one shape.
    let private ofEveryLoss settings way (pairs: Range -> Arbitrary<IPair>) same show claim =
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
            changed (Arbitraries.Direction()) Invariant.gradientIsSlope (fun pair direction ->
                [ (direction.Of pair.Student.Shape).Named "direction" ])
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
    let featureLoss settings (loss: IFeatureLoss) (way: Way) claim =
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
        | other ->
            let same = maps settings way MapFit.SameShape Fair |> asPairs
            ofEveryLoss settings way (maps settings way way.Fit >> asPairs) same showMaps other

    /// Tries one claim of a loss of logits.
    let logitLoss settings (loss: ILogitLoss) (way: Way) claim =
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
        | other -> ofEveryLoss settings way (logits settings way >> asPairs) (asPairs fair) showLogits other
