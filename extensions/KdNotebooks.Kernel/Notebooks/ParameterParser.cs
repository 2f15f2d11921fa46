using FSharp.Compiler.CodeAnalysis;
using FSharp.Compiler.Syntax;
using FSharp.Compiler.Text;
using KdNotebooks.Runtime;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Control;
using Microsoft.FSharp.Core;

namespace KdNotebooks.Kernel.Notebooks;

/// <summary>Reads the parameters of a cell from F#'s own syntax tree.</summary>
internal static class ParameterParser
{
    private const string FileName = "/parameters.fsx";

    private static readonly Lazy<FSharpChecker> Checker = new(() => FSharpChecker.Create(
        null, null, null, null, null, null, null, null, null, null, null, null, null, null));

    /// <summary>The cell's top-level values in order; of two with one name, the later.</summary>
    /// <exception cref="KdException">The cell is no valid F#.</exception>
    public static IReadOnlyList<Parameter> Parse(string code)
    {
        var text = new CodeText(code);
        return [.. Tree(code).Contents.SelectMany(module => module.decls).OfType<SynModuleDecl.Let>()
            .SelectMany(let => let.bindings).Select(binding => Read(binding, text)).OfType<Parameter>()
            .GroupBy(parameter => parameter.Name).Select(group => group.Last())];
    }

    private static ParsedImplFileInput Tree(string code)
    {
        var (options, _) = Checker.Value.GetParsingOptionsFromCommandLineArgs(
            ListModule.OfSeq([FileName]), ListModule.Empty<string>(), FSharpOption<bool>.None, FSharpOption<bool>.None);
        var parsed = FSharpAsync.RunSynchronously(
            Checker.Value.ParseFile(FileName, SourceText.ofString(code), options, null, null), null, null);
        if (parsed.ParseHadErrors)
        {
            var error = parsed.Diagnostics.First(d => d.Severity.IsError);
            throw new KdException(
                "The cell tagged 'parameters' is no valid F#, so no parameter can be set: "
                + $"line {error.StartLine}, column {error.StartColumn + 1}: error {error.ErrorNumberText}: "
                + error.Message);
        }

        return ((ParsedInput.ImplFile)parsed.ParseTree).Item;
    }

    private static Parameter? Read(SynBinding binding, CodeText text)
    {
        if (NameOf(binding.headPat) is not { } name)
        {
            return null;
        }

        // "let x: int = 3" repeats the annotation around the right-hand side.
        var annotation = binding.returnInfo?.Value.typeName ?? (Bare(binding.headPat) as SynPat.Typed)?.targetType;
        var value = binding.expr is SynExpr.Typed typed && binding.returnInfo is not null ? typed.expr : binding.expr;
        var type = annotation is null ? Common(Literals(value)) : TypeOf(annotation);
        var start = text.Offset(value.Range.StartLine, value.Range.StartColumn);
        var end = text.Offset(value.Range.EndLine, value.Range.EndColumn);
        return new Parameter(name, type, code(start, end), start);

        string code(int from, int to) => text.Text[from..to];
    }

    private static SynPat Bare(SynPat pattern) => pattern is SynPat.Paren paren ? Bare(paren.pat) : pattern;

    private static string? NameOf(SynPat pattern) => Bare(pattern) switch
    {
        SynPat.Named named => named.ident.ident.idText,
        SynPat.Typed typed => NameOf(typed.pat),
        // A capital makes F# think of a pattern first; with arguments it is a function.
        SynPat.LongIdent { argPats: SynArgPats.Pats { pats.IsEmpty: true }, longDotId.LongIdent: { Length: 1 } only } =>
            only.Head.idText,
        _ => null,
    };

    private static ParameterType? TypeOf(SynType type) =>
        type is SynType.LongIdent { longDotId.LongIdent: { Length: 1 } only }
            ? only.Head.idText switch
            {
                "string" => ParameterType.String,
                "int" or "int32" => ParameterType.Int,
                "int64" => ParameterType.Int64,
                "float" or "double" => ParameterType.Float,
                "bool" => ParameterType.Bool,
                _ => null,
            }
            : null;

    private static ParameterType? Common(IEnumerable<ParameterType?> types) =>
        types.Distinct().ToList() is [var only] ? only : null;

    // The literals that can become the value: of "if", only the branches; of "match", only the results.
    private static IEnumerable<ParameterType?> Literals(SynExpr expression) => expression switch
    {
        SynExpr.Const constant => [TypeOf(constant.constant)],
        SynExpr.InterpolatedString => [ParameterType.String],
        SynExpr.Paren paren => Literals(paren.expr),
        SynExpr.Typed typed => [TypeOf(typed.targetType)],
        SynExpr.App app => Literals(app.funcExpr).Concat(Literals(app.argExpr)),
        SynExpr.Tuple tuple => tuple.exprs.SelectMany(Literals),
        SynExpr.IfThenElse branch => Literals(branch.thenExpr)
            .Concat(branch.elseExpr is { Value: { } other } ? Literals(other) : []),
        SynExpr.Match match => match.clauses.SelectMany(clause => Literals(clause.resultExpr)),
        _ => [],
    };

    private static ParameterType? TypeOf(SynConst constant) => constant switch
    {
        SynConst.String => ParameterType.String,
        SynConst.Int32 => ParameterType.Int,
        SynConst.Int64 => ParameterType.Int64,
        SynConst.Double => ParameterType.Float,
        SynConst.Bool => ParameterType.Bool,
        _ => null,
    };

    /// <summary>F#'s ranges (lines from 1, columns from 0) as places in the text.</summary>
    private sealed class CodeText(string text)
    {
        private readonly int[] starts = [0, .. text.Index().Where(c => c.Item == '\n').Select(c => c.Index + 1)];

        public string Text => text;

        public int Offset(int line, int column) => starts[line - 1] + column;
    }
}
