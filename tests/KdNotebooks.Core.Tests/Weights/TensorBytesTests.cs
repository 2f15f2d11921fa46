using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Weights;

public sealed class TensorBytesTests
{
    [Theory]
    [InlineData(1, 7)]
    [InlineData(8, 4)]
    [InlineData(9, 4)]
    [InlineData(28, 1)]
    [InlineData(1000, 1)]
    public void Pieces_join_to_the_whole_and_split_no_element(int pieceLength, int pieces)
    {
        using var scope = torch.NewDisposeScope();
        var tensor = torch.arange(7, torch.int32);
        var (seen, offsets) = (new List<byte>(), new List<long>());

        TensorBytes.Visit(
            tensor,
            (piece, offset) =>
            {
                Assert.Equal(seen.Count, offset);
                Assert.Equal(0, piece.Length % 4);
                seen.AddRange(piece);
                offsets.Add(offset);
            },
            pieceLength);

        Assert.Equal(tensor.bytes.ToArray(), seen);
        Assert.Equal(pieces, offsets.Count);
    }

    [Fact]
    public void An_empty_tensor_has_no_piece()
    {
        using var scope = torch.NewDisposeScope();

        TensorBytes.Visit(torch.empty([3, 0, 2]), (_, _) => Assert.Fail("there is nothing to see"));
    }

    [Fact]
    public void What_is_written_into_a_piece_stands_in_the_tensor()
    {
        using var scope = torch.NewDisposeScope();
        var tensor = torch.zeros(3, torch.uint8);

        TensorBytes.Visit(tensor, (piece, offset) => piece[0] = (byte)(offset + 5), pieceLength: 1);

        Assert.Equal([5, 6, 7], tensor.data<byte>().ToArray());
    }
}
