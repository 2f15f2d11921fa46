namespace KdNotebooks.Datasets;

/// <summary>What CIFAR-10 and CIFAR-100 differ in, and what their publisher's files hold.</summary>
/// <param name="Name">"cifar-100".</param>
/// <param name="Archive">Of the binary version.</param>
/// <param name="Sha256">Of the archive.</param>
/// <param name="Folder">Within the archive.</param>
/// <param name="LabelBytes">Before each image; the last is the class, the one before it CIFAR-100's coarse class.</param>
/// <param name="NameFile">A line a class.</param>
/// <param name="Published">SHA-256 of each file.</param>
/// <param name="Classes">As <paramref name="NameFile"/> has them.</param>
/// <param name="Mean">Of pixels / 255 over the training images.</param>
/// <param name="Std">Of pixels / 255 over the training images.</param>
internal sealed record CifarKind(
    string Name, string Archive, string Sha256, string Folder, int LabelBytes, string NameFile,
    IReadOnlyDictionary<string, string> Published, IReadOnlyList<string> Classes, IReadOnlyList<float> Mean, IReadOnlyList<float> Std)
{
    public static CifarKind Ten { get; } = new(
        "cifar-10", "cifar-10-binary.tar.gz", "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", "cifar-10-batches-bin", 1,
        "batches.meta.txt",
        new Dictionary<string, string>
        {
            ["data_batch_1.bin"] = "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
            ["data_batch_2.bin"] = "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
            ["data_batch_3.bin"] = "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
            ["data_batch_4.bin"] = "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
            ["data_batch_5.bin"] = "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
            ["test_batch.bin"] = "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
        },
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        [0.4914f, 0.4822f, 0.4465f], [0.2470f, 0.2435f, 0.2616f]);

    public static CifarKind Hundred { get; } = new(
        "cifar-100", "cifar-100-binary.tar.gz", "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec", "cifar-100-binary", 2,
        "fine_label_names.txt",
        new Dictionary<string, string>
        {
            ["train.bin"] = "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
            ["test.bin"] = "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
        },
        [
            "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge", "bus",
            "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch",
            "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house", "kangaroo",
            "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse",
            "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy",
            "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper",
            "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television",
            "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
        ],
        [0.5071f, 0.4867f, 0.4408f], [0.2675f, 0.2565f, 0.2761f]);

    /// <summary>Where its publisher has the archive.</summary>
    public Uri Source => new($"https://www.cs.toronto.edu/~kriz/{Archive}");

    /// <summary>Bytes of an image with its labels.</summary>
    public int Record => LabelBytes + Cifar.ImageBytes;

    /// <exception cref="Runtime.KdException">It is neither.</exception>
    public static CifarKind Of(string name) => name == Ten.Name ? Ten : name == Hundred.Name ? Hundred
        : throw new Runtime.KdException($"'{name}' is neither 'cifar-10' nor 'cifar-100'.");

    /// <summary>Whether a file holds training images: "data_batch_12.bin", "train.bin".</summary>
    public bool IsTraining(string file) => LabelBytes == 2 ? file == "train.bin"
        : file.StartsWith("data_batch_", StringComparison.Ordinal) && file.EndsWith(".bin", StringComparison.Ordinal);

    /// <summary>Whether a file holds test images.</summary>
    public bool IsTest(string file) => file == (LabelBytes == 2 ? "test.bin" : "test_batch.bin");
}
