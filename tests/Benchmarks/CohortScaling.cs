using KdNotebooks.Training;

namespace KdNotebooks.Benchmarks;

/// <summary>
/// What a cohort of K saves: K runs alone cost K (T + S), a cohort T + K S. The share of that ratio which is reached,
/// with T and S measured in the same run.
/// </summary>
internal static class CohortScaling
{
    private const int Students = 8, Steps = 10, Rounds = 5;

    public static IEnumerable<Claim> Run()
    {
        var data = Setup.Data(Steps);
        using var live = Setup.LiveTeacher();
        var members = Enumerable.Range(1, Students).Select(seed => Setup.StudentTrainer(live, seed)).ToList();
        var shares = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var alone = Setup.SecondsPerStep(data, live, [members[0]]); // T + S
            var student = StudentOnly(data, live, members[0]); // S
            var cohort = Setup.SecondsPerStep(data, live, members);
            var (teacher, saved) = (alone - student, Students * alone / cohort);
            var ideal = Students * alone / (teacher + (Students * student));
            shares.Add(saved / ideal);
            Console.WriteLine(
                $"  round {round}: T {1e3 * teacher:F1}, S {1e3 * student:F1}, cohort step {1e3 * cohort:F1} ms: "
                + $"{saved:F2} times of an ideal {ideal:F2}");
        }

        members.ForEach(member => member.Dispose());
        yield return new Claim(
            $"a cohort of {Students}, of K(T+S)/(T+KS)", 100 * Setup.Median(shares.Skip(1)), 90, AtLeast: true, " %");
    }

    // The same step on features that are there already.
    private static double StudentOnly(Data.Dataset data, Distillation.LiveTeacher live, StudentTrainer member)
    {
        using var fixedTeacher = new FixedTeacher(live, data);
        return Setup.SecondsPerStep(data, fixedTeacher, [member]);
    }
}
