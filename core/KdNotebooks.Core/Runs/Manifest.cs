using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using KdNotebooks.Data;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;

namespace KdNotebooks.Runs;

/// <summary>What a run was made of, as manifest.json: enough to make it again, and to doubt it.</summary>
internal static class Manifest
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <param name="notes">What was said of it before training.</param>
    /// <param name="drawn">
    /// What of the student the initial weights did not hold; null or none where there are none.
    /// </param>
    /// <param name="teachers">The recipe's, in its order, each with its fingerprint.</param>
    public static string Write(
        RunIdentity run, Dataset data, IReadOnlyList<(TeacherCheck Check, string Fingerprint)> teachers,
        torch.Device device, RunStatus status, IReadOnlyList<string> notes, IReadOnlyList<string>? drawn = null)
    {
        var has = run.Recipe.Teacher is not null;
        var (first, further) = (has ? teachers[0] : default, teachers.Skip(has ? 1 : 0).ToList());
        var manifest = new JsonObject
        {
            ["id"] = run.Id,
            ["hash"] = run.Hash,
            ["status"] = status.Word,
            ["written"] = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ"),
            ["recipe"] = JsonNode.Parse(RecipeJson.Write(run.Recipe)),
            ["data"] = new JsonObject
            {
                ["name"] = data.Name,
                ["fingerprint"] = run.Data,
                ["train"] = data.Train.Count,
                ["validation"] = data.Validation.Count,
                ["test"] = data.Test?.Count ?? 0,
            },
            ["teacher"] = first.Check is null ? null : Teacher(first.Check, first.Fingerprint),
            ["initial"] = run.Initial,
            ["drawn"] = drawn is { Count: > 0 } ? new JsonArray([.. drawn.Select(name => (JsonNode)name)]) : null,
            ["device"] = device.ToString(),
            ["machine"] = run.Machine?.ToString(),
            ["threads"] = run.Machine?.Threads,
            ["interopThreads"] = torch.get_num_interop_threads(),
            ["processor"] = run.Machine?.Processor,
            ["instructions"] = run.Machine?.Instructions,
            ["platform"] = RuntimeInformation.OSDescription,
            ["versions"] = new JsonObject
            {
                ["KdNotebooks.Core"] = Version(typeof(Manifest)),
                ["TorchSharp"] = Version(typeof(torch)),
                [".NET"] = Environment.Version.ToString(),
            },
        };
        if (further.Count > 0)
        {
            manifest["furtherTeachers"] = new JsonArray(
                [.. further.Select(teacher => (JsonNode)Teacher(teacher.Check, teacher.Fingerprint))]);
        }

        status.NoteIn(manifest);
        if (notes.Count > 0)
        {
            manifest["notes"] = new JsonArray([.. notes.Select(note => (JsonNode)note)]);
        }

        NoteLeftOut(manifest["data"]!.AsObject(), data);
        NoteGuests(manifest, run);
        return manifest.ToJsonString(Indented);
    }

    // Images that were left out, because that was asked for: how many of each split, and which, as far as a reader reads.
    private static void NoteLeftOut(JsonObject text, Dataset data)
    {
        const int Named = 100;
        (string Name, SampleSet? Set)[] splits = [("train", data.Train), ("validation", data.Validation), ("test", data.Test)];
        var files = splits.SelectMany(split => split.Set?.LeftOut ?? []).ToList();
        if (files.Count > 0)
        {
            text["leftOut"] = new JsonObject(splits.Where(split => split.Set is not null)
                .Select(split => KeyValuePair.Create(split.Name, (JsonNode?)split.Set!.LeftOut.Count)));
            text["leftOutFiles"] = new JsonArray([.. files.Take(Named).Select(file => (JsonNode)file)]);
        }
    }

    private static JsonObject Teacher(TeacherCheck teacher, string fingerprint) => new()
    {
        ["name"] = teacher.Name,
        ["fingerprint"] = fingerprint,
        [RunFolder.Key("validation", teacher.Metric)] = NumberOrNull.Node(teacher.Validation),
        [RunFolder.Key("test", teacher.Metric)] = NumberOrNull.Node(teacher.Test),
        ["unmeasured"] = teacher.Unmeasured,
    };

    // Whoever finds the folder must know what it takes to make the run again.
    private static void NoteGuests(JsonObject manifest, RunIdentity run)
    {
        if (Guests.Of(run.Recipe) is not { Count: > 0 } guests)
        {
            return;
        }

        manifest["own"] = new JsonArray([.. guests.Select(guest => (JsonNode)new JsonObject
        {
            ["role"] = guest.Role,
            ["name"] = guest.Name,
            ["code"] = guest.Role == Guests.Data ? run.Data : guest.Code,
        })]);
        manifest["rebuild"] = "JSON alone does not rebuild this run: "
            + string.Join(", ", guests.Select(guest => $"the {guest.Role} '{guest.Name}'"))
            + " must be registered first, with the same code (KdNotebooks.Parts.OwnParts, KnownDatasets.Register, or "
            + "the F# words of Own).";
    }

    private static string? Version(Type type) => type.Assembly.GetName().Version?.ToString(3);
}
