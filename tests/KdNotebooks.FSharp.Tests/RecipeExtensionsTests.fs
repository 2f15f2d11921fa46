module KdNotebooks.FSharp.Tests.RecipeExtensionsTests

open System
open System.Reflection
open KdNotebooks.Distillation
open KdNotebooks.Recipes
open KdNotebooks.FSharp
open Xunit

// The extension member as .NET sees it: the recipe, then one option a field.
let private withMethod =
    typeof<RecipeBuilder>.Assembly.GetTypes()
    |> Seq.filter (fun t -> t.Name = "RecipeExtensions")
    |> Seq.collect _.GetMethods()
    |> Seq.find (fun m -> m.Name.Contains "With")

let private options = withMethod.GetParameters() |> Array.skip 1

let private field (parameter: ParameterInfo) =
    Samples.recipeFields
    |> Array.find (fun f -> String.Equals(f.Name, parameter.Name, StringComparison.OrdinalIgnoreCase))

/// `recipe.With(...)` with these fields taken from another recipe.
let private copy (recipe: Recipe) (taken: Recipe) (names: string list) =
    let argument (parameter: ParameterInfo) =
        let field = field parameter

        if List.contains field.Name names then
            Activator.CreateInstance(parameter.ParameterType, [| field.GetValue taken |])
        else
            null

    withMethod.Invoke(null, [| box recipe; yield! options |> Array.map argument |])
    |> nonNull
    |> unbox<Recipe>

[<Fact>]
let ``With has one option for every field of a recipe and no other`` () =
    Assert.Equal<string seq>(
        Samples.recipeFields |> Seq.map _.Name |> Seq.sort,
        options |> Seq.map (fun parameter -> (field parameter).Name) |> Seq.sort
    )

[<Fact>]
let ``With nothing named every field is copied`` () =
    Assert.Empty(Samples.differences Samples.one (Samples.one.With()))

[<Fact>]
let ``Each field can be changed, and it alone changes`` () =
    for field in Samples.recipeFields do
        let changed = copy Samples.one Samples.other [ field.Name ]
        Assert.Equal<string list>([ field.Name ], Samples.differences Samples.one changed)
        Assert.DoesNotContain(field.Name, Samples.differences Samples.other changed)

[<Fact>]
let ``Numbers are plain, also where a recipe may have none`` () =
    let changed = Samples.one.With(iterations = 100, clipNorm = 2.0)
    Assert.Equal((Nullable 100, Nullable 2.0), (changed.Iterations, changed.ClipNorm))
    Assert.Equal<string list>([ "ClipNorm" ], Samples.differences Samples.one (withoutClip Samples.one))
    Assert.Equal<string list>([ "Iterations" ], Samples.differences Samples.one (withoutIterations Samples.one))

[<Fact>]
let ``What holds a recipe can be taken from another, and a student alone has no teacher`` () =
    let held = Samples.one.HeldBy Samples.other.Guidance

    Assert.Equal<string list>(
        [ "FurtherTeachers"; "Connections"; "Fused"; "Logits" ],
        Samples.differences Samples.one held
    )

    Assert.Null held.FurtherTeachers
    Assert.Null (Samples.one.HeldBy Guidance.None).Teacher

[<Fact>]
let ``What may be null can be set back to null`` () =
    let changed =
        Samples.one.With(
            teacher = null,
            inherited = null,
            fused = null,
            logits = null,
            parameters = null,
            furtherTeachers = null,
            average = null,
            earlyStopping = null,
            connections = [||]
        )
        |> withoutClip
        |> withoutIterations

    Assert.Null changed.Teacher
    Assert.Null changed.Inherited
    Assert.Null changed.Fused
    Assert.Null changed.Logits
    Assert.False changed.ClipNorm.HasValue
    Assert.False changed.Iterations.HasValue
    Assert.Null changed.Parameters
    Assert.Null changed.FurtherTeachers
    Assert.Null changed.Average
    Assert.Null changed.EarlyStopping
    Assert.Empty changed.Connections
