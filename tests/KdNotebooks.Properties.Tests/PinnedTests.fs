/// What pins a loss or an aligner down holds with options of every kind, and catches copies that are nearly right.
module KdNotebooks.Properties.Tests.PinnedTests

open System
open KdNotebooks.Aligners
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Properties
open TorchSharp
open global.Xunit

type private Tensor = torch.Tensor

let private withOptions: (string * obj) list =
    [
        "kd 1", KdLoss 1.0
        "kd 2.5", KdLoss 2.5
        "kd 20", KdLoss 20.0
        "dkd 0 1 1", DkdLoss(0.0, 1.0, 1.0)
        "dkd 0.5 0 7", DkdLoss(0.5, 0.0, 7.0)
        "dkd 2 3 0.5", DkdLoss(2.0, 3.0, 0.5)
        "dist 2 0 4", DistLoss(2.0, 0.0, 4.0)
        "dist 0 3 0.5", DistLoss(0.0, 3.0, 0.5)
        "dist 1.5 0.5 9", DistLoss(1.5, 0.5, 9.0)
        "l2 sum", L2Loss Reduction.SumPerBatch
        "at 1", AtLoss 1.0
        "at 3.5", AtLoss 3.5
        "rkd 0 1", RkdLoss(0.0, 1.0)
        "rkd 3 0", RkdLoss(3.0, 0.0)
        "cc none", CcLoss(Nullable())
        "cc 5", CcLoss(Nullable 5)
        "vid 0.3", VidLoss 0.3
        "vid 40", VidLoss 40.0
        "ab 0.25", AbLoss 0.25
        "ab 3", AbLoss 3.0
        "fgd 0 1 0 0", FgdLoss(0.0, 1.0, 0.0, 0.0)
        "fgd attention", FgdLoss(0.0, 0.0, 2.0, 0.0, 0.8)
        "fgd relation", FgdLoss(0.0, 0.0, 0.0, 1.0)
        "fgd two stages", FgdLoss(5e-5, 2.5e-5, 5e-5, 5e-7)
        "ft 1 2", FtLoss(1, 2)
        "ft 3 1", FtLoss(3, 1)
        "ft 4 3", FtLoss(4, 3)
        "ofd 0", OfdLoss(Nullable 0.0)
        "ofd -0.7", OfdLoss(Nullable -0.7)
        "cwd 4", CwdLoss 4.0
        "cwd 0.5", CwdLoss 0.5
        "srd 1", SrdLoss 1.0
        "srd 2.5", SrdLoss 2.5
        "mlp 0", ChannelMlp(Depth = 0)
        "mlp 0 align first", ChannelMlp(Depth = 0, AlignFirst = true)
        "mlp 2", ChannelMlp(Depth = 2)
        "mlp 4 gelu", ChannelMlp(Depth = 4, Activation = Activation.GELU, Initialization = Initialization.Xavier)
        "mlp 1 hidden", ChannelMlp(Hidden = Nullable 7, Activation = Activation.SiLU)
        "mlp 2 hidden 1", ChannelMlp(Depth = 2, Hidden = Nullable 1, Bias = false)
        "mlp ratio", ChannelMlp(Ratio = Nullable 0.5, AlignFirst = true)
        "mlp small ratio", ChannelMlp(Ratio = Nullable 0.1, Bias = false)
        "mlp ratio 2.5", ChannelMlp(Ratio = Nullable 2.5, Initialization = Initialization.KaimingFanOut)
        "mlp none", ChannelMlp(Depth = 3, Activation = Activation.None)
        "linear no bias", Linear false
        "conv-reg no relu", ConvReg false
        "ensemble 1", ProjectorEnsemble 1
        "ensemble 5", ProjectorEnsemble 5
        "masked 0", MaskedGenerative 0.0
        "masked 0.5", MaskedGenerative 0.5
        "masked 0.65 spatial", MaskedGenerative(0.65, MaskKind.Spatial)
        "non-local 1", NonLocal 1
        "non-local 4", NonLocal 4
    ]

let options = Catalogued.theory (List.map fst withOptions)

let private pinning (subject: obj) =
    let all =
        Claim.Pinned
        ||| Claim.PinnedAligner
        ||| LanguagePrimitives.EnumOfValue(0x3fL <<< 26)

    [ Check.claimsOf subject &&& all ]

[<Theory; MemberData(nameof options)>]
let ``It is pinned down with other options too`` (name: string) =
    let _, subject = withOptions |> List.find (fun (other, _) -> other = name)
    let report = Check.anything Setup.settings (Some(pinning subject)) subject
    Assert.True(report.AllHeld, string report)

let private mutants = LossMutants.all @ AlignerMutants.all
let names = Catalogued.theory [ for name, _, _ in mutants -> name ]

// Those that compute the right thing: their gradients or their first weights are wrong.
let private byOther =
    [
        "channel-mlp with its gradient cut", Claim.GradientIsSlope
        "linear with its gradient cut", Claim.GradientIsSlope
        "identity with its gradient cut", Claim.GradientIsSlope
        "channel-mlp that starts as Xavier", Claim.FirstWeights
        "channel-mlp that starts Kaiming", Claim.FirstWeights
        "linear that starts Kaiming", Claim.FirstWeights
        "ensemble that start alike", Claim.FirstWeights
        "non-local that adds from the start", Claim.FirstWeights
        "orthogonal that starts on one side", Claim.FirstWeights
    ]

[<Theory; MemberData(nameof names)>]
let ``A copy that is nearly right is caught in a hundred cases`` (name: string) =
    let _, original, mutant = mutants |> List.find (fun (other, _, _) -> other = name)

    let claim =
        byOther
        |> List.tryFind (fun (other, _) -> other = name)
        |> Option.map snd
        |> Option.defaultValue Claim.Formula

    let report = Check.like CheckSettings.Default (Some [ claim ]) original mutant
    Assert.True((report[claim].Verdict = Verdict.Broken), string report)

[<Fact>]
let ``Every loss and aligner of the catalogue has copies that are nearly right`` () =
    for word in Catalogued.losses @ Catalogued.aligners do
        let own = mutants |> List.filter (fun (name, _, _) -> name.StartsWith(word + " "))
        Assert.True(own.Length >= 3, $"'{word}' has {own.Length} in LossMutants.fs and AlignerMutants.fs.")

// Through the whole of it, as a reader asks.

let private wordsOf (report: InvariantReport) =
    [ for result in report.Broken -> result.Claim ]

[<Fact>]
let ``A copy that is right holds all that the original claims, as a function too`` () =
    let kd =
        logitLoss "mine" (fun s t _ ->
            use scope = torch.NewDisposeScope()
            let logQ = torch.nn.functional.log_softmax (s / 4.0, 1L)
            let logP = torch.nn.functional.log_softmax (t.detach () / 4.0, 1L)
            ((logP.exp () * (logP - logQ)).sum() * 16.0 / float s.shape[0]).MoveToOuterDisposeScope())

    let report = checkLike "kd" kd
    Assert.True(report.AllHeld, string report)
    Assert.Equal(Verdict.Held, report[Claim.Formula].Verdict)
    Assert.Equal(Verdict.Held, report[Claim.WorkedValue].Verdict)
    // A function has one temperature.
    Assert.DoesNotContain(Claim.TemperatureScale, [ for result in report.Results -> result.Claim ])
    Assert.Contains(Claim.Formula, wordsOf (checkLike (KdLoss 3.0) kd))

[<Fact>]
let ``A function is held to what the original says of maps of other sizes only where it takes them`` () =
    let mean (s: Tensor) (t: Tensor) = (s - t.detach ()).square().mean()
    Assert.True((checkLike "l2" (mapLoss "mine" (Loss.scoped mean))).AllHeld)

    // Right for maps of one shape; others are refused.
    let attention (map: Tensor) =
        torch.nn.functional.normalize (map.square().mean([| 1L |]).flatten 1L, dim = 1L, eps = 1e-30)

    let at (s: Tensor) (t: Tensor) =
        (attention s - attention (t.detach ())).square().mean()

    let sameSize (s: Tensor) (t: Tensor) =
        if s.shape[2] <> t.shape[2] || s.shape[3] <> t.shape[3] then
            failwith "of other sizes"

        at s t

    let report = checkLike "at" (mapLoss "mine" (Loss.scoped sameSize))
    Assert.True(report.AllHeld, string report)

[<Fact>]
let ``A broken copy says what it gave and what its formula gives, for inputs that can be read`` () =
    let report =
        checkLike "l2" (mapLoss "mine" (Loss.scoped (fun s t -> (s - t.detach ()).square().mean() / 2.0)))

    let result = report[Claim.Formula]
    Assert.Equal("the loss is 0.5; its formula written out gives 1", result.Message)
    Assert.Equal<int64 seq>([ 1L; 1L; 1L; 1L ], result.Counterexample[0].Shape)

    Assert.Equal("the loss is 0.647396; worked out for these inputs it is 1.29479", report[Claim.WorkedValue].Message)

    // It is homogeneous, a mean, zero at equality: nothing else shows it.
    Assert.Equal<Claim list>([ Claim.Formula; Claim.WorkedValue ], wordsOf report)

[<Fact>]
let ``Names stand for what the documentation says, and a copy's own options count elsewhere`` () =
    let named (name: string) loss = logitLoss name loss

    let at (temperature: float) (s: Tensor) (t: Tensor) (labels: Tensor) =
        (KdLoss temperature :> ILogitLoss).Compute(s, t, labels)

    let formula = [ Claim.Formula ]
    Assert.True((Check.logitLoss CheckSettings.Default formula (named "kd" (at 4.0))).AllHeld)
    Assert.True((Check.logitLoss CheckSettings.Default formula (named "KD, mine" (at 4.0))).AllHeld)
    Assert.False((Check.logitLoss CheckSettings.Default formula (named "kd" (at 1.0))).AllHeld)

    (fun () -> Check.logitLoss CheckSettings.Default formula (named "kdx" (at 4.0)))
    |> Setup.fails "kdx: to test Formula it must be known what it should be: say which of the catalogue's"

    (fun () -> checkLike "kdx" (KdLoss()))
    |> Setup.fails "'kdx' is not in the catalogue; the nearest is 'kd'."

    (fun () -> checkLike (mapLoss "x" (fun s _ -> s)) (KdLoss()))
    |> Setup.fails "OwnLoss is no loss and no aligner of the catalogue"

    (fun () -> checkLike "ofd" (mapLoss "mine" (fun s _ -> s.sum ())))
    |> Setup.fails "mine: its margins come from the teacher's batch normalization"

/// As somebody writes it in a cell: an F# record with options.
type private Softened =
    {
        Temperature: float
    }

    interface ILogitLoss with
        member _.Name = "kd"

        member loss.Compute(s, t, _) =
            use scope = torch.NewDisposeScope()

            let soften (z: Tensor) =
                torch.nn.functional.log_softmax (z / loss.Temperature, 1L)

            let logQ, logP = soften s, soften (t.detach ())
            ((logP.exp () * (logP - logQ)).sum() / float s.shape[0]).MoveToOuterDisposeScope()

[<Fact>]
let ``The options of a record are those that its formula and its temperatures have`` () =
    let claims = [ Claim.Formula; Claim.TemperatureScale; Claim.TemperatureLimit ]
    let report = Check.logitLoss CheckSettings.Default claims { Temperature = 1.0 }
    // Without T² it is right at 1 only.
    Assert.Equal<Claim list>(claims.Tail, wordsOf report)
    Assert.Contains("expected", report[Claim.TemperatureScale].Message)
    Assert.Contains("half the mean squared difference", report[Claim.TemperatureLimit].Message)

/// An F# record is a record.
type private DeepRecord =
    {
        Depth: int
        Width: int option
    }

    interface IAligner with
        member _.Name = "deep"

        member aligner.Build(ours, theirs) =
            ChannelMlp(aligner.Depth, Hidden = Option.toNullable aligner.Width).Build(ours, theirs)

/// Of another kind of whole number.
[<Struct>]
type DeepStruct =
    {
        Depth: int64
    }

    interface IAligner with
        member _.Name = "deep"

        member aligner.Build(ours, theirs) =
            ChannelMlp(int aligner.Depth).Build(ours, theirs)

/// So is a type that is made from what it shows.
type private DeepType(depth: int, extra: int) =
    member _.Depth = depth
    member _.Extra = extra

    interface IAligner with
        member _.Name = "deep"

        member _.Build(ours, theirs) =
            ChannelMlp(depth + extra).Build(ours, theirs)

[<Fact>]
let ``Depth zero is asked of F# records and of types that are made from their options`` () =
    let claim = [ Claim.DepthZeroIsLinear ]

    let check (aligner: IAligner) =
        Check.aligner CheckSettings.Default claim aligner

    Assert.True((check { DeepRecord.Depth = 2; Width = Some 3 }).AllHeld)
    Assert.True((check { DeepStruct.Depth = 2L }).AllHeld)
    Assert.True((check (DeepType(2, 0))).AllHeld)
    Assert.False((check (DeepType(2, 1))).AllHeld)

    (fun () -> check (alignerOf "x" (fun _ _ -> torch.nn.Identity())))
    |> Setup.fails "x: to test DepthZeroIsLinear it must be a record with an option Depth"

[<Fact>]
let ``A reader's own formula and worked value pin a reader's own loss`` () =
    let mine = mapLoss "mine" (Loss.scoped (fun s t -> (s - t.detach ()).abs().mean()))

    let formula (factor: float) (pair: IPair) =
        factor
        * Array.average (Array.map2 (fun s t -> abs (s - t)) pair.Student.Values pair.Teacher.Values)

    Assert.True((checkFormula (formula 1.0) mine).AllHeld)
    Assert.Equal<Claim list>([ Claim.Formula ], wordsOf (checkFormula (formula 1.001) mine))

    let pair: FeatureMaps =
        {
            Student =
                {
                    Shape = [ 1; 1; 1; 2 ]
                    Values = [| 1.0; 4.0 |]
                }
            Teacher =
                {
                    Shape = [ 1; 1; 1; 2 ]
                    Values = [| 2.0; 2.0 |]
                }
        }

    Assert.True((checkValue pair 1.5 mine).AllHeld)
    let broken = checkValue pair 2.5 mine
    Assert.Equal("the loss is 1.5; worked out for these inputs it is 2.5", broken[Claim.WorkedValue].Message)
    Assert.Equal<int64 seq>([ 1L; 1L; 1L; 2L ], broken[Claim.WorkedValue].Counterexample[0].Shape)

[<Fact>]
let ``A reader's own formula pins a reader's own aligner`` () =
    let mine =
        alignerOf "mine" (fun ours theirs -> torch.nn.Conv2d(ours, theirs, 1L, bias = false))

    let formula (factor: float) (weights: (string * Numbers) list) map =
        Plain.convolve (snd weights.Head) None map |> Numbers.map ((*) factor)

    Assert.True((checkAlignerFormula (formula 1.0) mine).AllHeld)
    let broken = checkAlignerFormula (formula 1.01) mine
    Assert.Equal<Claim list>([ Claim.Formula ], wordsOf broken)
    Assert.Contains("its formula written out gives", broken[Claim.Formula].Message)

[<Fact>]
let ``A teacher's embedding that does not learn is caught by its gradient`` () =
    let frozen =
        { new IBuiltLoss with
            member _.Name = "cc"
            member _.Fit = MapFit.Any

            member _.Compute(s, t) =
                (CcLoss(Nullable()) :> IBuiltLoss).Compute(s, t)

            member _.Build(student, teacher, norm) =
                let modul = (CcLoss(Nullable 5) :> IBuiltLoss).Build(student, teacher, norm)

                for struct (name, parameter) in modul.named_parameters () do
                    if name.StartsWith "teacher" then
                        parameter.requires_grad <- false

                modul
        }

    let report =
        Check.like CheckSettings.Default (Some [ Claim.GradientIsSlope ]) (CcLoss(Nullable 5)) frozen

    Assert.StartsWith("built for a connection: along teacher", report[Claim.GradientIsSlope].Message)
