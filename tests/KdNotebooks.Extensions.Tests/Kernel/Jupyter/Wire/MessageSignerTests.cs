using System.Text;
using KdNotebooks.Kernel.Jupyter.Wire;

namespace KdNotebooks.Extensions.Tests.Kernel.Jupyter.Wire;

public sealed class MessageSignerTests
{
    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    // RFC 4231, test case 2.
    [Fact]
    public void A_signature_is_the_HMAC_over_all_parts()
    {
        var signature = new MessageSigner("Jefe").Sign(Bytes("what do ya "), Bytes("want for nothing?"));
        Assert.Equal(
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", Encoding.ASCII.GetString(signature));
    }

    [Fact]
    public void What_was_signed_with_the_key_is_let_in_once()
    {
        var signer = new MessageSigner("key");
        var signature = new MessageSigner("key").Sign(Bytes("a"), Bytes("b"));
        Assert.Null(signer.Check(signature, Bytes("a"), Bytes("b")));
        Assert.Contains("used before", signer.Check(signature, Bytes("a"), Bytes("b")));
    }

    [Fact]
    public void Another_key_another_text_or_no_signature_is_not_let_in()
    {
        var signer = new MessageSigner("key");
        Assert.Contains("wrong", signer.Check(new MessageSigner("other").Sign(Bytes("a")), Bytes("a")));
        Assert.Contains("wrong", signer.Check(signer.Sign(Bytes("a")), Bytes("b")));
        Assert.Contains("wrong", signer.Check([], Bytes("a")));
    }

    [Fact]
    public void Without_a_key_nothing_is_signed_and_everything_is_let_in()
    {
        var signer = new MessageSigner("");
        Assert.Empty(signer.Sign(Bytes("a")));
        Assert.Null(signer.Check(Bytes("anything"), Bytes("a")));
        Assert.Null(signer.Check(Bytes("anything"), Bytes("a")));
    }
}
