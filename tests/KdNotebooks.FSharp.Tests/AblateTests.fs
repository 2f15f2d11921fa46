// The output folder is one for the process.
[<Xunit.Collection "workspace">]
module KdNotebooks.FSharp.Tests.AblateTests

open System.Globalization
open System.Threading
open KdNotebooks.Aligners
open KdNotebooks.Distillation
open KdNotebooks.Results
open KdNotebooks.FSharp
open KdNotebooks.Native
open KdNotebooks.Runtime
open Xunit

let private recipe =
    distill {
        data (FashionMnist.mini |> FashionMnist.take 32 20 20)
        teacher (Pretrained.model "fashion-teacher" |> Pretrained.inMemory)
        student (Resnet.small 16)
        connect "layer2" "layer2" (channelMlp 2)
        connect "layer3" "layer3" (channelMlp 2)
        alpha 3.0
        logits (kd 2.0) 0.9
        epochs 1
        batchSize 32
        device "cpu"
    }

[<Fact>]
let ``Variants times seeds come in order, the first variant as the baseline`` () =
    let recipes = ablate recipe [ noDistillation; linear; mlp 1 ] [ 3; 1 ]

    Assert.Equal<(string * int) list>(
        [ "none", 3; "none", 1; "linear", 3; "linear", 1; "mlp-1", 3; "mlp-1", 1 ],
        [ for recipe in recipes -> recipe.Method, recipe.Seed ]
    )

[<Fact>]
let ``A variant changes what it is about, and its name, and nothing else`` () =
    let changes variant =
        Samples.differences recipe (List.exactlyOne (ablate recipe [ variant ] [ recipe.Seed ]))
        |> List.except [ "Method" ]
        |> List.sort

    Assert.Equal<string list>([ "Connections"; "Logits"; "Teacher" ], changes noDistillation)
    Assert.Equal<string list>([ "Connections" ], changes linear)
    Assert.Equal<string list>([ "Connections" ], changes (weight 1.0))
    Assert.Empty(changes (mlp 2))

[<Fact>]
let ``No distillation leaves the student alone`` () =
    let alone = noDistillation.Change recipe
    Assert.Null alone.Teacher
    Assert.Null alone.Logits
    Assert.Null alone.Fused
    Assert.Empty alone.Connections
    Assert.False alone.Distils

[<Fact>]
let ``An aligner is put into every connection, which keeps the rest`` () =
    let changed = (via (channelMlp 1 |> hidden 64)).Change recipe

    for before, after in Seq.zip recipe.Connections changed.Connections do
        Assert.Equal<IAligner>(channelMlp 1 |> hidden 64, after.Aligner)

        let back =
            Connection(after.Student, after.Teacher, before.Aligner, after.Loss, after.Alpha, after.Spatial)

        Assert.Equal(before, back)

[<Fact>]
let ``A weight is put on every connection, and its name is the same for every reader`` () =
    let changed = (weight 0.5).Change recipe
    Assert.All(changed.Connections, (fun (c: Connection) -> Assert.Equal(0.5, c.Alpha)))

    let review =
        FusedConnection([| Stage("a", "b") |], l2 Reduction.Mean, 2.0, System.Nullable 7, 3)

    Assert.Equal(
        FusedConnection(review.Stages, review.Loss, 0.5, review.Mid, review.WarmUp),
        ((weight 0.5).Change(recipe.With(fused = review))).Fused
    )

    Assert.Equal<string seq>(
        recipe.Connections |> Seq.map _.Aligner.Name,
        changed.Connections |> Seq.map _.Aligner.Name
    )

    let comma = CultureInfo.InvariantCulture.Clone() :?> CultureInfo
    comma.NumberFormat.NumberDecimalSeparator <- ","
    let before = CultureInfo.CurrentCulture

    try
        CultureInfo.CurrentCulture <- comma
        Assert.Equal("alpha 0.5", (weight 0.5).Name)
    finally
        CultureInfo.CurrentCulture <- before

[<Fact>]
let ``Variants are called by their aligner, or as they are told`` () =
    let names =
        [
            linear
            mlp 0
            mlp 2
            via (Identity())
            via (channelMlp 1 |> hidden 64) |> called "narrow"
        ]
        |> List.map _.Name

    Assert.Equal<string list>([ "linear"; "mlp-0"; "mlp-2"; "identity"; "narrow" ], names)

[<Fact>]
let ``Two changes together make one variant`` () =
    let variant = mlp 2 |> together (weight 0.5)
    let changed = variant.Change recipe
    Assert.Equal("mlp-2, alpha 0.5", variant.Name)
    Assert.Equal(ChannelMlp 2 :> IAligner, changed.Connections[0].Aligner)
    Assert.Equal(0.5, changed.Connections[0].Alpha)

[<Fact>]
let ``Seeds count from one`` () =
    Assert.Equal<int list>([ 1; 2; 3 ], seeds 3)
    Assert.Empty(seeds 0)

[<Fact>]
let ``What is run can be tabled, drawn, concluded on and saved`` () =
    Samples.inFolder (fun output ->
        let result = ablate recipe [ noDistillation; linear ] (seeds 2) |> run |> save

        Assert.Equal("none", (table result).Baseline)
        Assert.Equal("validation", (table result |> on "validation").Headline.Split)
        Assert.Equal(4, (curves result).Curves.Count)
        Assert.StartsWith("linear: ", conclude result "linear")
        Assert.Contains("over 2 seeds", conclude result "linear")
        Assert.StartsWith("none: ", concludeAgainst "linear" result "none")
        Assert.Equal(4, System.IO.Directory.GetDirectories(System.IO.Path.Combine(output, "runs")).Length)

        Assert.Equal<ResultRow seq>(
            (table result).Rows,
            ResultsFile.Read(System.IO.Path.Combine(output, "results.json"))
        ))

// The host cancels the token of RunContext.Current when the reader interrupts a cell.
[<Fact>]
let ``A reader who interrupts stops the run`` () =
    Samples.inFolder (fun output ->
        use stop = new CancellationTokenSource()
        stop.Cancel()
        use _ = RunContext.Use(RunContext(ProgressReporter.Silent, output, stop.Token))

        Assert.ThrowsAny<System.OperationCanceledException>(fun () ->
            ablate recipe [ noDistillation ] (seeds 1) |> run |> ignore)
        |> ignore)
