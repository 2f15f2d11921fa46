namespace KdNotebooks.Weights.PyTorch;

/// <summary>What follows an opcode of a pickle in its bytes.</summary>
internal enum PickleArgument
{
    /// <summary>There is no such opcode.</summary>
    Unknown,
    None,
    Byte,
    TwoBytes,
    FourBytes,
    EightBytes,

    /// <summary>Text to the end of its line.</summary>
    Line,
    TwoLines,

    /// <summary>A length of one byte, and as many bytes.</summary>
    ShortText,

    /// <summary>A length of four bytes, without a sign, and as many bytes.</summary>
    Text,

    /// <summary>A length of eight bytes, and as many bytes.</summary>
    LongText,
}

/// <summary>
/// The opcodes of pickle protocols 0 to 5, by their names in Python's <c>pickletools</c>, which is the format's
/// description.
/// </summary>
internal static class PickleOpcode
{
    public const byte
        Mark = (byte)'(', Stop = (byte)'.', Pop = (byte)'0', PopMark = (byte)'1', Float = (byte)'F', Int = (byte)'I',
        BinInt1 = (byte)'K', Long = (byte)'L', PersId = (byte)'P', BinPersId = (byte)'Q', Reduce = (byte)'R',
        BinUnicode = (byte)'X', Append = (byte)'a', Build = (byte)'b', Global = (byte)'c', Dict = (byte)'d',
        EmptyDict = (byte)'}', Appends = (byte)'e', Get = (byte)'g', Inst = (byte)'i', Obj = (byte)'o', Put = (byte)'p',
        SetItem = (byte)'s', Tuple = (byte)'t', EmptyTuple = (byte)')', EmptyList = (byte)']', SetItems = (byte)'u',
        BinFloat = (byte)'G', Proto = 0x80, NewObj = 0x81, Ext1 = 0x82, Ext2 = 0x83, Ext4 = 0x84, Tuple2 = 0x86,
        Tuple3 = 0x87, EmptySet = 0x8f, AddItems = 0x90, FrozenSet = 0x91, NewObjEx = 0x92, StackGlobal = 0x93,
        Frame = 0x95, NextBuffer = 0x97, ReadOnlyBuffer = 0x98;

    private static readonly PickleArgument[] Arguments = Table();

    public static PickleArgument ArgumentOf(byte opcode) => Arguments[opcode];

    private static PickleArgument[] Table()
    {
        var table = new PickleArgument[256];
        // MARK STOP POP POP_MARK DUP NONE BINPERSID REDUCE APPEND BUILD DICT EMPTY_DICT APPENDS LIST EMPTY_LIST OBJ
        // SETITEM TUPLE EMPTY_TUPLE SETITEMS; then from NEWOBJ on, where a byte is no letter.
        Set("(.012NQRabd}el]ost)u", PickleArgument.None);
        SetBytes(
            [
                NewObj, 0x85, Tuple2, Tuple3, 0x88, 0x89, EmptySet, AddItems, FrozenSet, NewObjEx, StackGlobal, 0x94,
                NextBuffer, ReadOnlyBuffer,
            ],
            PickleArgument.None);
        Set("Khq", PickleArgument.Byte); // BININT1 BINGET BINPUT
        SetBytes([Proto, Ext1], PickleArgument.Byte);
        Set("M", PickleArgument.TwoBytes); // BININT2
        SetBytes([Ext2], PickleArgument.TwoBytes);
        Set("Jjr", PickleArgument.FourBytes); // BININT LONG_BINGET LONG_BINPUT
        SetBytes([Ext4], PickleArgument.FourBytes);
        Set("G", PickleArgument.EightBytes); // BINFLOAT
        SetBytes([Frame], PickleArgument.EightBytes);
        Set("FILPSVgp", PickleArgument.Line); // FLOAT INT LONG PERSID STRING UNICODE GET PUT
        Set("ci", PickleArgument.TwoLines); // GLOBAL INST
        Set("UC", PickleArgument.ShortText); // SHORT_BINSTRING SHORT_BINBYTES
        SetBytes([0x8a, 0x8c], PickleArgument.ShortText); // LONG1 SHORT_BINUNICODE
        Set("TXB", PickleArgument.Text); // BINSTRING BINUNICODE BINBYTES
        SetBytes([0x8b], PickleArgument.Text); // LONG4
        SetBytes([0x8d, 0x8e, 0x96], PickleArgument.LongText); // BINUNICODE8 BINBYTES8 BYTEARRAY8
        return table;

        void Set(string letters, PickleArgument argument) => SetBytes([.. letters.Select(c => (byte)c)], argument);

        void SetBytes(byte[] opcodes, PickleArgument argument) =>
            Array.ForEach(opcodes, opcode => table[opcode] = argument);
    }
}
