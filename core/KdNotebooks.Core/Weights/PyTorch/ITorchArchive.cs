namespace KdNotebooks.Weights.PyTorch;

/// <summary>How a file of <c>torch.save</c> keeps what it holds: a pickle, and the storages that it refers to.</summary>
internal interface ITorchArchive : IDisposable
{
    /// <summary>What the pickle holds.</summary>
    PickleContents Contents { get; }

    /// <summary>Bytes of a storage in the file; null where it has none of this name.</summary>
    long? Length(string key);

    /// <summary>Reads a storage from its first byte to its last, in pieces.</summary>
    /// <exception cref="Runtime.KdException">The file ends before, or has been changed.</exception>
    void Read(string key, Tensor target);
}
