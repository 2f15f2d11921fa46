using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Datasets;

/// <summary>Makes and reads the embedded subset of Fashion-MNIST.</summary>
/// <remarks>
/// The rule: of the official training file the first 700 images of each class, of the official test file the first 500
/// of each class, each in the file's order. <see cref="LabeledImages.Split"/> then deals the 700 out: 500 train, 200
/// validation.
/// </remarks>
public static class FashionMnistMini
{
    private const int TrainPerClass = 500;
    private const int ValidationPerClass = 200;
    private const int TestPerClass = 500;
    private const string Resource = "KdNotebooks.Data.fashion-mnist-mini.kdpack";
    private const string LicenceResource = "KdNotebooks.Data.fashion-mnist-mini.LICENSE.txt";

    internal static string Licence
    {
        get
        {
            using var reader = new StreamReader(Open(LicenceResource));
            return reader.ReadToEnd();
        }
    }

    /// <summary>Writes the embedded file anew: the very same bytes, for the same full set and .NET version.</summary>
    /// <param name="full">From <see cref="FashionMnist.Full"/>.</param>
    /// <param name="path">Replaced in one step where it exists.</param>
    /// <exception cref="KdException">A class has too few images.</exception>
    public static void Write(Dataset full, string path)
    {
        var bytes = Build(ImageSet.Of(full.Train), ImageSet.Of(full.Test!), TrainPerClass + ValidationPerClass, TestPerClass);
        var target = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        AtomicFile.Write(target, stream => stream.Write(bytes));
    }

    internal static byte[] Build(ImageSet training, ImageSet test, int trainingPerClass, int testPerClass) =>
        ImagePack.Pack(
            training.Select(ClassBalance.Deal(training, trainingPerClass)[0]),
            test.Select(ClassBalance.Deal(test, testPerClass)[0]));

    /// <summary>The embedded file as it is.</summary>
    internal static byte[] ReadResource()
    {
        using var stream = Open(Resource);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    internal static Dataset Read()
    {
        var (training, test) = ImagePack.Unpack(ReadResource(), "fashion-mnist-mini", FashionMnist.ClassNames);
        return LabeledImages.Split(
            "fashion-mnist-mini", training, test, TrainPerClass, ValidationPerClass,
            FashionMnist.Mean, FashionMnist.Std);
    }

    private static Stream Open(string resource) =>
        typeof(FashionMnistMini).Assembly.GetManifestResourceStream(resource)
        ?? throw new KdException($"{resource} is not within KdNotebooks.Core. Build or install KdNotebooks again.");
}
