using System.Text.Json.Serialization;
using KdNotebooks.Data;
using KdNotebooks.Models;

namespace KdNotebooks.Recipes;

/// <summary>Which trained teacher, and how its outputs reach the students.</summary>
/// <param name="Weights">
/// The name of one in the package ("fashion-teacher"), or the path of a file: a safetensors file that says which network it is
/// for, or, with a <see cref="Network"/>, any safetensors file or one of PyTorch's (.pth, .pt).
/// </param>
/// <param name="Source">The default value is <see cref="TeacherSource.Live"/>.</param>
/// <param name="CacheFolder">
/// Where <see cref="TeacherSource.Disk"/> keeps its files; null for the user's cache folder.
/// </param>
/// <param name="Normalization">
/// What the teacher's pixels are normalized by, where that is not what the data's are: it then sees the same images in its
/// own terms. Null (the default) is as the data's.
/// </param>
public sealed record TeacherSpec(
    string Weights, TeacherSource Source = TeacherSource.Live, string? CacheFolder = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] InputNormalization? Normalization = null)
{
    /// <summary>The same text is the same teacher, in the same way: every field is in it.</summary>
    internal string Key => Network is null ? $"{this}" : $"{this with { Network = null }} {NetworkText}";

    // A record compares a list by reference, and its text says only that it is one: networks have lists.
    private string? NetworkText => Network is null ? null
        : RecipeJson.Write(new Recipe { Method = "", Data = new DataSpec(""), Student = Network });

    public bool Equals(TeacherSpec? other) => other is not null
        && (Weights, Source, CacheFolder, Normalization, Entry, Prefix, NetworkText)
        == (other.Weights, other.Source, other.CacheFolder, other.Normalization, other.Entry, other.Prefix, other.NetworkText);

    public override int GetHashCode() => HashCode.Combine(Weights, Source, CacheFolder, Normalization, Entry, Prefix);

    /// <summary>
    /// The network that the weights are for; its classes and channels are read off the file. Null (the default) where the file
    /// says it itself.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IModelSpec? Network { get; init; }

    /// <summary>
    /// Where in a checkpoint the weights are: "state_dict", "ema.module"; null (the default) finds them where there is one
    /// choice.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Entry { get; init; }

    /// <summary>
    /// What stands before the network's names in the file, as in "module"; null (the default) finds it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Prefix { get; init; }
}

/// <summary>Where a teacher's outputs come from.</summary>
public enum TeacherSource
{
    /// <summary>A pass of the frozen teacher for every batch.</summary>
    Live,

    /// <summary>
    /// Passed once for each view of each image, kept in memory for as long as the view can come again: with views 0, a new
    /// one every pass, only for that pass.
    /// </summary>
    Memory,

    /// <summary>
    /// Passed once for each view of each image, kept in files that later runs use again, where their images are the same
    /// pixel for pixel.
    /// </summary>
    Disk,
}
