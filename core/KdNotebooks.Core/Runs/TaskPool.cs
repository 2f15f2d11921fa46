using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Tasks;

namespace KdNotebooks.Runs;

/// <summary>The tasks of an experiment: what is on disk is opened, and checked, once for all of its recipes.</summary>
internal sealed class TaskPool
{
    private readonly Dictionary<DataSpec, Dataset> data = [];
    private readonly Dictionary<(ITaskSpec, DataSpec, IAugmentation), ITask> tasks = [];

    /// <summary>What should be known of them before training, each line once.</summary>
    public IEnumerable<string> Remarks => tasks.Values.SelectMany(task => task.Remarks()).Distinct();

    /// <exception cref="Runtime.KdException">The dataset is not there, or of another kind than the task.</exception>
    public ITask Get(ITaskSpec task, DataSpec spec, IAugmentation augmentation)
    {
        if (!tasks.TryGetValue((task, spec, augmentation), out var known))
        {
            if (!data.TryGetValue(spec, out var images))
            {
                data[spec] = images = KnownDatasets.Open(spec);
                // Some are opened once and stay: what they hold may have changed since.
                images.Refresh();
            }

            tasks[(task, spec, augmentation)] = known = task.On(images, augmentation);
        }

        return known;
    }
}
