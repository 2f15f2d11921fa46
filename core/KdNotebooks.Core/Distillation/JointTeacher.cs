using KdNotebooks.Data;

namespace KdNotebooks.Distillation;

/// <summary>
/// Several teachers as one: each sees a batch once, whoever of a cohort is held to it. The first one's outputs stand under
/// their paths, the others' behind the teacher's name.
/// </summary>
/// <remarks>It owns none of them.</remarks>
/// <param name="first">Null where nobody is held to a first one.</param>
/// <param name="further">By their names.</param>
internal sealed class JointTeacher(ITeacher? first, IReadOnlyDictionary<string, ITeacher> further) : ITeacher
{
    public IReadOnlyList<string> Paths => first?.Paths ?? [];

    public TeacherMaps Maps { get; } = (first?.Maps ?? TeacherMaps.None) with
    {
        Further = further.ToDictionary(entry => entry.Key, entry => entry.Value.Maps),
    };

    /// <summary>What they compute with, for who wants one batch and no cache.</summary>
    public static ITeacher Live(ITeacher teacher) => teacher switch
    {
        CachedTeacher cached => cached.Live,
        JointTeacher joint => joint.Live(),
        _ => teacher,
    };

    public IReadOnlyDictionary<string, Tensor> Features(Batch batch)
    {
        var all = new Dictionary<string, Tensor>(first?.Features(batch) ?? new Dictionary<string, Tensor>());
        foreach (var (name, teacher) in further)
        {
            foreach (var (path, output) in teacher.Features(batch))
            {
                all[FurtherGuidance.Path(name, path)] = output;
            }
        }

        return all;
    }

    public void Dispose()
    {
    }

    private JointTeacher Live() => new(
        first is null ? null : Live(first), further.ToDictionary(entry => entry.Key, entry => Live(entry.Value)));
}
