using System.Runtime.InteropServices;
using KdNotebooks.Benchmarks;
using KdNotebooks.Native;

// What the project claims about its speed, measured again: `dotnet run -c Release --project tests/Benchmarks [name ...]`.
// Not BenchmarkDotNet: the claims are ratios between two processes and two languages, taken in turn within one run.
Dictionary<string, Func<IEnumerable<Claim>>> parts = new()
{
    ["pytorch"] = AgainstPyTorch.Run,
    ["depth"] = TeacherDepth.Run,
    ["cohort"] = CohortScaling.Run,
    ["loading"] = ImageLoading.Run,
    ["managed"] = OutsideLibtorch.Run,
    ["memory"] = FlatMemory.Run,
    ["regions"] = AgainstTorchvision.Run,
    ["detector"] = DetectorStep.Run,
    ["detector-memory"] = DetectorMemory.Run,
    ["coco"] = CocoScore.Run,
};

var unknown = args.Except(parts.Keys).ToList();
if (unknown.Count > 0)
{
    Console.Error.WriteLine($"No such benchmark: {string.Join(", ", unknown)}. Known: {string.Join(", ", parts.Keys)}; none runs all.");
    return 2;
}

NativeLibraries.EnsureLoaded();
Console.WriteLine($"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, {torch.get_num_threads()} threads, batch {Setup.BatchSize}");
var claims = new List<Claim>();
foreach (var (name, run) in parts.Where(part => args.Length == 0 || args.Contains(part.Key)))
{
    Console.WriteLine(name);
    claims.AddRange(run());
}

Console.WriteLine();
claims.ForEach(Console.WriteLine);
return claims.TrueForAll(claim => claim.Holds) ? 0 : 1;
