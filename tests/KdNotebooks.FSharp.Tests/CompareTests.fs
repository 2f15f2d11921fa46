// The output folder is one for the process.
[<Xunit.Collection "workspace">]
module KdNotebooks.FSharp.Tests.CompareTests

open KdNotebooks.Aligners
open KdNotebooks.Distillation
open KdNotebooks.Results
open KdNotebooks.FSharp
open KdNotebooks.Losses
open KdNotebooks.Training
open Xunit

let private recipe =
    distill {
        data (FashionMnist.mini |> FashionMnist.take 64 50 50)
        teacher (Pretrained.model "fashion-teacher")
        student (Resnet.small 8)
        connect "layer2" "layer2" linearAligner
        connect "layer3" "layer3" linearAligner
        warmUp 3
        logits (kd 2.0) 7.0
        batchSize 32
        epochs 1
    }

let private methods =
    [
        Method.paper
        Method.kd
        Method.dkd
        Method.dist
        Method.fitNet
        Method.at
        Method.sp
        Method.nst
        Method.rkd
        Method.pkt
        Method.cc
        Method.vid
        Method.cwd
        Method.pkd
        Method.mgd
        Method.srd
        Method.vkd
        Method.pefd
        Method.review
    ]

[<Fact>]
let ``A method of maps takes the recipe's places and nothing of its losses`` () =
    let changed = (Method.fitNet 100.0).Change recipe
    Assert.Null changed.Logits

    Assert.Equal<Connection seq>(
        [
            for layer in [ "layer2"; "layer3" ] ->
                Connection(layer, layer, ConvReg(), L2Loss(), 100.0, SpatialPolicy.None, 3)
        ],
        changed.Connections
    )

[<Fact>]
let ``A method of logits has no connections`` () =
    let changed = (Method.dkd 0.5).Change recipe
    Assert.Empty changed.Connections
    Assert.Equal(LogitConnection(DkdLoss(1.0, 8.0, 4.0), 0.5), changed.Logits)

[<Fact>]
let ``A method of pooled features pools both maps`` () =
    for connection in ((Method.vkd 1.0).Change recipe).Connections do
        Assert.Equal(SpatialPolicy.Global, connection.Spatial)

[<Fact>]
let ``A review fuses the recipe's places`` () =
    let changed = (Method.review 5.0).Change recipe
    Assert.Empty changed.Connections
    Assert.Null changed.Logits

    Assert.Equal(
        FusedConnection(
            [| Stage("layer2", "layer2"); Stage("layer3", "layer3") |],
            HclLoss(),
            5.0,
            System.Nullable(),
            3
        ),
        changed.Fused
    )

    for another in [ Method.fitNet 1.0; Method.kd 1.0 ] do
        Assert.Null (another.Change(recipe.With(fused = changed.Fused))).Fused

[<Fact>]
let ``MGD sums over the map as its authors do`` () =
    let connection = ((Method.mgd 7e-5).Change recipe).Connections[0]
    Assert.Equal<IFeatureLoss>(L2Loss Reduction.SumPerBatch, connection.Loss)
    Assert.IsType<MaskedGenerative> connection.Aligner |> ignore

[<Fact>]
let ``A method is found by its name, with a weight of ours or the usual one`` () =
    let at = (Method.named "at" 50.0).Change recipe
    Assert.Equal(((Method.at 50.0).Change recipe), at)
    Assert.Equal(1000.0, ((Method.usual "at").Change recipe).Connections[0].Alpha)
    Samples.fails "'att' is no method; the nearest is 'at'." (fun () -> Method.named "att" 1.0)
    Samples.fails "Method 'ab' has no usual weight" (fun () -> Method.usual "ab")

[<Fact>]
let ``Any loss can stand where a method's does`` () =
    let mine = (Method.onPooled "mine" linearAligner (VkdLoss()) 2.0).Change recipe

    let expected layer =
        Connection(layer, layer, Linear(), VkdLoss(), 2.0, SpatialPolicy.Global, 3)

    Assert.Equal<Connection seq>([ expected "layer2"; expected "layer3" ], mine.Connections)

    let maps = (Method.onMaps "mine" linearAligner (L2Loss()) 2.0).Change recipe
    Assert.All(maps.Connections, (fun (c: Connection) -> Assert.Equal(SpatialPolicy.None, c.Spatial)))
    Assert.Equal(LogitConnection(kd 1.0, 2.0), ((Method.onLogits "mine" (kd 1.0) 2.0).Change recipe).Logits)

[<Fact>]
let ``Logits of segmentation are compared at their own place, at any temperature`` () =
    let variant = Method.cwdLogits 2.0 3.0
    Assert.Equal("cwd", variant.Name)

    Assert.Equal(
        Connection("classifier", "classifier", Identity(), CwdLoss 2.0, 3.0),
        Assert.Single((variant.Change recipe).Connections)
    )

[<Fact>]
let ``A method of maps is refused by a recipe that connects none`` () =
    Samples.fails "Method 'at' compares maps" (fun () -> (Method.at 1.0).Change Samples.plain)

[<Fact>]
let ``Every method has a name of its own`` () =
    let names = methods |> List.map (fun m -> (m 1.0).Name)
    Assert.Equal<string list>(names, List.distinct names)

// One student each, side by side: that each goes through two steps and an evaluation, not that it is worth anything.
[<Fact>]
let ``Every method can be trained`` () =
    Samples.inFolder (fun _ ->
        let result = ablate recipe (methods |> List.map (fun m -> m 1e-6)) [ 1 ] |> run
        Assert.Equal(methods.Length, result.Runs.Count)

        for row in result.Table.Rows do
            Assert.True(System.Double.IsFinite row.Value, string row))

[<Fact>]
let ``Connections can be set elsewhere`` () =
    let changed = (connecting "layer1" "layer1").Change recipe
    Assert.Equal("layer1", (connecting "layer1" "layer1").Name)
    Assert.Equal("layer1 to layer2", (connecting "layer1" "layer2").Name)
    let only = Assert.Single changed.Connections // both went to one place
    Assert.Equal(Connection("layer1", "layer1", linearAligner, L2Loss(), 1.0, SpatialPolicy.None, 3), only)

[<Fact>]
let ``A gradient can be clipped for one method alone`` () =
    let variant = Method.mgd 1.0 |> together (clipped 2.0)
    Assert.Equal(System.Nullable 2.0, (variant.Change recipe).ClipNorm)
    Assert.Equal("mgd, clip 2", variant.Name)

[<Fact>]
let ``Some methods of a table keep its baseline and come in the order asked for`` () =
    let rows =
        [
            for name in [ "none"; "a"; "b"; "c" ] -> ResultRow(name, 1, "accuracy", 1.0, "test")
        ]

    let some = ResultTable(rows, "none") |> among [ "c"; "a" ]
    Assert.Equal<string seq>([ "none"; "c"; "a" ], some.Methods)
    Samples.fails "'d' was not measured; the nearest is" (fun () -> ResultTable(rows, "none") |> among [ "d" ])

[<Fact>]
let ``A weight is suggested for each term`` () =
    let report = suggestAlphaAfter 1 1 [ (Method.paper 1.0).Change recipe ]
    Assert.Equal(2, report.Terms.Count)

    for term in report.Terms do
        Assert.InRange(term.Suggested, 0.01, 100.0)
