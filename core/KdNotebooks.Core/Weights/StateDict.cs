using KdNotebooks.Runtime;
using Module = TorchSharp.torch.nn.Module;

namespace KdNotebooks.Weights;

/// <summary>A module's parameters and buffers as a safetensors file, under PyTorch's state_dict names.</summary>
public static class StateDict
{
    /// <summary>Writes parameters and buffers, <c>num_batches_tracked</c> too.</summary>
    /// <param name="metadata">Free text by name; none by default.</param>
    /// <exception cref="KdException">A tensor cannot be held by the format, or the file cannot be written.</exception>
    public static void Save(string path, Module module, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafeTensors.Write(path, module.state_dict(), metadata);

    /// <inheritdoc cref="LoadInto(SafeTensorsFile, Module, string?)"/>
    public static void LoadInto(string path, Module module, string? prefix = null)
    {
        using var file = SafeTensorsFile.Open(path);
        LoadInto(file, module, prefix);
    }

    /// <summary>
    /// Copies a file's tensors into the module, which keeps its own devices, dtypes and memory formats. All names,
    /// shapes and kinds of dtype are compared before the first copy. A normalization whose <c>num_batches_tracked</c>
    /// the file does not hold (PyTorch before 0.4.1 had none) begins to count at 0, as in PyTorch.
    /// </summary>
    /// <param name="prefix">
    /// A module path in the file, such as "backbone": only the names below it are taken. Null: the whole file.
    /// </param>
    /// <exception cref="KdException">
    /// Lists what is missing, unexpected and different, in one message; the module is unchanged. (Should the disk fail
    /// during the copy, the module is loaded in part, and the message says which tensor could not be read.)
    /// </exception>
    public static void LoadInto(SafeTensorsFile file, Module module, string? prefix = null) =>
        Load(file, module, prefix, others: false, []);

    /// <summary>
    /// Copies those tensors of a file into the module that the module has; what else the file holds, such as a
    /// classifier for other classes, is left alone. All of the module's must be there.
    /// </summary>
    /// <inheritdoc cref="LoadInto(SafeTensorsFile, Module, string?)"/>
    public static void LoadFrom(SafeTensorsFile file, Module module, string? prefix = null) =>
        Load(file, module, prefix, others: true, []);

    /// <param name="without">The module's own names that are left as they are.</param>
    /// <inheritdoc cref="LoadFrom(SafeTensorsFile, Module, string?)"/>
    internal static void LoadFrom(
        SafeTensorsFile file, Module module, string? prefix, IReadOnlyCollection<string> without) =>
        Load(file, module, prefix, others: true, without);

    /// <summary>
    /// SHA-256 (lower-case hexadecimal) of names, dtypes, shapes and values of all parameters and buffers: that of the
    /// file that <see cref="Save"/> writes without metadata. Neither strides nor device change it.
    /// </summary>
    public static string Fingerprint(Module module) => SafeTensors.Fingerprint(module.state_dict());

    private static void Load(
        SafeTensorsFile file, Module module, string? prefix, bool others, IReadOnlyCollection<string> without)
    {
        var path = string.IsNullOrEmpty(prefix) ? "" : prefix.TrimEnd('.') + ".";
        var target = module.state_dict().Where(entry => !without.Contains(entry.Key)).ToDictionary();
        var source = file.Tensors.Values
            .Where(info => info.Name.StartsWith(path, StringComparison.Ordinal))
            .Where(info => !others || target.ContainsKey(info.Name[path.Length..]))
            .ToDictionary(info => info.Name[path.Length..]);
        StateDictComparison.RequireSame(path == "" ? file.Path : $"{file.Path} below '{path}'", source, target);

        using var noGrad = torch.no_grad();
        foreach (var (name, tensor) in target)
        {
            using var scope = torch.NewDisposeScope();
            if (source.ContainsKey(name))
            {
                tensor.copy_(file.Load(path + name));
            }
            else
            {
                tensor.zero_(); // a counter, or the comparison had refused
            }
        }
    }
}
