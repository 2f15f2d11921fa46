using KdNotebooks.Aligners;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Training;

namespace KdNotebooks.Tests.Recipes;

public sealed class RecipeJsonTests
{
    private readonly Recipe recipe = new()
    {
        Method = "mlp",
        Data = new("d"),
        Teacher = new("t"),
        Student = new ResNetSpec(),
        Connections = [new("a", "b", new ChannelMlp(), new L2Loss(), 0.1)],
        Fused = new([new("c", "d"), new("e", "f")], new L2Loss(), 0.2),
        Schedule = new WarmUp(3, new MultiStep([1, 2])),
    };

    [Theory]
    [MemberData(nameof(Variations.Kinds), MemberType = typeof(Variations))]
    public void A_recipe_with_any_kind_comes_back_as_it_was(string kind)
    {
        var full = Variations.Full(kind);
        var text = RecipeJson.Write(full);

        var back = RecipeJson.Read(text);

        Assert.Contains($"\"kind\": \"{kind}\"", text);
        Assert.Equal(text, RecipeJson.Write(back));
        Assert.Equivalent(full, back, strict: true);
    }

    [Fact]
    public void Every_single_change_comes_back_too()
    {
        Assert.All(Variations.Of(Variations.Full(), typeof(Recipe)), change =>
            Assert.Equivalent(change.Value, RecipeJson.Read(RecipeJson.Write((Recipe)change.Value!)), strict: true));
    }

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(1e-8, "1E-08")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(double.MaxValue, "1.7976931348623157E+308")]
    [InlineData(double.Epsilon, "5E-324")]
    public void A_number_comes_back_to_the_last_bit(double number, string text)
    {
        var json = RecipeJson.Write(recipe with { ClipNorm = number });
        var back = RecipeJson.Read(json).ClipNorm!.Value;

        Assert.Contains($"\"clipNorm\": {text}", json);
        Assert.Equal(BitConverter.DoubleToInt64Bits(number), BitConverter.DoubleToInt64Bits(back));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_number_that_is_not_finite_is_refused_with_its_place(double number)
    {
        var wrong = recipe with { ClipNorm = number };

        var error = Assert.Throws<KdException>(() => RecipeJson.Write(wrong));

        Assert.Equal(
            $"Recipe 'mlp' cannot be written: The number is {number}; expected a finite one. "
            + "Path: $.ClipNorm.",
            error.Message);
    }

    // What is changed in the text, and what the message then says.
    [Theory]
    [InlineData("\"epochs\": 8", "\"epochs\": 8, \"epochz\": 9", "'epochz'", "$.epochz")]
    [InlineData("\"epochs\": 8", "\"Epochs\": 8", "'Epochs'", "$.Epochs")]
    [InlineData("\"depth\": 1", "\"deep\": 1", "'deep'", "$.connections[0].aligner.deep")]
    [InlineData("\"reduction\"", "\"reducing\"", "'reducing'", "$.connections[0].loss.reducing")]
    [InlineData("\"gamma\"", "\"gama\"", "'gama'", "$.schedule.then.gama")]
    [InlineData("\"resnet\"", "\"rednet\"", "'rednet'", "$.student")]
    [InlineData("\"resnet\"", "\"rednet\"", "Known kinds: bn-linear, channel-mlp", "resnet")]
    [InlineData("\"kind\": \"resnet\",", "", "discriminator", "$.student")]
    [InlineData("\"width\": 8", "\"width\": 8, \"kind\": \"resnet\"", "uplicate", "$.student")]
    [InlineData("\"kind\": \"l2\"", "\"kind\": \"linear\"", "'linear'", "$.connections[0].loss")]
    [InlineData("\"method\": \"mlp\",", "", "missing", "'method'")]
    [InlineData("\"student\": \"a\",", "", "missing", "'student'")]
    [InlineData("\"alpha\": 0.1,", "", "missing", "'alpha'")]
    [InlineData("\"name\": \"d\",", "", "missing", "'name'")]
    [InlineData("\"epochs\": 8", "\"epochs\": \"8\"", "Int32", "$.epochs")]
    [InlineData("\"epochs\": 8", "\"epochs\": 8.5", "Int32", "$.epochs")]
    [InlineData("\"epochs\": 8", "\"epochs\": null", "Int32", "$.epochs")]
    [InlineData("\"alpha\": 0.1", "\"alpha\": \"0.1\"", "converted", "$.connections[0].alpha")]
    [InlineData("\"alpha\": 0.1", "\"alpha\": 1e999", "expected a finite one", "$.connections[0].alpha")]
    [InlineData("\"alpha\": 0.1", "\"alpha\": NaN", "'N' is an invalid start", "$.connections[0].alpha")]
    [InlineData("\"method\": \"mlp\"", "\"method\": null", "null", "method")]
    [InlineData("\"student\": \"a\"", "\"student\": null", "null", "$.connections[0].student")]
    [InlineData("\"connections\": [", "\"connections\": [null,", "holds 'null'", "Recipe")]
    [InlineData("\"stages\": [", "\"stages\": [null,", "holds 'null'", "Recipe")]
    [InlineData("\"stages\": [", "\"stagez\": [", "'stagez'", "$.fused.stagez")]
    [InlineData("\"student\": \"c\",", "", "missing", "'student'")]
    [InlineData("\"alpha\": 0.2,", "", "missing", "'alpha'")]
    [InlineData("\"default\"", "\"kaiming\"", "default, kaimingFanOut, xavier", "initialization")]
    [InlineData("\"reLU\"", "0", "reLU, gelu, siLU, none", "$.connections[0].aligner.activation")]
    [InlineData("\"reLU\"", "\"0\"", "reLU, gelu, siLU, none", "activation")]
    [InlineData("\"reLU\"", "\"gelu, siLU\"", "reLU, gelu, siLU, none", "activation")]
    [InlineData("\"epochs\": 8", "\"epochs\": 8, \"epochs\": 8", "Duplicate property 'epochs'", "$.epochs")]
    [InlineData("\"depth\": 1", "\"depth\": 1, \"depth\": 1", "Duplicate property 'depth'", "$.connections[0].aligner")]
    [InlineData("\"seed\": 1", "\"seed\": 1,", "trailing comma", "LineNumber")]
    [InlineData("\"seed\": 1", "\"seed\": 1 // one", "'/' is invalid", "LineNumber")]
    [InlineData("\"padding\": 2", "\"padding\": -1", "padding -1", "expected 0")]
    public void A_text_that_is_no_recipe_is_refused_with_the_field_s_name(
        string from, string to, string what, string where)
    {
        var text = RecipeJson.Write(recipe);
        Assert.Contains(from, text);

        var error = Assert.Throws<KdException>(() => RecipeJson.Read(text.Replace(from, to)));

        Assert.Contains(what, error.Message);
        Assert.Contains(where, error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{} {}")]
    public void A_text_that_is_no_object_is_refused_by_its_source(string text) =>
        Assert.StartsWith("x.json: ", Assert.Throws<KdException>(() => RecipeJson.Read(text, "x.json")).Message);

    [Fact]
    public void What_has_a_default_may_be_left_out_and_kind_may_stand_anywhere()
    {
        var read = RecipeJson.Read(
            """{"student": {"width": 4, "kind": "resnet"}, "data": {"name": "d"}, "method": "m"}""");

        Assert.Equal(new Recipe { Method = "m", Data = new("d"), Student = new ResNetSpec(8, 4) }, read);
    }

    [Fact]
    public void Rules_that_are_not_there_are_not_written_so_that_older_runs_keep_their_names()
    {
        Assert.DoesNotContain("\"parameters\"", RecipeJson.Write(recipe));
        var ruled = recipe with { Parameters = new ParameterRules(["a"], null, [new("b", 0.1)]) };
        Assert.Contains("\"parameters\"", RecipeJson.Write(ruled));
        Assert.Equal(ruled, RecipeJson.Read(RecipeJson.Write(ruled)));
    }

    [Fact]
    public void The_spelling_of_before_version_0_2_is_read_as_todays()
    {
        var text = RecipeJson.Write(recipe);
        Assert.Contains("\"optimizer\"", text);
        Assert.Contains("\"initialization\"", text);

        var old = text.Replace("\"optimizer\"", "\"optimiser\"").Replace("\"initialization\"", "\"initialisation\"");

        Assert.Equal(recipe, RecipeJson.Read(old));
    }
}
