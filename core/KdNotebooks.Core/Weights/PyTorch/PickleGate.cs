using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace KdNotebooks.Weights.PyTorch;

/// <summary>What a pickle asks for, which the library must not do by itself.</summary>
internal enum PickleAsk : byte
{
    Global, Call, CallWithNames, CallOfList, CallByName, State, Persistent, Dictionary, Item, Items, Append, Extend,
}

/// <summary>
/// Reads a pickle's opcodes without building anything, and writes it anew in the opcodes that build nothing but numbers,
/// texts, tuples and lists. Every other request (for a global, to call one, to set a state, an item or an element) becomes
/// a persistent id, <c>(what it is about, <see cref="PickleAsk"/>)</c>, which <see cref="PickleReader"/> answers.
/// </summary>
/// <remarks>
/// Razorvine.Pickle looks globals up in one table for the whole process, where any package can register constructors, sets
/// states by reflection, and lets the first of two equal keys win. Here neither table nor reflection is reached, whatever
/// the file says. Lengths are compared with the bytes that are there before the library sees them.
/// </remarks>
internal sealed class PickleGate
{
    private readonly PickleInput input;
    private readonly ArrayBufferWriter<byte> output = new();

    private PickleGate(PickleInput input) => this.input = input;

    /// <summary>Reads one pickle, from where the input stands to its STOP.</summary>
    /// <exception cref="Runtime.KdException">It is cut off, or is none.</exception>
    public static byte[] Pass(PickleInput input)
    {
        var gate = new PickleGate(input);
        for (var count = 0; gate.Next(); count++)
        {
            if (count == PickleInput.MostOpcodes)
            {
                throw input.Damaged($"more than {PickleInput.MostOpcodes} values");
            }
        }

        return gate.output.WrittenSpan.ToArray();
    }

    // False after the last opcode.
    private bool Next()
    {
        var opcode = input.ReadByte();
        switch (opcode)
        {
            case PickleOpcode.Stop:
                Write(opcode);
                return false;
            case PickleOpcode.Proto:
                var protocol = input.ReadByte();
                if (protocol > 5)
                {
                    throw input.Damaged($"protocol {protocol}, where 0 to 5 are known");
                }

                break;
            case PickleOpcode.Frame:
                // Only for reading ahead; what is written here has other lengths.
                input.ReadLength(8);
                break;
            case PickleOpcode.Ext1 or PickleOpcode.Ext2 or PickleOpcode.Ext4:
                throw input.Damaged("a class by its number in somebody's copyreg");
            case PickleOpcode.NextBuffer:
                throw input.Damaged("a buffer that is not in the file");
            case PickleOpcode.ReadOnlyBuffer:
                break;
            case PickleOpcode.Float:
                Number();
                break;
            default:
                if (!Asked(opcode))
                {
                    Copy(opcode);
                }

                break;
        }

        return true;
    }

    // The stack's top is what the request is about; the answer takes its place.
    private bool Asked(byte opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Global:
                Names();
                Ask(PickleAsk.Global);
                return true;
            case PickleOpcode.StackGlobal:
                Write(PickleOpcode.Tuple2);
                Ask(PickleAsk.Global);
                return true;
            case PickleOpcode.Inst:
                Write(PickleOpcode.Tuple);
                Names();
                Write(PickleOpcode.Tuple2);
                Ask(PickleAsk.CallByName);
                return true;
            case PickleOpcode.PersId:
                Text(input.ReadLine(PickleInput.LongestWord));
                Ask(PickleAsk.Persistent);
                return true;
            case PickleOpcode.PopMark:
                Write(PickleOpcode.Tuple, PickleOpcode.Pop);
                return true;
            case PickleOpcode.EmptySet:
                Write(PickleOpcode.EmptyList);
                return true;
            case PickleOpcode.FrozenSet:
                Write(PickleOpcode.Tuple);
                return true;
        }

        (byte[] Before, PickleAsk Ask)? request = opcode switch
        {
            PickleOpcode.Reduce or PickleOpcode.NewObj => ([PickleOpcode.Tuple2], PickleAsk.Call),
            PickleOpcode.NewObjEx => ([PickleOpcode.Tuple3], PickleAsk.CallWithNames),
            PickleOpcode.Obj => ([PickleOpcode.Tuple], PickleAsk.CallOfList),
            PickleOpcode.Build => ([PickleOpcode.Tuple2], PickleAsk.State),
            PickleOpcode.BinPersId => ([], PickleAsk.Persistent),
            PickleOpcode.EmptyDict => ([PickleOpcode.EmptyTuple], PickleAsk.Dictionary),
            PickleOpcode.Dict => ([PickleOpcode.Tuple], PickleAsk.Dictionary),
            PickleOpcode.SetItem => ([PickleOpcode.Tuple3], PickleAsk.Item),
            PickleOpcode.SetItems => ([PickleOpcode.Tuple, PickleOpcode.Tuple2], PickleAsk.Items),
            PickleOpcode.Append => ([PickleOpcode.Tuple2], PickleAsk.Append),
            PickleOpcode.Appends or PickleOpcode.AddItems =>
                ([PickleOpcode.Tuple, PickleOpcode.Tuple2], PickleAsk.Extend),
            _ => null,
        };
        if (request is not var (before, ask))
        {
            return false;
        }

        Write(before);
        Ask(ask);
        return true;
    }

    private void Ask(PickleAsk what) =>
        Write(PickleOpcode.BinInt1, (byte)what, PickleOpcode.Tuple2, PickleOpcode.BinPersId);

    private void Names()
    {
        Text(input.ReadLine(PickleInput.LongestWord));
        Text(input.ReadLine(PickleInput.LongestWord));
        Write(PickleOpcode.Tuple2);
    }

    private void Text(byte[] utf8)
    {
        Write(PickleOpcode.BinUnicode);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        output.Write(length);
        output.Write(utf8);
    }

    // As Python's repr: the library knows neither "inf" nor "nan".
    private void Number()
    {
        var text = Encoding.ASCII.GetString(input.ReadLine(PickleInput.LongestWord)).Trim();
        var value = text switch
        {
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            "nan" or "-nan" => double.NaN,
            _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw input.Damaged("a number that is none"),
        };
        Write(PickleOpcode.BinFloat);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        output.Write(bytes);
    }

    private void Copy(byte opcode)
    {
        var at = input.Position - 1;
        Write(opcode);
        switch (PickleOpcode.ArgumentOf(opcode))
        {
            case PickleArgument.None:
                break;
            case PickleArgument.Byte:
                Write(input.ReadByte());
                break;
            case PickleArgument.TwoBytes:
                Write(input.Read(2));
                break;
            case PickleArgument.FourBytes:
                Write(input.Read(4));
                break;
            case PickleArgument.EightBytes:
                Write(input.Read(8));
                break;
            case PickleArgument.Line:
                var isWord = opcode is PickleOpcode.Int or PickleOpcode.Long or PickleOpcode.Get or PickleOpcode.Put;
                Write(input.ReadLine(isWord ? PickleInput.LongestWord : PickleInput.Limit));
                Write((byte)'\n');
                break;
            case PickleArgument.ShortText:
                Counted(1);
                break;
            case PickleArgument.Text:
                Counted(4);
                break;
            case PickleArgument.LongText:
                Counted(8);
                break;
            default:
                throw input.Damaged($"no opcode that is known at byte {at} (0x{opcode:x2})");
        }
    }

    private void Counted(int width)
    {
        var length = input.ReadLength(width);
        var bytes = input.Read(length);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, length);
        output.Write(prefix[..width]);
        output.Write(bytes);
    }

    private void Write(params ReadOnlySpan<byte> bytes) => output.Write(bytes);
}
