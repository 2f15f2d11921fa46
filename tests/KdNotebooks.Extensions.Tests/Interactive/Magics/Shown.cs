using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Extensions.Tests.Kernel;
using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Magics;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Interactive.Magics;

/// <summary>A notebook's place in a test: values by name, displays as they are in the end, a folder.</summary>
internal sealed class Shown : IDisplayHost, IMagicValues, IDisposable
{
    private readonly IDisposable scope;
    private readonly Dictionary<string, object> values = [];
    private readonly List<Entry> entries = [];

    public Shown() => scope =
        RunContext.Use(new HostContext(this, ProgressReporter.Silent, Folder.Path, CancellationToken.None));

    public TemporaryFolder Folder { get; } = new();

    public IReadOnlyList<string> Names => [.. values.Keys];

    /// <summary>The text of every display.</summary>
    public string Text => string.Join('\n', entries.Select(entry => entry.Bundle.Data[MimeBundle.Text]));

    public object this[string name]
    {
        get => values[name];
        set => values[name] = value;
    }

    /// <summary>Seconds to train: one epoch on a few images, a student of width 4.</summary>
    public static Recipe Recipe { get; } = new()
    {
        Method = "mlp-1",
        Data = new DataSpec("fashion-mnist-mini", 128, 50, 50),
        Student = new ResNetSpec(8, 4),
        Teacher = new TeacherSpec("fashion-teacher"),
        Connections = [new Connection("layer3", "layer3", new ChannelMlp(), new L2Loss(), 5)],
        Epochs = 1,
        BatchSize = 64,
        Augmentation = PaddedCrop.None,
    };

    public void Run(string line) => MagicLine.Run(line, this);

    public string Refusal(string line) => Assert.Throws<KdException>(() => Run(line)).Message;

    public bool TryGet(string name, out object? value) => values.TryGetValue(name, out value);

    public void Set(string name, object value) => values[name] = value;

    public IShownDisplay Show(MimeBundle bundle)
    {
        entries.Add(new Entry { Bundle = bundle });
        return entries[^1];
    }

    public void Dispose()
    {
        scope.Dispose();
        Folder.Dispose();
    }

    private sealed class Entry : IShownDisplay
    {
        public required MimeBundle Bundle { get; set; }

        public void Update(MimeBundle bundle) => Bundle = bundle;
    }
}
