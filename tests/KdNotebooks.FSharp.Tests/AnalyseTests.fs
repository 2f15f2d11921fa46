// The output folder is one for the process.
[<Xunit.Collection "workspace">]
module KdNotebooks.FSharp.Tests.AnalyseTests

open KdNotebooks.Analysis
open KdNotebooks.FSharp
open KdNotebooks.Training
open Xunit

let private recipe =
    distill {
        data (FashionMnist.mini |> FashionMnist.take 64 50 50)
        teacher (Pretrained.model "fashion-teacher")
        student (Resnet.small 8)
        connect "layer3" "layer3" (channelMlp 1)
        alpha 1.0
        epochs 1
        batchSize 32
    }

[<Fact>]
let ``A run of a result is opened and answers every word`` () =
    Samples.inFolder (fun _ ->
        let result = ablate recipe [ noDistillation; mlp 1 ] (seeds 2) |> run
        let opened = examine result "mlp-1" 2

        Assert.Equal("mlp-1, seed 2", opened.Name)
        Assert.Equal(opened.Name, (openRun opened.Folder).Name)
        Assert.Equal(50, (predictions opened).Items.Count)
        Assert.Equal(50L, (confusion opened).Total)

        let seen = scenes [ 3; 0 ] [ examine result "none" 2; opened ]
        Assert.Equal<string seq>([ "none, seed 2"; "mlp-1, seed 2" ], seen.Models)
        Assert.Equal<int seq>([ 3; 0 ], [ for image in seen.Images -> image.Index ])

        Assert.Equal(3, (opened |> maps 3).Index)
        Assert.Equal("layer3 mlp-1 l2", (Seq.exactlyOne (correlation opened)).Connection)
        Assert.Equal<string seq>([ "layer1"; "layer2"; "layer3"; "" ], (cka opened).StudentPaths)
        Assert.Equal(10, (classChange result "mlp-1").Lines.Count)

        let alone = examine result "none" 2
        Assert.Equal("fashion-teacher", (ckaWith (Pretrained.model "fashion-teacher") alone).TeacherName)
        Assert.Equal("none, seed 2", (predictions opened |> beside alone).Baseline.Run)
        Samples.fails "the nearest is 'mlp-1, seed 2'" (fun () -> examine result "mlp-2" 2))

[<Fact>]
let ``Scenes show the label maps of several runs, and classes change by intersection over union`` () =
    Samples.inFolder (fun _ ->
        let recipe =
            distill {
                data (FashionScenes.make 16 4 4 |> FashionScenes.size 32)
                task segmentation
                student (Segmenter.psp 18 4)
                augment (Scene.crop 32 32)
                epochs 1
                batchSize 8
            }

        let faster =
            {
                Name = "faster"
                Change = _.With(optimizer = Sgd 0.2)
            }

        let result = ablate recipe [ noDistillation; faster ] (seeds 2) |> run
        let one, other = examine result "none" 1, examine result "faster" 1

        let seen = scenes [ 3; 0 ] [ one; other ]
        Assert.Equal<string seq>([ "none, seed 1"; "faster, seed 1" ], seen.Models)
        Assert.Equal<int seq>([ 3; 0 ], [ for image in seen.Images -> image.Index ])
        Assert.Equal("IoU of the class", (classChange result "faster").Measured)

        let student =
            Pretrained.model (System.IO.Path.Combine(other.Folder, "last.safetensors"))

        Assert.Equal("teacher last", (scenesWith student [ 0 ] [ one ]).Models[0])
        Assert.Equal("backbone.layer1", (ckaWith student one).StudentPaths[0])
        Assert.Equal<int seq>([ 0; 1; 2 ], (predictions one).Images)
        Assert.Equal("none, seed 1", (predictions other |> beside one).Baseline.Run)
        Assert.Equal(4096L, (confusion one).Total)
        Samples.fails "no run came" (fun () -> scenes [ 0 ] []))
