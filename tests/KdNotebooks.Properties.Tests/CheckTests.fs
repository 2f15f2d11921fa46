module KdNotebooks.Properties.Tests.CheckTests

open System.Threading
open KdNotebooks.Aligners
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Properties
open KdNotebooks.Native
open KdNotebooks.Runtime
open TorchSharp
open global.Xunit

type private Tensor = torch.Tensor

let private bad name =
    mapLoss name (Loss.scoped (fun s t -> (s - t.detach ()).sum()))

/// A type of somebody's own with a claim that is not true.
[<About("F_s - F_t", "", Claim.NonNegative)>]
type private Mine() =
    interface IFeatureLoss with
        member _.Name = "mine"

        member _.Compute(student, teacher) =
            Loss.scoped (fun s t -> (s - t.detach ()).sum()) student teacher

[<Fact>]
let ``What a type claims of itself is tested, of a user's own too`` () =
    Assert.Equal(Claim.NonNegative, Check.claimsOf (Mine()))
    let report = check (Mine())
    Assert.Equal("mine", report.Subject)
    Assert.Equal<Claim list>([ Claim.NonNegative ], [ for result in report.Results -> result.Claim ])
    Assert.False report.AllHeld

[<Fact>]
let ``Who claims nothing is tested for what every loss or aligner claims`` () =
    Assert.Equal(Claim.EveryLoss, Check.claimsOf (bad "x"))
    Assert.Equal(Claim.EveryAligner, Check.claimsOf (alignerOf "x" (fun _ _ -> torch.nn.Identity())))

[<Fact>]
let ``Each claim is tried with as many cases as were asked for`` () =
    let mutable calls = 0

    let counted =
        mapLoss "counted" (fun s t ->
            calls <- calls + 1
            L2Loss().Compute(s, t))

    let settings =
        { CheckSettings.Default with
            Cases = 37
        }

    let report = Check.featureLoss settings [ Claim.NonNegative ] counted
    Assert.Equal(37, report.Cases)
    Assert.Equal(37, report[Claim.NonNegative].Cases)
    // One more asks how many images it needs.
    Assert.Equal(38, calls)

[<Fact>]
let ``The same seed gives the same report, another one other cases`` () =
    let text seed =
        Check.featureLoss
            { CheckSettings.Default with
                Seed = seed
            }
            [ Claim.NonNegative ]
            (bad "x")
        |> string

    Assert.Equal(text 4UL, text 4UL)
    Assert.Contains("seed 4", text 4UL)

    let drawn seed =
        let seen = ResizeArray()

        let watching =
            mapLoss "watching" (fun s t ->
                seen.Add(Numbers.ofTensor s)
                L2Loss().Compute(s, t))

        Check.featureLoss
            { CheckSettings.Default with
                Seed = seed
            }
            [ Claim.NonNegative ]
            watching
        |> ignore

        List.ofSeq seen

    Assert.Equal<Numbers list>(drawn 4UL, drawn 4UL)
    Assert.NotEqual<Numbers list>(drawn 4UL, drawn 5UL)

[<Fact>]
let ``A counterexample is as small as it can be, and breaks the claim`` () =
    // Broken from three channels and a number above 1 on.
    let threshold (s: Tensor) (t: Tensor) =
        if s.shape[1] >= 3L && s.max().item<float>() > 1.0 then
            (s - t.detach ()).square().sum().neg()
        else
            (s - t.detach ()).square().sum()

    let report =
        Check.featureLoss CheckSettings.Default [ Claim.NonNegative ] (mapLoss "x" (Loss.scoped threshold))

    let result = report[Claim.NonNegative]
    let student, teacher = result.Counterexample[0], result.Counterexample[1]
    Assert.Equal("student", student.Name)
    Assert.Equal("teacher", teacher.Name)
    Assert.Equal<int64 seq>([ 1L; 3L; 1L; 1L ], student.Shape)
    Assert.Equal(3.0 - 1.0, Seq.max student.Values)
    Assert.Equal("the loss is -4; expected at least 0", result.Message)
    Assert.All(teacher.Values, (fun value -> Assert.Equal(0.0, value)))

[<Fact>]
let ``A counterexample names what was done to the case`` () =
    let names claim (subject: obj) =
        let report = checkClaims [ claim ] subject
        [ for tensor in report[claim].Counterexample -> tensor.Name ]

    Assert.Equal<string list>([ "student"; "teacher"; "order" ], names Claim.ChannelOrder "l2")
    Assert.Equal<string list>([ "student"; "teacher"; "factor" ], names Claim.PositiveScale "l2")
    Assert.Equal<string list>([ "student"; "teacher"; "turn" ], names Claim.Orthogonal "l2")
    Assert.Equal<string list>([ "student"; "teacher"; "factor"; "shift" ], names Claim.ChannelAffine "l2")
    Assert.Equal<string list>([ "student"; "teacher"; "shift" ], names Claim.ChannelShift "l2")
    Assert.Equal<string list>([ "student"; "teacher"; "turn"; "factor"; "shift" ], names Claim.Similarity "l2")
    Assert.Equal<string list>([ "student and teacher" ], names Claim.ZeroAtEquality "ab")

    Assert.Equal<string list>(
        [ "student"; "teacher"; "labels"; "shift" ],
        logitLoss "x" (fun s t _ -> Loss.scoped (fun s t -> (s - t).square().sum()) s t)
        |> names Claim.LogitShift
    )

    Assert.Equal<string list>(
        [
            "student"
            "teacher's channels"
            "conv1.weight"
            "conv1.bias"
            "conv2.weight"
            "conv2.bias"
            "order"
        ],
        names Claim.PositionWise "spatial"
    )

[<Fact>]
let ``A loss that needs more images is given more`` () =
    let few = System.Collections.Generic.List<int64>()

    let ofThree =
        mapLoss "three" (fun s t ->
            if s.shape[0] < 3L then
                few.Add s.shape[0]
                raise (KdException "three: needs at least 3 images.")

            L2Loss().Compute(s, t))

    Assert.True((Check.featureLoss CheckSettings.Default [ Claim.Distance ] ofThree).AllHeld)
    // It was asked with one and with two, once.
    Assert.Equal<int64 seq>([ 1L; 2L ], few)

[<Fact>]
let ``The caller may ask for more images too`` () =
    let least = System.Collections.Generic.List<int64>()

    let watching =
        mapLoss "x" (fun s t ->
            least.Add s.shape[0]
            L2Loss().Compute(s, t))

    let settings =
        { CheckSettings.Default with
            MinimumImages = 5
        }

    Check.featureLoss settings [ Claim.Finite ] watching |> ignore
    Assert.Equal(5L, Seq.min (Seq.skip 1 least))

[<Fact>]
let ``Where most cases cannot be used, nothing is said`` () =
    // Taken when it is asked with other numbers, and refused nearly always.
    let rarely =
        mapLoss "rarely" (fun s t ->
            if s.shape[0] < 5L && s.shape[1] <> 2L then
                raise (KdException "rarely: needs at least 5 images.")

            L2Loss().Compute(s, t))

    let result =
        (Check.featureLoss CheckSettings.Default [ Claim.NonNegative ] rarely)[Claim.NonNegative]

    Assert.Equal(Verdict.NotTested, result.Verdict)
    Assert.False result.Held
    Assert.Contains("of 100 cases could be used", result.Message)
    Assert.Contains("rarely: needs at least 5 images.", result.Message)
    Assert.Empty result.Counterexample

    // A loss that bends everywhere has no slope anywhere.
    let waves =
        checkLoss "waves" (Loss.scoped (fun s _ -> (s * 1e6).sin().sum())) [ Claim.GradientIsSlope ]

    Assert.Equal(Verdict.NotTested, waves[Claim.GradientIsSlope].Verdict)

[<Fact>]
let ``An exception breaks the claim, and the smallest case that throws is shown`` () =
    let result =
        (checkLoss "x" (fun s _ -> failwith $"no {s.dim ()}") [ Claim.Finite ])[Claim.Finite]

    Assert.Equal(Verdict.Broken, result.Verdict)
    Assert.Equal("the loss threw Exception: no 4", result.Message)
    Assert.Single result.Counterexample[0].Values |> ignore

[<Fact>]
let ``A loss that refuses what it says it takes breaks its claim`` () =
    let refusing =
        { new IFeatureLoss with
            member _.Name = "refusing"
            member _.Fit = MapFit.Any

            member _.Compute(student, teacher) = L2Loss().Compute(student, teacher)
        }

    let result =
        (Check.featureLoss CheckSettings.Default [ Claim.Finite ] refusing)[Claim.Finite]

    Assert.Equal(Verdict.Broken, result.Verdict)
    Assert.Contains("must have one shape", result.Message)

[<Fact>]
let ``A claim about more than a function names the interface that it needs`` () =
    (fun () -> checkClaims [ Claim.AffineRows ] "kd")
    |> Setup.fails "kd: to test AffineRows it must be an IClassRelation, and KdLoss is none."

    (fun () -> checkClaims [ Claim.Decomposition ] "kd")
    |> Setup.fails "kd: to test Decomposition it must be an IDecoupled, and KdLoss is none."

    (fun () -> checkClaims [ Claim.SumIsMeanTimesSize ] "at")
    |> Setup.fails "at: to test SumIsMeanTimesSize it must be an IReducible, and AtLoss is none."

    (fun () -> checkClaims [ Claim.DepthZeroIsLinear ] "linear")
    |> Setup.fails "linear: to test DepthZeroIsLinear it must be a record with an option Depth"

[<Fact>]
let ``A claim that nobody can make of the subject is refused with those that can be made`` () =
    (fun () -> checkClaims [ Claim.PositionWise ] "l2")
    |> Setup.fails "l2: PositionWise is not claimed of a loss of feature maps; expected some of Finite, "

    (fun () -> checkClaims [ Claim.LogitShift ] "l2")
    |> Setup.fails "l2: LogitShift is not claimed of a loss of feature maps"

    (fun () -> checkClaims [ Claim.ChannelOrder ] "kd")
    |> Setup.fails "kd: ChannelOrder is not claimed of a loss of logits"

    (fun () -> checkClaims [ Claim.NonNegative ] "linear")
    |> Setup.fails "linear: NonNegative is not claimed of an aligner"

    (fun () -> checkClaims [] "l2")
    |> Setup.fails "l2: no claim was made, so there is nothing to test."

[<Fact>]
let ``Every claim can be tried of something`` () =
    let everything = LanguagePrimitives.EnumOfValue<int64, Claim> -1L

    for claim in Claims.Each everything do
        let tried =
            [ "l2"; "dist"; "dkd"; "channel-mlp"; "orthogonal" ]
            |> List.exists (fun word ->
                try
                    check' { CheckSettings.Default with Cases = 1 } word |> ignore

                    Check.anything { CheckSettings.Default with Cases = 1 } (Some [ claim ]) word
                    |> ignore

                    true
                with :? KdException ->
                    false)

        Assert.True(tried, $"{claim} has no property.")

[<Fact>]
let ``A name that is none is answered with the nearest`` () =
    (fun () -> check "rkt")
    |> Setup.fails "'rkt' is no loss and no aligner; the nearest is '"

    (fun () -> check 3)
    |> Setup.fails "check: Int32 is no loss and no aligner; expected an IFeatureLoss"

    (fun () -> check' { CheckSettings.Default with Cases = 0 } "l2")
    |> Setup.fails "l2: 0 cases; expected at least 1."

[<Fact>]
let ``A built loss is tested as a function and as it is built`` () =
    // Right as a function; what is built forgets to detach.
    let careless =
        { new IBuiltLoss with
            member _.Name = "careless"
            member _.Compute(student, teacher) = L2Loss().Compute(student, teacher)

            member _.Build(_, _, _) =
                { new torch.nn.Module<Tensor, Tensor, Tensor>("careless") with
                    override _.forward(student, teacher) =
                        Loss.scoped (fun s t -> (s - t).square().mean()) student teacher
                }
        }

    let result =
        (Check.featureLoss CheckSettings.Default [ Claim.TeacherUntouched ] careless)[Claim.TeacherUntouched]

    Assert.StartsWith("built for a connection: a gradient reaches the teacher", result.Message)

[<Fact>]
let ``A loss that is only built is tested as it is built, and one that refuses all maps says why`` () =
    Assert.True((check (OfdLoss())).AllHeld)
    let report = check (VidLoss 0.0)
    Assert.All(report.Results, (fun result -> Assert.Contains("initial variance is 0; expected", result.Message)))

[<Fact>]
let ``Nothing is left alive, and torch's generator is where it was`` () =
    use scope = torch.NewDisposeScope()

    let state () =
        (torch.random.get_rng_state ()).data<byte>().ToArray()

    let before = state ()
    let statistics = DisposeScopeManager.Statistics
    check "vid" |> ignore // what is made once
    check "masked" |> ignore
    let alive = statistics.ThreadTotalLiveCount

    for subject in [ "l2"; "dkd"; "vid"; "masked"; "channel-mlp" ] do
        check subject |> ignore

    checkLoss "leaks" (fun s t -> (s - t).square().mean()) [ Claim.NothingLeft ]
    |> ignore

    Assert.Equal(alive, statistics.ThreadTotalLiveCount)
    Assert.Equal<byte[]>(before, state ())

[<Fact>]
let ``A reader who interrupts gets no report`` () =
    use stop = new CancellationTokenSource()
    let mutable calls = 0
    use _ = RunContext.Use(RunContext(ProgressReporter.Silent, "artifacts", stop.Token))

    let interrupted =
        mapLoss "x" (fun s t ->
            calls <- calls + 1

            if calls = 10 then
                stop.Cancel()

            L2Loss().Compute(s, t))

    Assert.ThrowsAny<System.OperationCanceledException>(fun () ->
        Check.featureLoss CheckSettings.Default [ Claim.NonNegative; Claim.Finite ] interrupted
        |> ignore)
    |> ignore

    Assert.Equal(10, calls)

[<Fact>]
let ``A loss written in a cell is checked by what its writer claims`` () =
    let report =
        checkLoss
            "mine"
            (fun student teacher ->
                use scope = torch.NewDisposeScope()
                let difference = student.mean [| 2L; 3L |] - teacher.detach().mean [| 2L; 3L |]
                (difference.square().sum() / student.shape[0]).MoveToOuterDisposeScope())
            [ Claim.Distance; Claim.ChannelOrder ]

    Assert.Equal("mine", report.Subject)
    Assert.Equal<Claim list>([ Claim.ChannelOrder ], [ for result in report.Broken -> result.Claim ])

    // Two channels whose means differ, in the other order.
    Assert.Equal<int64 seq>([ 1L; 2L; 1L; 1L ], report[Claim.ChannelOrder].Counterexample[0].Shape)

[<Fact>]
let ``An aligner written in a cell is checked`` () =
    let report =
        checkAligner
            "mine"
            (fun ours theirs -> torch.nn.Conv2d(ours, theirs, 3L, padding = 1L))
            [ Claim.EveryAligner; Claim.PositionWise ]

    Assert.Equal<Claim list>([ Claim.PositionWise ], [ for result in report.Broken -> result.Claim ])
