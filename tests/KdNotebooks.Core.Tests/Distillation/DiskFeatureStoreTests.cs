using KdNotebooks.Distillation;
using KdNotebooks.Runtime;
using KdNotebooks.Weights;

namespace KdNotebooks.Tests.Distillation;

public sealed class DiskFeatureStoreTests : IDisposable
{
    private static readonly FeatureKey Key = new("teacher", "data", "views", ["body", ""]);

    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void What_one_store_wrote_another_reads()
    {
        Make();
        using var store = Open();
        Assert.True(store.Has(0, 600));
        Assert.Equal([599f, 598f], store.Rows(0, "", [599, 598]).Numbers());
        Assert.Equal(
            ["view-0-00000.safetensors", "view-0-00001.safetensors", "view-0.complete"],
            Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void What_each_row_was_made_of_is_kept_with_it()
    {
        Make();
        using var store = Open();
        Assert.True(store.Has(0, 600));
        Assert.Equal(Prints(0, 600), store.Prints(0));
    }

    // One bit of one number, wherever it lies: whoever asks for its row hears of it, and for the others nobody does.
    [Fact]
    public void A_row_that_is_not_what_was_written_is_told_by_its_sum()
    {
        Make();
        var bytes = File.ReadAllBytes(Shard(1));
        var row = bytes.AsSpan().IndexOf([.. BitConverter.GetBytes(530f), .. BitConverter.GetBytes(530f)]);
        Assert.True(row > 0);
        bytes[row + 5] ^= 1;
        File.WriteAllBytes(Shard(1), bytes);
        using var store = Open();
        Assert.True(store.Has(0, 600));
        Assert.Equal([529f, 529f], store.Rows(0, "body", [529]).Numbers());
        Assert.Contains("row 530", Assert.Throws<DamagedFeaturesException>(() => store.Rows(0, "body", [529, 530])).Message);
    }

    [Fact]
    public void A_file_says_what_it_was_made_of()
    {
        Make();
        using var file = SafeTensorsFile.Open(Shard(0));
        Assert.Equal(512, file.Tensors["body"].Shape[0]);
        Assert.Equal(
            ("teacher", "data", "views"), (file.Metadata["teacher"], file.Metadata["data"], file.Metadata["views"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("600")]
    [InlineData("two files")]
    [InlineData("600 -1")]
    [InlineData("600 99999999999")] // beyond an int
    [InlineData("0 0")]
    [InlineData("600 1")] // too few files
    [InlineData("1200 3")] // more files than there are
    [InlineData("599 2")] // fewer rows than there are
    [InlineData("601 2")]
    [InlineData("512 1")] // whole by its own word
    [InlineData("\0\0\0\0\0\0")] // a machine that lost power
    public void A_view_whose_end_makes_no_sense_is_not_there(string complete)
    {
        Make();
        File.WriteAllText(Complete, complete);
        using var store = Open();
        Assert.False(store.Has(0, 600));
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("header")]
    [InlineData("empty")]
    [InlineData("missing")]
    [InlineData("fewer rows")]
    [InlineData("no such path")]
    [InlineData("another shape")]
    [InlineData("another type")]
    [InlineData("not ended")]
    public void A_view_with_a_damaged_file_is_not_there_and_can_be_made_again(string damage)
    {
        Make();
        Damage(damage);
        using (var store = Open())
        {
            Assert.False(store.Has(0, 600));
            Assert.Empty(OpenFiles());
            Fill(store, 600);
            Assert.Equal([599f], store.Rows(0, "", [599]).Numbers());
        }

        using var again = Open();
        Assert.True(again.Has(0, 600));
        Assert.Equal([512f, 512f], again.Rows(0, "body", [512]).Numbers());
    }

    [Fact]
    public void While_a_damaged_view_is_made_again_it_does_not_pass_for_whole()
    {
        Make();
        File.Delete(Shard(1));
        using var store = Open();
        Assert.False(store.Has(0, 600));
        store.Begin(0, 600);
        Assert.False(File.Exists(Complete));
    }

    [Fact]
    public void What_a_killed_process_left_half_written_is_no_part_of_a_view()
    {
        Make();
        File.Move(Complete, Complete + ".0123.tmp"); // killed before the rename
        File.WriteAllBytes(Shard(0) + ".4567.tmp", [1, 2, 3]);
        using var store = Open();
        Assert.False(store.Has(0, 600));
        Fill(store, 600);
        Assert.True(store.Has(0, 600));
    }

    [Fact]
    public void The_end_is_written_beside_and_renamed()
    {
        Make();
        using var reader = new FileStream(Complete, FileMode.Open, FileAccess.Read, FileShare.Delete);
        using (var store = Open())
        {
            Fill(store, 513); // the file that the reader holds is left as it is
        }

        Assert.Equal("600 2\n", new StreamReader(reader).ReadToEnd());
        Assert.Equal("513 2\n", File.ReadAllText(Complete));
    }

    [Fact]
    public void A_pass_with_too_few_rows_is_found_out_at_its_end()
    {
        using var store = Open();
        store.Begin(0, 600);
        store.Append(Features(0, 599), Prints(0, 599));
        Assert.Contains("cannot be read again", Assert.Throws<KdException>(store.End).Message);
        Assert.False(store.Has(0, 600));
    }

    [Fact]
    public void Stores_with_different_keys_share_nothing()
    {
        Make();
        foreach (var other in new[]
        {
            Key with { Teacher = "another" }, Key with { Data = "another" }, Key with { Views = "another" },
            Key with { Paths = ["body"] }, Key with { Maker = "another device, or other code" },
        })
        {
            using var store = new DiskFeatureStore(folder.File(""), other);
            Assert.False(store.Has(0, 600));
        }
    }

    [Fact]
    public void A_module_called_output_is_told_from_the_models_output()
    {
        using var store = new DiskFeatureStore(folder.File(""), Key with { Paths = ["output", ""] });
        store.Begin(0, 1);
        store.Append(new Dictionary<string, Tensor> { ["output"] = torch.ones(1), [""] = torch.zeros(1) }, Prints(0, 1));
        store.End();
        Assert.Equal((1f, 0f), (store.Rows(0, "output", [0]).item<float>(), store.Rows(0, "", [0]).item<float>()));
    }

    private void Damage(string damage)
    {
        switch (damage)
        {
            case "cut off":
                using (var shard = File.OpenWrite(Shard(1)))
                {
                    shard.SetLength(shard.Length - 1);
                }

                break;
            case "header":
                using (var shard = File.OpenWrite(Shard(0)))
                {
                    shard.Position = 8;
                    shard.Write(new byte[16]);
                }

                break;
            case "empty":
                File.WriteAllBytes(Shard(0), []);
                break;
            case "missing":
                File.Delete(Shard(1));
                break;
            case "not ended":
                File.Delete(Complete);
                break;
            default:
                SafeTensors.Write(Shard(1), Wrong(damage));
                break;
        }
    }

    // Sound files that are not the ones that belong there.
    private static Dictionary<string, Tensor> Wrong(string damage) => new()
    {
        ["body"] = damage == "another shape" ? torch.zeros(88, 3) : torch.zeros(damage == "fewer rows" ? 87 : 88, 2),
        [damage == "no such path" ? "tail" : "(output)"] =
            torch.zeros(88, dtype: damage == "another type" ? torch.float64 : torch.float32),
        ["(prints)"] = torch.zeros(88, 2, dtype: torch.int64),
        ["(sums) body"] = torch.zeros(88, 2, dtype: torch.int64),
        ["(sums) "] = torch.zeros(88, 2, dtype: torch.int64),
    };

    private void Make()
    {
        using var store = Open();
        Fill(store, 600);
    }

    private DiskFeatureStore Open() => new(folder.File(""), Key);

    private static void Fill(DiskFeatureStore store, int rows)
    {
        store.Begin(0, rows);
        store.Append(Features(0, rows), Prints(0, rows));
        store.End();
    }

    private static Dictionary<string, Tensor> Features(int from, int count)
    {
        var rows = torch.arange(from, from + count, dtype: torch.float32);
        return new() { ["body"] = rows.unsqueeze(1).expand(count, 2), [""] = rows };
    }

    private static UInt128[] Prints(int from, int count) =>
        [.. Enumerable.Range(from, count).Select(i => new UInt128((ulong)i, ~(ulong)i))];

    // Of this test's files, those that this process holds open; none where the system does not tell.
    private IEnumerable<string> OpenFiles() => !Directory.Exists("/proc/self/fd") ? [] :
        Directory.GetFiles("/proc/self/fd").Select(Target)
            .Where(path => path.StartsWith(Folder, StringComparison.Ordinal));

    private static string Target(string handle)
    {
        try
        {
            return File.ResolveLinkTarget(handle, false)?.FullName ?? "";
        }
        catch (IOException)
        {
            return ""; // another test's, closed meanwhile
        }
    }

    private string Folder => folder.File(Key.Hash);

    private string Complete => Path.Combine(Folder, "view-0.complete");

    private string Shard(int index) => Path.Combine(Folder, $"view-0-{index:D5}.safetensors");
}
