module KdNotebooks.FSharp.Tests.DistillTests

open System
open KdNotebooks.Aligners
open KdNotebooks.Data
open KdNotebooks.Datasets
open KdNotebooks.Distillation
open KdNotebooks.Models
open KdNotebooks.Recipes
open KdNotebooks.Runtime
open KdNotebooks.Teachers
open KdNotebooks.FSharp
open KdNotebooks.Losses
open KdNotebooks.Training
open KdNotebooks.Weights
open Xunit

let private draft = RecipeBuilder()

/// What one line changes in the plainest recipe.
let private line (write: Draft -> Draft) =
    let start =
        draft.Student(draft.Data(draft.Yield(), FashionMnist.mini), Resnet.small 8)

    draft.Run(write start)

[<Fact>]
let ``What is left out keeps the defaults of the core`` () =
    let expected =
        Recipe(Method = "distilled", Data = DataSpec "fashion-mnist-mini", Student = ResNetSpec(8, 8))

    Assert.Equal(expected, Samples.plain)

[<Fact>]
let ``Every line sets its own field and nothing else`` () =
    let lines: (string * (Draft -> Draft)) list =
        [
            "Data", fun d -> draft.Data(d, FashionMnist.full)
            "Teacher", fun d -> draft.Teacher(d, Pretrained.model "t")
            "FurtherTeachers", fun d -> draft.AlsoTeacher(d, Pretrained.model "t", 0.5)
            "Student", fun d -> draft.Student(d, Resnet.small 4)
            "Initial", fun d -> draft.StartFrom(d, "w.safetensors")
            "Inherited", fun d -> draft.Inherits(d, [ "layer3"; "fc" ])
            "Connections", fun d -> draft.Connect(d, "layer3", "layer3", linearAligner)
            "Fused", fun d -> draft.Review(d, [ "layer2", "layer2"; "layer3", "layer3" ], l2 Reduction.Mean, 2.0)
            "Logits", fun d -> draft.Logits(d, kd 2.0, 0.9)
            "TaskWeight", fun d -> draft.TaskWeight(d, 0.1)
            "Optimizer", fun d -> draft.Optimizer(d, Optimizer.adamw 1e-3)
            "Schedule", fun d -> draft.Schedule(d, Schedule.constant)
            "Epochs", fun d -> draft.Epochs(d, 9)
            "Iterations", fun d -> draft.Iterations(d, 9)
            "BatchSize", fun d -> draft.BatchSize(d, 9)
            "ClipNorm", fun d -> draft.Clip(d, 9.0)
            "Accumulate", fun d -> draft.Accumulate(d, 4)
            "Average", fun d -> draft.Average(d, 0.99)
            "EarlyStopping", fun d -> draft.EarlyStopping(d, 3)
            "Parameters", fun d -> draft.Frozen(d, [ "conv1" ])
            "Augmentation", fun d -> draft.Augment(d, crop 1)
            "Device", fun d -> draft.Device(d, "cpu")
            "Seed", fun d -> draft.Seed(d, 9)
            "Method", fun d -> draft.Named(d, "m")
        ]

    for name, write in lines do
        Assert.Equal<string list>([ name ], Samples.differences Samples.plain (line write))

    // Three words write one field, and each keeps what the others said.
    let ruled =
        line (fun d -> draft.Rates(draft.FrozenNorms(draft.Frozen(d, [ "conv1" ]), [ "" ]), [ "fc", 0.1 ]))

    Assert.Equal(ParameterRules([| "conv1" |], [| "" |], [| ModuleRate("fc", 0.1) |]), ruled.Parameters)

    // Another task needs another augmentation than the usual one, and keeps one that was chosen.
    let task d = draft.Task(d, segmentation)
    Assert.Equal<string list>([ "Task"; "Augmentation" ], Samples.differences Samples.plain (line task))

    let chosen (d: Draft) = draft.Augment(d, Scene.crop 64 64)
    Assert.Equal<string list>([ "Task" ], Samples.differences (line chosen) (line (chosen >> task)))

    // So that a field that comes later is either written by a line or missed here.
    Assert.Equal<string seq>(
        Samples.recipeFields |> Seq.map _.Name |> Seq.sort,
        Seq.append [ "Task" ] (Seq.map fst lines) |> Seq.sort
    )

[<Fact>]
let ``Connections have the teacher's scores in their order, one for each`` () =
    let scored =
        distill {
            data (FashionThings.make 8 8 8)
            task detection
            student (Detector.faster 18 8 16 8 32)
            teacher (Pretrained.model "t")
            scoredBy (Detector.proposalScores 2)
            connectEach (Detector.pyramid 2) (channelMlp 1)
            compare (ScoreL2Loss())
        }

    Assert.Equal<string list>(
        [ "rpn.head.cls_logits[0]"; "rpn.head.cls_logits[1]" ],
        [ for connection in scored.Connections -> string connection.Scores ]
    )

    Assert.Equal<string list>([ "head.classification_head.cls_logits[0]" ], Detector.classScores 1)

    let connected d =
        draft.Connect(draft.ScoredBy(d, [ "a"; "b" ]), "layer3", "layer3", linearAligner)

    let error = Assert.Throws<KdException>(fun () -> line connected |> ignore)

    Assert.Equal(
        "distill { ... }: the line `scoredBy` names 2 path(s) for 1 connection(s); expected one for each, in their order.",
        error.Message
    )

[<Fact>]
let ``A student begins with a file, or with part of one`` () =
    let begun weights =
        (distill {
            data FashionMnist.mini
            student (Resnet.small 8)
            startFrom (weights: InitialWeights)
        })
            .Initial

    let plain =
        distill {
            data FashionMnist.mini
            student (Resnet.small 8)
            startFrom "mine.safetensors"
        }

    Assert.Equal<InitialWeights | null>(InitialWeights "mine.safetensors", plain.Initial)
    let named = InitialWeights("mine.safetensors", "layer1", "net.layer1")
    Assert.Equal<InitialWeights | null>(named, begun named)

[<Fact>]
let ``A student inherits parts of its teacher, and alone it has none to inherit from`` () =
    let heir =
        distill {
            data FashionMnist.mini
            teacher (Pretrained.model "t")
            student (Resnet.small 8)
            inherits [ "layer3"; "fc" ]
        }

    Assert.Equal<string list>([ "layer3"; "fc" ], List.ofSeq (nonNull heir.Inherited))
    Assert.Null (heir.Alone()).Inherited

[<Fact>]
let ``A whole recipe says what it reads as`` () =
    let recipe =
        distill {
            named "mlp"
            data FashionMnist.full
            teacher (Pretrained.model "t" |> Pretrained.inMemory)
            student (Resnet.create 14 4)
            connect "layer2" "layer3" (channelMlp 1 |> hidden 64 |> withoutBias)
            compare (l2 Reduction.SumPerBatch)
            spatial SpatialPolicy.Resize
            alpha 0.01
            warmUp 3
            review [ "layer1", "layer2"; "layer2", "layer3" ] (HclLoss()) 5.0
            taskWeight 0.1
            logits (kd 2.0) 0.9
            optimizer (Optimizer.sgd (0.05, nesterov = true))
            schedule (Schedule.warmUp (100, Schedule.cosine ()))
            epochs 20
            batchSize 64
            clip 1.0
            augment (crop 4 |> flip)
            device "cpu"
            seed 7
        }

    let expected =
        Recipe(
            Method = "mlp",
            Data = DataSpec "fashion-mnist",
            Teacher = TeacherSpec("t", TeacherSource.Memory),
            Student = ResNetSpec(14, 4),
            Connections =
                [|
                    Connection(
                        "layer2",
                        "layer3",
                        ChannelMlp(1, Nullable 64, Activation.ReLU, false),
                        L2Loss Reduction.SumPerBatch,
                        0.01,
                        SpatialPolicy.Resize,
                        3
                    )
                |],
            Fused =
                FusedConnection(
                    [| Stage("layer1", "layer2"); Stage("layer2", "layer3") |],
                    HclLoss(),
                    5.0,
                    Nullable(),
                    3
                ),
            Logits = LogitConnection(KdLoss 2.0, 0.9),
            TaskWeight = 0.1,
            Optimizer = Sgd(0.05, 0.9, 5e-4, true),
            Schedule = WarmUp(100, Cosine()),
            Epochs = 20,
            BatchSize = 64,
            ClipNorm = Nullable 1.0,
            Augmentation = PaddedCrop 4,
            Device = "cpu",
            Seed = 7
        )

    Assert.Equal(expected, recipe)
    Assert.Equal(recipe, RecipeJson.Read(RecipeJson.Write recipe))

[<Fact>]
let ``The order of lines does not matter, and alpha holds for connections before and after it`` () =
    let before =
        distill {
            alpha 5.0
            compare (l2 Reduction.SumPerBatch)
            spatial SpatialPolicy.Pool
            connect "a" "b" linearAligner
            student (Resnet.small 4)
            data FashionMnist.mini
        }

    let after =
        distill {
            data FashionMnist.mini
            student (Resnet.small 4)
            connect "a" "b" linearAligner
            spatial SpatialPolicy.Pool
            compare (l2 Reduction.SumPerBatch)
            alpha 5.0
        }

    Assert.Equal(before, after)
    Assert.Equal(5.0, before.Connections[0].Alpha)

[<Fact>]
let ``A connection may have a loss and a weight of its own beside those of the others`` () =
    let recipe =
        distill {
            data FashionMnist.mini
            student (Resnet.small 4)
            connect "layer1" "layer1" (identityAligner |> by (AtLoss()) 50.0)
            connect "layer2" "layer2" linearAligner
            connect "layer3" "layer3" (channelMlp 1 |> by (l2 Reduction.Mean) 5.0)
            compare (l2 Reduction.SumPerBatch)
            spatial SpatialPolicy.Pool
            alpha 2.0
            warmUp 1
        }

    Assert.Equal<Connection seq>(
        [
            Connection("layer1", "layer1", Identity(), AtLoss(), 50.0, SpatialPolicy.Pool, 1)
            Connection("layer2", "layer2", Linear(), L2Loss Reduction.SumPerBatch, 2.0, SpatialPolicy.Pool, 1)
            Connection("layer3", "layer3", ChannelMlp(), L2Loss(), 5.0, SpatialPolicy.Pool, 1)
        ],
        recipe.Connections
    )

[<Fact>]
let ``Connections stand in the order in which they were written`` () =
    let recipe =
        distill {
            data FashionMnist.mini
            student (Resnet.small 4)
            connect "layer2" "layer2" linearAligner
            connect "layer3" "layer3" (channelMlp 1)
            alpha 2.0
        }

    Assert.Equal<string seq>([ "layer2"; "layer3" ], recipe.Connections |> Seq.map _.Student)
    Assert.Equal<string seq>([ "linear"; "mlp-1" ], recipe.Connections |> Seq.map _.Aligner.Name)
    Assert.All(recipe.Connections, (fun (c: Connection) -> Assert.Equal(2.0, c.Alpha)))

[<Fact>]
let ``Without data or student it is refused by the missing line`` () =
    (fun () -> distill { student (Resnet.small 4) })
    |> Samples.fails "the line `data` is missing"

    (fun () -> distill { data FashionMnist.mini })
    |> Samples.fails "the line `student` is missing"

[<Fact>]
let ``Of a line that is written twice the last one holds`` () =
    let recipe =
        distill {
            data FashionMnist.full
            data FashionMnist.mini
            student (Resnet.small 4)
            epochs 1
            epochs 2
        }

    Assert.Equal(("fashion-mnist-mini", 2), (recipe.Data.Name, recipe.Epochs))

[<Fact>]
let ``What follows another teacher holds the student to it`` () =
    let recipe =
        distill {
            data FashionMnist.mini
            teacher (Pretrained.model "a")
            student (Resnet.small 8)
            connect "layer3" "layer3" (channelMlp 1)
            alsoTeacher (Pretrained.model "b" |> Pretrained.normalized [ 0.5 ] [ 0.25 ]) 0.5
            connect "layer2" "layer2" linearAligner
            logits (kd 4.0) 0.9
            alsoTeacher (Pretrained.model "c") 1.0
            review [ "layer1", "layer1"; "layer2", "layer2" ] (HclLoss()) 2.0
            alpha 5.0
            task (classification |> labelSmoothing 0.1)
            average 0.99
            earlyStopping (EarlyStopping(3, 0.1))
            accumulate 2
        }

    let beside = nonNull recipe.FurtherTeachers
    let b, c = beside[0], beside[1]
    Assert.Equal("layer3", (Assert.Single recipe.Connections).Student)
    Assert.Null(recipe.Logits)
    Assert.Null(recipe.Fused)
    Assert.Equal(("b", 0.5, 0.9), (b.Teacher.Weights, b.Weight, (nonNull b.Logits).Weight))
    Assert.Equal(InputNormalization([| 0.5 |], [| 0.25 |]), nonNull b.Teacher.Normalization)
    Assert.Equal((linearAligner, 5.0), (b.Connections[0].Aligner, b.Connections[0].Alpha))
    Assert.Equal(("c", 2), (c.Teacher.Weights, (nonNull c.Fused).Stages.Count))
    Assert.Equal(recipe, RecipeJson.Read(RecipeJson.Write recipe))

    Assert.Equal(
        (WeightAverage 0.99, EarlyStopping(3, 0.1), Nullable 2),
        (nonNull recipe.Average, nonNull recipe.EarlyStopping, recipe.Accumulate)
    )

    // An aligner is changed wherever maps are compared; the student alone has none.
    let changed = (mlp 2).Change recipe
    let further = nonNull changed.FurtherTeachers
    Assert.Equal(channelMlp 2 :> IAligner, further[0].Connections[0].Aligner)
    Assert.Null((noDistillation.Change recipe).FurtherTeachers)
