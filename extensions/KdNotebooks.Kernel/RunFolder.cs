using KdNotebooks.Runtime;

namespace KdNotebooks.Kernel;

/// <summary>The folder that a run of a notebook leaves its files in.</summary>
/// <remarks>
/// An earlier run's results must not pass for this run's, nor be lost to a run that fails: the files of the last run
/// that had results wait in "previous" until the next run with results takes their place.
/// </remarks>
internal sealed class RunFolder
{
    private const string Results = "results.json";

    private readonly string folder;
    private readonly string name;

    /// <param name="source">The notebook that is to run; it must not be overwritten.</param>
    /// <exception cref="KdException">The folder cannot be made or written, or is the notebook's own.</exception>
    public RunFolder(string folder, string source)
    {
        this.folder = Path.GetFullPath(folder);
        name = Path.GetFileNameWithoutExtension(source);
        if (Notebook == Path.GetFullPath(source))
        {
            throw new KdException(
                $"The output folder {this.folder} is the notebook's own: the executed notebook would overwrite it. "
                + "Choose another folder with --out.");
        }

        RequireWritable();
        foreach (var file in Own())
        {
            if (AtomicFile.Target(file) != file)
            {
                throw new KdException(
                    $"{file} is a link, which the run would replace. Remove it, or choose another folder with --out.");
            }
        }
    }

    public string Root => folder;

    public string Notebook => Path.Combine(folder, name + ".ipynb");

    public string Report => Path.Combine(folder, name + ".html");

    /// <summary>What is there now: notebook, report, results.</summary>
    public IReadOnlyList<string> Files => [.. Own().Where(File.Exists)];

    /// <summary>Clears the place for a new run.</summary>
    public void SetEarlierRunAside()
    {
        if (!File.Exists(Path.Combine(folder, Results)))
        {
            // It left no results, so there is nothing worth keeping.
            File.Delete(Notebook);
            File.Delete(Report);
            return;
        }

        var previous = Directory.CreateDirectory(Path.Combine(folder, "previous")).FullName;
        foreach (var file in Own())
        {
            var kept = Path.Combine(previous, Path.GetFileName(file));
            File.Delete(kept);
            if (File.Exists(file))
            {
                File.Move(file, kept);
            }
        }
    }

    private string[] Own() => [Notebook, Report, Path.Combine(folder, Results)];

    private void RequireWritable()
    {
        try
        {
            Directory.CreateDirectory(folder);
            File.Create(Path.Combine(folder, Path.GetRandomFileName()), 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KdException(
                $"The output folder {folder} cannot be written: {error.Message} Choose another with --out.", error);
        }
    }
}
