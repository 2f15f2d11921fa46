using System.Security.Cryptography;
using System.Text;

namespace KdNotebooks.Kernel.Jupyter.Wire;

/// <summary>Signs what the kernel sends, and tells what the client signed from what anybody else sent.</summary>
/// <remarks>
/// A signature that was seen before is a message that somebody recorded and sent again. Jupyter remembers 65,536 of
/// them; so do we.
/// </remarks>
/// <param name="key">The connection file's; empty means that nothing is signed and everything is let in.</param>
internal sealed class MessageSigner(string key)
{
    private const int Remembered = 65_536;

    private readonly byte[] key = Encoding.UTF8.GetBytes(key);
    private readonly HashSet<string> seen = [];
    private readonly Queue<string> order = [];

    private bool Signs => key.Length > 0;

    /// <summary>HMAC-SHA256 over the parts in lower-case hexadecimal, as ASCII; empty without a key.</summary>
    public byte[] Sign(params ReadOnlySpan<byte[]> parts)
    {
        if (!Signs)
        {
            return [];
        }

        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        foreach (var part in parts)
        {
            hash.AppendData(part);
        }

        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>What is wrong with a signature; null where it is right and new. One thread at a time.</summary>
    public string? Check(byte[] signature, params ReadOnlySpan<byte[]> parts)
    {
        if (!Signs)
        {
            return null;
        }

        if (!CryptographicOperations.FixedTimeEquals(signature, Sign(parts)))
        {
            return "its signature is wrong";
        }

        var text = Encoding.ASCII.GetString(signature);
        if (!seen.Add(text))
        {
            return "its signature was used before (a replayed message)";
        }

        order.Enqueue(text);
        if (order.Count > Remembered)
        {
            seen.Remove(order.Dequeue());
        }

        return null;
    }
}
