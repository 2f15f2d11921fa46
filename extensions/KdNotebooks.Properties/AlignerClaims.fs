namespace KdNotebooks.Properties

open System
open FsCheck.FSharp
open KdNotebooks.Aligners
open KdNotebooks.Invariants
open KdNotebooks.Runtime
open TorchSharp

/// How each claim of an aligner is tried.
module internal AlignerClaims =
    let ofAligners =
        Claim.EveryAligner
        ||| Claim.PositionWise
        ||| Claim.DepthZeroIsLinear
        ||| Claim.Lipschitz
        ||| Claim.Orthonormal
        ||| Claim.PinnedAligner

    // libtorch's gradient of a 3x3 convolution is wrong in the plain layout where its outputs are no multiple of 16
    // (2.10.0, AVX-512), and a map of one channel has no other layout.
    let private leastForGradients = 2

    // Weights of more numbers than this are not read by anybody.
    let private mostNumbers = 64

    let private show (build: Build) (case: AlignerCase) =
        let weights =
            try
                use modul =
                    Modules.make case.Weights (fun () ->
                        build (int64 case.Student.Shape[1]) (int64 case.TeacherChannels))

                Modules.parameters modul
            with _ ->
                []

        let count = weights |> List.sumBy (fun (_, weight) -> weight.Values.Length)

        [
            case.Student.Named "student"
            (Numbers.single (float case.TeacherChannels)).Named "teacher's channels"
        ]
        @ [
            if count <= mostNumbers then
                for name, weight in weights -> weight.Named name
        ]

    /// The same aligner with depth 0; it must be a record with an option Depth, as ChannelMlp is.
    let atDepthZero (aligner: IAligner) =
        match Options.copy aligner "Depth" 0 with
        | Some(:? IAligner as other) -> other
        | _ ->
            raise (
                KdException
                    $"{aligner.Name}: to test {Claim.DepthZeroIsLinear} it must be a record with an option Depth \
                    (int), as ChannelMlp is, and {aligner.GetType().Name} is none."
            )

    let private buildOf (aligner: IAligner) : Build =
        fun ours theirs -> aligner.Build(ours, theirs)

    /// Tries one claim of an aligner.
    let aligner (settings: CheckSettings) (pin: Pin) (aligner: IAligner) claim =
        let build = buildOf aligner

        let cases =
            Pairs.alignerCase (if claim = Claim.Finite then leastForGradients else 1)

        let alone build invariant =
            Runner.run settings claim cases (invariant build) (show build)

        let changed extra invariant parts =
            Runner.run
                settings
                claim
                (Pairs.together cases extra)
                (fun (case, extra) -> invariant build case extra)
                (fun (case, extra) -> show build case @ parts case extra)

        match claim with
        | Claim.Finite -> alone build AlignerInvariant.finite
        | Claim.LayoutFree -> alone build AlignerInvariant.layoutFree
        | Claim.NothingLeft -> alone build AlignerInvariant.nothingLeft
        | Claim.TeacherChannels -> alone build AlignerInvariant.teacherChannels
        | Claim.DepthZeroIsLinear -> alone (buildOf (atDepthZero aligner)) AlignerInvariant.isLinear
        | Claim.Orthonormal -> alone build AlignerInvariant.orthonormal
        | Claim.PositionWise ->
            changed
                (Arbitraries.PositionPermutation())
                AlignerInvariant.positionWise
                (fun case (PositionPermutation order) -> order.Parts(Numbers.size (List.skip 2 case.Student.Shape)))
        | Claim.Lipschitz ->
            changed (Arbitraries.Direction()) AlignerInvariant.lipschitz (fun case direction ->
                [ (direction.Of case.Student.Shape).Named "step" ])
        | Claim.Formula ->
            match pin.Aligner with
            | Some formula -> alone build (AlignerInvariant.formula formula)
            | None -> invalidOp "its formula is not known"
        | Claim.GradientIsSlope ->
            Runner.run
                settings
                claim
                (Pairs.together (Pairs.fairAlignerCase 1) (Arbitraries.Direction()))
                (fun (case, direction) -> AlignerInvariant.gradientIsSlope build case direction)
                (fun (case, direction) -> show build case @ [ (direction.Of case.Student.Shape).Named "direction" ])
        | Claim.FirstWeights ->
            let kind, options = pin.Original |> Option.defaultValue ("", obj ())
            FirstWeights.aligner kind options settings.Seed build |> Runner.once claim
        | other -> invalidArg (nameof claim) $"{other} is no single claim of an aligner"
