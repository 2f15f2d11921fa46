namespace KdNotebooks.FSharp.Tests

open System
open System.Reflection
open KdNotebooks.Data
open KdNotebooks.Datasets
open KdNotebooks.Distillation
open KdNotebooks.Models
open KdNotebooks.Recipes
open KdNotebooks.Runtime
open KdNotebooks.Teachers
open KdNotebooks.Weights
open KdNotebooks.FSharp
open KdNotebooks.Tasks
open KdNotebooks.Tasks.Classification
open KdNotebooks.Training
open Xunit

module Samples =
    /// The fields of a C# record.
    let fields (t: Type) =
        t.GetProperties() |> Array.filter _.CanWrite

    let recipeFields = fields typeof<Recipe>

    /// The names of the fields in which two recipes differ.
    let differences (a: Recipe) (b: Recipe) =
        [
            for field in recipeFields do
                let text (recipe: Recipe) =
                    let only = Recipe(Method = "", Data = DataSpec "", Student = ResNetSpec())
                    field.SetValue(only, field.GetValue recipe)
                    RecipeJson.Write only

                if text a <> text b then
                    field.Name
        ]

    /// The plainest recipe that can be written.
    let plain =
        distill {
            data FashionMnist.mini
            student (Resnet.small 8)
        }

    /// Two recipes with no field in common.
    let one, other =
        let recipe name number task =
            Recipe(
                Method = name,
                Data = DataSpec(name, Nullable number),
                Task = task,
                Teacher = TeacherSpec name,
                FurtherTeachers = [| FurtherTeacher(TeacherSpec name, float number) |],
                Student = ResNetSpec(8, number),
                Initial = InitialWeights name,
                Inherited = [| name |],
                Connections = [| Connection(name, "layer3", channelMlp number, l2 Reduction.Mean, 0.5) |],
                Fused = FusedConnection([| Stage(name, "layer2") |], l2 Reduction.Mean, 0.5, Nullable number, number),
                Logits = LogitConnection(kd (float number), 0.5),
                TaskWeight = 0.1 * float number,
                Optimizer = Sgd(float number),
                Schedule = Cosine(0.1 * float number),
                Epochs = number,
                Iterations = Nullable number,
                BatchSize = number,
                ClipNorm = Nullable(float number),
                Accumulate = Nullable number,
                Average = WeightAverage(0.1 * float number),
                EarlyStopping = EarlyStopping number,
                Parameters = ParameterRules(Frozen = [| name |]),
                Augmentation = PaddedCrop number,
                Device = name,
                Seed = number
            )

        recipe "one" 3 (ClassificationSpec() :> ITaskSpec), recipe "other" 4 segmentation

    /// Runs a test with another output folder, which is gone afterwards.
    let inFolder (test: string -> unit) =
        let folder = IO.Directory.CreateTempSubdirectory("kd-fsharp-").FullName
        let output = IO.Path.Combine(folder, "output")

        try
            use _ =
                RunContext.Use(RunContext(ProgressReporter.Silent, output, Threading.CancellationToken.None))

            test output
        finally
            IO.Directory.Delete(folder, true)

    let fails (message: string) (action: unit -> 'a) =
        let error =
            Assert.Throws<KdNotebooks.Runtime.KdException>(fun () -> action () |> ignore)

        Assert.Contains(message, error.Message)

    [<Fact>]
    let ``The two recipes differ in every field, so that no field can hide`` () =
        Assert.Equal<string list>([ for field in recipeFields -> field.Name ], differences one other)
