using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;
using KdNotebooks.Training;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Runs;

/// <summary>One term on one batch; <see cref="AlphaTerm"/> is the mean of some.</summary>
internal sealed record TermPull(
    string Name, double TaskLoss, double Loss, double TaskGradient, double Gradient, double Cosine, int Terms);

/// <summary>A student that learns the task alone, while the pull of every term on it is measured.</summary>
internal sealed class AlphaPupil : IDisposable
{
    private readonly ITask task;
    private readonly INetwork student;
    private readonly Distiller distiller;
    private readonly IReadOnlyList<Module> still;
    private readonly List<Parameter> ours, all;
    private readonly torch.optim.Optimizer optimizer;
    private readonly List<List<TermPull>> pulls = [];
    private Tensor randomState;

    /// <param name="testator">The teacher that the student inherits from; null where it inherits nothing.</param>
    public AlphaPupil(
        Recipe recipe, ITask task, TeacherMaps teacher, TrainedModel? testator, torch.Device device)
    {
        (Recipe, this.task) = (recipe, task);
        (student, distiller, randomState) = TorchGenerator.Seeded(recipe.Seed, () =>
        {
            var built = recipe.FirstStudent(task, testator);
            return (built, recipe.NewDistiller(built, teacher, task), TorchGenerator.State());
        });
        distiller.To(device);
        still = (recipe.Parameters ?? ParameterRules.None).Still(student.Root);
        foreach (var parameter in still.SelectMany(module => module.parameters()))
        {
            parameter.requires_grad = false;
        }

        ours = [.. student.Root.parameters().Where(parameter => parameter.requires_grad)];
        all = [.. ours, .. distiller.Aligners.parameters()];
        optimizer = recipe.Optimizer.Build(all);
    }

    public Recipe Recipe { get; }

    /// <summary>One list a step, with every term of the recipe.</summary>
    public IReadOnlyList<List<TermPull>> Pulls => pulls;

    public void Step(Batch batch, IReadOnlyDictionary<string, Tensor> teacher) =>
        pulls.Add(TorchGenerator.From(ref randomState, () => Learn(batch, teacher)));

    public void Dispose()
    {
        randomState.Dispose();
        optimizer.Dispose();
        distiller.Dispose();
        student.Root.Dispose();
    }

    private List<TermPull> Learn(Batch batch, IReadOnlyDictionary<string, Tensor> teacher)
    {
        using var scope = torch.NewDisposeScope();
        student.Root.train();
        foreach (var module in still)
        {
            module.eval();
        }

        var (outputs, terms) = distiller.Forward(batch, teacher, epoch: int.MaxValue);
        // At a weight of 0 the targets are not looked at: there may be none.
        var learned = Recipe.TaskWeight == 0 ? torch.zeros([], device: batch.Images.device)
            : task.Loss(outputs, batch.Targets).Select(term => term.Value).Aggregate((sum, term) => sum + term)
                * Recipe.TaskWeight;
        var pull = Gradients(learned, ours);
        var aligners = all.Skip(ours.Count).ToList();
        var own = aligners.Select(_ => (Tensor?)null).ToList();
        var found = new List<TermPull>();
        foreach (var term in terms)
        {
            var gradients = Gradients(term.Value, all);
            var measured = Compare(term, learned, pull, gradients, terms.Count);
            var weight = Weight(measured, gradients.Skip(ours.Count));
            own = [.. own.Zip(gradients.Skip(ours.Count), (known, next) => known ?? next?.mul(weight))];
            found.Add(measured);
        }

        // The student by the task alone, each aligner by its own term.
        foreach (var (parameter, gradient) in ours.Zip(pull).Concat(aligners.Zip(own)))
        {
            parameter.grad = gradient;
        }

        optimizer.step();
        return found;
    }

    // A parameter that the loss does not reach has none.
    private List<Tensor?> Gradients(Tensor loss, List<Parameter> parameters)
    {
        all.ForEach(parameter => parameter.grad = null);
        if (loss.requires_grad)
        {
            loss.backward(retain_graph: true);
        }

        return [.. parameters.Select(parameter => parameter.grad?.clone())];
    }

    // As the suggested weight would have it, but no aligner's step longer than the student's: it must not run away from
    // a learning rate that was chosen for the student.
    private static double Weight(TermPull pull, IEnumerable<Tensor?> aligner)
    {
        if (!(pull.Gradient > 0))
        {
            return 1;
        }

        var length = Math.Sqrt(aligner.OfType<Tensor>().Sum(gradient => Math.Pow(gradient.norm().ToDouble(), 2)));
        var weight = pull.TaskGradient / pull.Gradient;
        return length > 0 ? Math.Min(weight, pull.TaskGradient / length) : weight;
    }

    private static TermPull Compare(
        LossTerm term, Tensor task, List<Tensor?> pull, List<Tensor?> gradients, int terms)
    {
        var shared = pull.Zip(gradients).Where(pair => pair is { First: not null, Second: not null }).ToList();
        if (shared.Count == 0)
        {
            return new TermPull(term.Name, task.ToDouble(), term.Value.ToDouble(), double.NaN, 0, double.NaN, terms);
        }

        var one = Flat(shared.Select(pair => pair.First!));
        var other = Flat(shared.Select(pair => pair.Second!));
        var (a, b) = (one.norm().ToDouble(), other.norm().ToDouble());
        return new TermPull(
            term.Name, task.ToDouble(), term.Value.ToDouble(), a, b, one.dot(other).ToDouble() / (a * b), terms);
    }

    private static Tensor Flat(IEnumerable<Tensor> gradients) =>
        torch.cat([.. gradients.Select(gradient => gradient.flatten())]);
}
