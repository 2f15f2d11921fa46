using System.Collections.Concurrent;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Formatters by the type that they are registered for.</summary>
internal sealed class FormatterRegistry
{
    private readonly List<Entry> entries = [];
    private readonly Dictionary<string, Func<object, MimeBundle>> named = [];
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<Type, Func<object, MimeBundle>?> found = new();

    public IReadOnlyList<Type> Types
    {
        get
        {
            lock (gate)
            {
                return [.. entries.Select(entry => entry.Type)];
            }
        }
    }

    public void Add<T>(Func<T, MimeBundle> format) where T : notnull => Add(typeof(T), value => format((T)value));

    public void Add(Type type, Func<object, MimeBundle> format)
    {
        lock (gate)
        {
            entries.RemoveAll(entry => entry.Type == type);
            entries.Add(new(type, format));
            found.Clear();
        }
    }

    /// <summary>For a type, and what derives from it, that must not be loaded to be registered.</summary>
    public void AddNamed(string fullName, Func<object, MimeBundle> format) => named[fullName] = format;

    /// <summary>The formatter of the most derived registered type; null where there is none.</summary>
    public Func<object, MimeBundle>? Find(Type type) => found.GetOrAdd(type, Search);

    private Func<object, MimeBundle>? Search(Type type)
    {
        lock (gate)
        {
            var fitting = entries.Where(entry => entry.Type.IsAssignableFrom(type)).ToArray();
            // Of unrelated candidates (two interfaces) a class says more than an interface; then the later one wins.
            return fitting
                .Where(entry => !fitting.Any(other => other != entry && entry.Type.IsAssignableFrom(other.Type)))
                .OrderBy(entry => entry.Type.IsInterface ? 0 : 1)
                .LastOrDefault()?.Format ?? SearchNamed(type);
        }
    }

    private Func<object, MimeBundle>? SearchNamed(Type? type) => type is null ? null
        : named.TryGetValue(type.FullName ?? "", out var format) ? format : SearchNamed(type.BaseType);

    private sealed record Entry(Type Type, Func<object, MimeBundle> Format);
}
