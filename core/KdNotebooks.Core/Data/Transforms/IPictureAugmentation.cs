using KdNotebooks.Data.Formats;

namespace KdNotebooks.Data;

/// <summary>An augmentation that is given a file's picture and not its pixels: what it leaves out is never unpacked.</summary>
internal interface IPictureAugmentation : IAugmentation
{
    /// <summary>Whether it has a use for pictures: a chain has where its first step does.</summary>
    bool TakesPictures => true;

    /// <summary>One view of one sample.</summary>
    /// <param name="draw">What it draws its numbers from, and where the pixels may be written.</param>
    /// <exception cref="DataFileException">The picture's pixels cannot be unpacked.</exception>
    Sample Apply(PictureSample sample, Draw draw);
}

/// <summary>A file's picture with what is to be learned of it.</summary>
/// <param name="Name">What an error calls it: the file's path.</param>
internal sealed record PictureSample(string Name, Picture Picture, ITarget Target);
