/// Every loss beside its formula (KdNotebooks.Properties, LossFormula), with options of all kinds: what a loss computes
/// is compared with it, so that no change of a value goes unseen.
module KdNotebooks.Properties.Tests.Reference

open System
open FsCheck
open FsCheck.FSharp
open KdNotebooks.Losses
open KdNotebooks.Properties

/// How a loss is drawn, with its options, and what it must give.
type Written =
    {
        Kind: string
        Draw: Gen<obj * (IPair -> float)>
    }

let private written kind (options: Gen<'options>) (make: 'options -> obj) (value: 'options -> IPair -> float) =
    {
        Kind = kind
        Draw = options |> Gen.map (fun options -> make options, value options)
    }

let private plain kind loss value =
    written kind (Gen.constant ()) (fun () -> loss) (fun () -> value)

let private temperature =
    Generate.temperature |> Gen.map (fun (Temperature value) -> value)

let private weight = Gen.elements [ 0.0; 0.5; 1.0; 8.0 ]

/// One for each loss of the catalogue. Options are drawn anew for each case; a loss that must be built for maps is here
/// with options with which it need not be.
let all =
    [
        written "kd" temperature (fun t -> KdLoss t) LossFormula.kd
        written "dkd" (Gen.zip3 weight weight temperature) (fun (a, b, t) -> DkdLoss(a, b, t)) (fun (a, b, t) ->
            LossFormula.dkd a b t)
        written "dist" (Gen.zip3 weight weight temperature) (fun (b, g, t) -> DistLoss(b, g, t)) (fun (b, g, t) ->
            LossFormula.dist b g t)
        written
            "l2"
            (Gen.elements [ Reduction.Mean; Reduction.SumPerBatch ])
            (fun reduction -> L2Loss reduction)
            LossFormula.l2
        plain "score-l2" (ScoreL2Loss()) LossFormula.scoreL2
        written "at" (Gen.elements [ 1.0; 2.0; 2.5; 4.0 ]) (fun power -> AtLoss power) LossFormula.at
        plain "sp" (SpLoss()) LossFormula.sp
        plain "nst" (NstLoss()) LossFormula.nst
        written "rkd" (Gen.zip weight weight) (fun (d, a) -> RkdLoss(d, a)) (fun (d, a) -> LossFormula.rkd d a)
        plain "pkt" (PktLoss()) LossFormula.pkt
        plain "cc" (CcLoss(Nullable())) LossFormula.cc
        written "vid" (Gen.elements [ 0.1; 1.0; 5.0 ]) (fun variance -> VidLoss variance) LossFormula.vid
        written "ab" (Gen.elements [ 0.5; 1.0; 2.0 ]) (fun margin -> AbLoss margin) LossFormula.ab
        // Of what it is without boxes, where all is background, and as it starts.
        written
            "fgd"
            (Gen.zip (Gen.four (Gen.elements [ 0.0; 5e-4; 1.0 ])) temperature)
            (fun ((f, b, a, r), t) -> FgdLoss(f, b, a, r, t))
            (fun ((_, b, a, r), t) -> LossFormula.fgd b a r t)
        written
            "ft"
            (Gen.zip (Gen.elements [ 1; 2; 3 ]) (Gen.elements [ 1; 2; 3 ]))
            (fun (power, degree) -> FtLoss(power, degree))
            (fun (power, degree) -> LossFormula.ft power degree)
        written "ofd" (Gen.elements [ 0.0; -0.5; -2.0 ]) (fun margin -> OfdLoss(Nullable margin)) LossFormula.ofd
        written "cwd" temperature (fun t -> CwdLoss t) LossFormula.cwd
        plain "pkd" (PkdLoss()) LossFormula.pkd
        plain "hcl" (HclLoss()) LossFormula.hcl
        written "srd" (Gen.elements [ 1.0; 2.0; 4.0 ]) (fun exponent -> SrdLoss exponent) LossFormula.srd
        plain "vkd" (VkdLoss()) LossFormula.vkd
        plain "cosine" (CosineLoss()) LossFormula.cosine
    ]

let find kind =
    all |> List.find (fun written -> written.Kind = kind)
