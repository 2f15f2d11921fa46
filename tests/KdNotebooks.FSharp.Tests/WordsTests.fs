/// A reader may use every word of F# itself beside ours.
module KdNotebooks.FSharp.Tests.WordsTests

open System
open System.Reflection
open Microsoft.FSharp.Core
open KdNotebooks.FSharp
open Xunit

let private marked (t: Type) =
    t.GetCustomAttributes<AutoOpenAttribute>()
    |> Seq.exists (fun a -> String.IsNullOrEmpty a.Path)

let private isModule (t: Type) =
    t.IsAbstract && t.IsSealed && t.IsPublic

/// The values and functions of a module, as they are called in code.
let private values (t: Type) =
    let named (m: MemberInfo) =
        match m.GetCustomAttribute<CompilationSourceNameAttribute>() with
        | null -> m.Name
        | source -> source.SourceName

    let flags =
        BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly

    t.GetMembers flags
    |> Seq.filter (fun m -> m :? MethodInfo || m :? PropertyInfo)
    |> Seq.map named
    |> Seq.filter (fun name -> not (name.Contains '.' || name.StartsWith "op_" || name.StartsWith "get_"))

/// What F# has opened before the first line: modules that open themselves, or that the assembly opens.
let private fsharps =
    let core = typeof<list<int>>.Assembly

    let paths =
        core.GetCustomAttributes<AutoOpenAttribute>() |> Seq.map _.Path |> Set.ofSeq

    let opened (t: Type) =
        isModule t
        && (marked t && Set.contains t.Namespace paths
            || Set.contains (string t.FullName) paths)

    core.GetExportedTypes()
    |> Seq.filter opened
    |> Seq.collect values
    |> Set.ofSeq
    |> Set.add "async"

let private ours =
    typeof<RecipeBuilder>.Assembly.GetExportedTypes()
    |> Seq.filter (fun t -> isModule t && marked t)
    |> Seq.collect values
    |> Set.ofSeq

[<Fact>]
let ``The words of F# are seen by this test`` () =
    for word in
        [
            "using"
            "hash"
            "id"
            "ignore"
            "fst"
            "max"
            "round"
            "exp"
            "compare"
            "printfn"
            "async"
        ] do
        Assert.Contains(word, fsharps)

    for word in [ "distill"; "channelMlp"; "by"; "via"; "table"; "noDistillation" ] do
        Assert.Contains(word, ours)

[<Fact>]
let ``No word of ours takes the place of one of F#'s`` () =
    Assert.Empty(Set.intersect ours fsharps)

// Within `distill { ... }` only, where there is nothing to order and nothing to wait for.
[<Fact>]
let ``Of the lines of a recipe only compare and task are words of F#'s`` () =
    let lines =
        typeof<RecipeBuilder>.GetMethods()
        |> Seq.collect _.GetCustomAttributes<CustomOperationAttribute>()
        |> Seq.map _.Name
        |> Set.ofSeq

    Assert.Contains("connect", lines)
    Assert.Equal<string seq>([ "compare"; "task" ], Set.intersect lines fsharps)
