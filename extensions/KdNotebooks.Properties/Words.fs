namespace KdNotebooks.Properties

open System
open KdNotebooks.Aligners
open KdNotebooks.Invariants
open KdNotebooks.Losses
open TorchSharp

/// What a notebook says: `check (L2Loss())`, `check "at"`, `checkLoss "mine" (fun student teacher -> ...) [ ... ]`.
[<AutoOpen>]
module Words =
    /// Tests what a loss or an aligner claims of itself, in 100 cases a claim; or the catalogue's under a name.
    let check (subject: obj) : InvariantReport =
        Check.anything CheckSettings.Default None subject

    /// The same with other settings: `check' { CheckSettings.Default with Cases = 1000 } "at"`.
    let check' (settings: CheckSettings) (subject: obj) : InvariantReport = Check.anything settings None subject

    /// Tests other claims than it makes: `checkClaims [ Claim.BatchOrder ] "cc"`.
    let checkClaims (claims: Claim list) (subject: obj) : InvariantReport =
        Check.anything CheckSettings.Default (Some claims) subject

    /// A loss of feature maps [N, C, H, W] of one shape that is a function (student, teacher) -> scalar. A recipe can
    /// hold it; `Own.loss` also disposes of what the function makes on the way.
    let mapLoss (name: string) (loss: torch.Tensor -> torch.Tensor -> torch.Tensor) : IFeatureLoss =
        OwnLoss(name, Func<_, _, _>(fun student teacher -> loss student teacher))

    /// A loss of logits [N, K] that is a function (student, teacher, labels) -> scalar; a recipe can hold it.
    let logitLoss (name: string) (loss: torch.Tensor -> torch.Tensor -> torch.Tensor -> torch.Tensor) : ILogitLoss =
        OwnLogitLoss(name, Func<_, _, _, _>(fun student teacher labels -> loss student teacher labels))

    /// An aligner that is a function from (student's channels, teacher's channels) to a module; a recipe can hold it.
    let alignerOf (name: string) (build: Build) : IAligner =
        OwnAligner(name, Func<_, _, _>(fun ours theirs -> build ours theirs))

    /// Tests what you claim of a loss of maps: `checkLoss "mine" (fun student teacher -> ...) [ Claim.Distance ]`.
    let checkLoss name loss (claims: Claim list) =
        Check.featureLoss CheckSettings.Default claims (mapLoss name loss)

    /// Tests what you claim of a loss of logits, which may look at the labels.
    let checkLogitLoss name loss (claims: Claim list) =
        Check.logitLoss CheckSettings.Default claims (logitLoss name loss)

    /// Tests what you claim of an aligner: `checkAligner "mine" (fun ours theirs -> ...) [ Claim.EveryAligner ]`.
    let checkAligner name build (claims: Claim list) =
        Check.aligner CheckSettings.Default claims (alignerOf name build)

    /// Tests all that is claimed of a loss or an aligner of the catalogue, its formula and worked values included, of
    /// something that should be the same: `checkLike "kd" mine`, `checkLike (KdLoss 1.0) mine`.
    let checkLike (original: obj) (subject: obj) : InvariantReport =
        Check.like CheckSettings.Default None original subject

    /// Tests what a loss claims of itself, and that it is this function of plain numbers:
    /// `checkFormula (fun pair -> Plain.meanSquare pair.Student pair.Teacher) mine`.
    let checkFormula (formula: IPair -> float) (subject: obj) : InvariantReport =
        Check.formula CheckSettings.Default (LossFormula.Of formula) subject

    /// The same of an aligner: a function of its weights, by their names in the module's order, and of the map.
    let checkAlignerFormula (formula: (string * Numbers) list -> Numbers -> Numbers) (subject: IAligner) =
        Check.alignerFormula CheckSettings.Default (AlignerFormula.Of formula) subject

    /// Tests what a loss claims of itself, and that it gives a value that was worked out for a case:
    /// `checkValue WorkedValues.maps 1.29479166667 mine`.
    let checkValue (pair: IPair) (value: float) (subject: obj) : InvariantReport =
        Check.values CheckSettings.Default [ pair, value ] subject
