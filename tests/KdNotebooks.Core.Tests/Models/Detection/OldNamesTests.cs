using System.Text.RegularExpressions;
using KdNotebooks.Models;
using KdNotebooks.Models.Detection;
using KdNotebooks.Runtime;
using KdNotebooks.Weights;
using Module = TorchSharp.torch.nn.Module;

namespace KdNotebooks.Tests.Models.Detection;

/// <summary>Torchvision's files of before its pyramid and heads were sequences, see its <c>_load_from_state_dict</c>.</summary>
public sealed partial class OldNamesTests : IDisposable
{
    private static readonly IModelSpec Retina = new RetinaNetSpec(18, 8, 16, 16);
    private static readonly IModelSpec Masked = new FasterRcnnSpec(18, 8, true, Channels: 16, HeadWidth: 16, MaskWidth: 16);
    private static readonly IModelSpec Cascade =
        new FasterRcnnSpec(18, 8, true, true, Channels: 16, HeadWidth: 16, MaskWidth: 16);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, int> Kinds => new() { { "retina", 28 }, { "mask", 26 }, { "cascade", 26 } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_detector_reads_both_spellings_and_says_which_it_was(string kind, int old)
    {
        using var scope = torch.NewDisposeScope();
        var (one, other, third) = (Build(kind), Build(kind), Build(kind));
        Write("new.safetensors", one, name => name);
        Write("old.safetensors", one, Older);

        Assert.Empty(StateDict.LoadInto(folder.File("new.safetensors"), other));
        var renamed = StateDict.LoadInto(folder.File("old.safetensors"), third);

        Assert.Equal(StateDict.Fingerprint(one), StateDict.Fingerprint(other));
        Assert.Equal(StateDict.Fingerprint(one), StateDict.Fingerprint(third));
        Assert.Equal(old, renamed.Count);
        Assert.Contains(new RenamedTensor("backbone.fpn.inner_blocks.1.bias", "backbone.fpn.inner_blocks.1.0.bias"), renamed);
        Assert.Contains(
            kind == "retina"
                ? new RenamedTensor("head.regression_head.conv.6.weight", "head.regression_head.conv.3.0.weight")
                : new RenamedTensor("roi_heads.mask_head.mask_fcn4.bias", "roi_heads.mask_head.3.0.bias"),
            renamed);
    }

    [Fact]
    public void A_student_begins_with_such_a_file_below_a_prefix_too()
    {
        using var scope = torch.NewDisposeScope();
        var (one, other) = (Build("mask"), Build("mask"));
        Write("old.safetensors", one, name => "model." + Older(name));
        var initial = new InitialWeights(folder.File("old.safetensors"), "", "model");

        initial.LoadInto(other);

        Assert.Equal(StateDict.Fingerprint(one), StateDict.Fingerprint(other));
        Assert.Contains("older names for 26 tensors", Assert.Single(initial.Renamed(other)));
        Assert.Matches(@"model\.(\S+)\.weight as \S+\.0\.weight and so on", initial.Renamed(other).Single());
        Write("new.safetensors", one, name => name);
        Assert.Empty(new InitialWeights(folder.File("new.safetensors"), "").Renamed(other));
    }

    [Fact]
    public void Both_spellings_of_one_tensor_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        var model = Build("mask");
        var tensors = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value);
        tensors["rpn.head.conv.weight"] = tensors["rpn.head.conv.0.0.weight"];
        SafeTensors.Write(folder.File("both.safetensors"), tensors);

        Assert.Contains(
            "holds both 'rpn.head.conv.weight' and 'rpn.head.conv.0.0.weight'",
            Assert.Throws<KdException>(() => StateDict.LoadInto(folder.File("both.safetensors"), model)).Message);
    }

    [Fact]
    public void An_old_name_that_belongs_to_nothing_stays_unexpected()
    {
        using var scope = torch.NewDisposeScope();
        var model = Build("mask");
        var tensors = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value);
        tensors["roi_heads.mask_head.mask_fcn5.weight"] = torch.zeros(2);
        SafeTensors.Write(folder.File("more.safetensors"), tensors);

        Assert.Matches(
            @"Unexpected in the file:[^.]*roi_heads\.mask_head\.mask_fcn5\.weight",
            Assert.Throws<KdException>(() => StateDict.LoadInto(folder.File("more.safetensors"), model)).Message);
    }

    private static Module Build(string kind) =>
        (kind == "retina" ? Retina : kind == "mask" ? Masked : Cascade).Build(3, 4);

    private void Write(string file, Module model, Func<string, string> name) => SafeTensors.Write(
        folder.File(file), model.state_dict().ToDictionary(entry => name(entry.Key), entry => entry.Value));

    // torchvision's rules, read backwards.
    private static string Older(string name)
    {
        name = Pyramid().Replace(name, "$1");
        name = Proposal().Replace(name, "rpn.head.conv");
        name = Subnet().Replace(name, match => $"{match.Groups[1].Value}.conv.{2 * int.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture)}.");
        return Mask().Replace(name, match => $"mask_head.mask_fcn{int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) + 1}.");
    }

    [GeneratedRegex(@"((?:inner|layer)_blocks\.\d+)\.0(?=\.)")]
    private static partial Regex Pyramid();

    [GeneratedRegex(@"rpn\.head\.conv\.0\.0")]
    private static partial Regex Proposal();

    [GeneratedRegex(@"(classification_head|regression_head)\.conv\.(\d+)\.0\.")]
    private static partial Regex Subnet();

    [GeneratedRegex(@"mask_head\.(\d+)\.0\.")]
    private static partial Regex Mask();
}
