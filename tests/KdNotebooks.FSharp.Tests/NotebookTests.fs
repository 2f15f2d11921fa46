/// What a reader sees of the library in notebooks and in the README is its words.
module KdNotebooks.FSharp.Tests.NotebookTests

open System
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Xunit

let private root =
    let rec above (folder: string) =
        if File.Exists(Path.Combine(folder, "KdNotebooks.sln")) then
            folder
        else
            above (nonNull (Path.GetDirectoryName folder))

    above AppContext.BaseDirectory

/// A cell's source, a list of lines.
let private source (cell: JsonElement) =
    [
        for line in cell.GetProperty("source").EnumerateArray() -> string (line.GetString())
    ]
    |> String.concat ""

let private cells (file: string) =
    use notebook = JsonDocument.Parse(File.ReadAllText file)

    [
        for cell in notebook.RootElement.GetProperty("cells").EnumerateArray() do
            nonNull (Path.GetFileName file), source cell
    ]

/// The blocks between fences.
let private blocks (file: string) =
    [
        for block in Regex.Matches(File.ReadAllText file, "(?ms)^```[a-z]+$(.*?)^```$") ->
            nonNull (Path.GetFileName file), block.Groups[1].Value
    ]

let private texts =
    [
        for file in Directory.GetFiles(Path.Combine(root, "notebooks"), "*.ipynb") do
            yield! cells file

        yield! blocks (Path.Combine(root, "README.md"))
    ]

[<Fact>]
let ``There is something to read`` () =
    Assert.Contains(texts, (fun (_, text) -> text.Contains "distill {"))
    Assert.Contains(texts, (fun (file, text) -> file = "README.md" && text.Contains "distill {"))

[<Theory>]
[<InlineData("Nullable")>]
[<InlineData(@"KdNotebooks(\.\w+)+\s*\(")>]
[<InlineData(@"new KdNotebooks\.")>]
let ``Neither nulls of numbers nor long constructors stand in a notebook`` (unwanted: string) =
    for file, text in texts do
        let found = Regex.Match(text, unwanted)
        Assert.False(found.Success, $"{file}: '{found.Value}' in\n{text}")
