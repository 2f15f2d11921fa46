using KdNotebooks.Data;
using KdNotebooks.Data.Formats;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Tests.Data.Formats;

namespace KdNotebooks.Tests.Datasets;

public sealed class CityscapesSetTests : IDisposable
{
    private readonly CityFolder city = new();

    public void Dispose() => city.Dispose();

    [Fact]
    public void Images_come_in_the_order_of_their_names_with_classes_for_ids()
    {
        var set = Open("train");
        Assert.Equal(3, set.Count);
        var samples = Enumerable.Range(0, 3).Select(set.Load).ToList();
        Assert.Equal([1, 3, 2], samples.Select(sample => sample.Pixels.Span[0]));
        Assert.Equal([0, 255, 13], samples.Select(sample => LabelMap.Of(sample).Labels[0]));
        Assert.Equal((CityFolder.Height, CityFolder.Width), (samples[0].Height, samples[0].Width));
        Assert.Equal(3 * CityFolder.Height * CityFolder.Width, samples[0].Pixels.Length);
        Assert.Empty(LabelMap.Of(samples[0]).Things);
    }

    [Fact]
    public void A_label_map_with_a_palette_is_read_by_its_indices()
    {
        var rows = Enumerable.Repeat(new byte[] { 7, 8, 11, 12, 33, 0 }, 4).ToArray();
        CityFolder.Write(city.Labels("val", "ulm", 4), PngSamples.Build(6, rows, 8, color: 3));
        Assert.Equal([0, 1, 2, 3, 18, 255], LabelMap.Of(Open("val").Load(0)).Labels[..6]);
    }

    [Fact]
    public void A_palette_picture_and_its_color_twin_are_one_image()
    {
        byte[][] indices = [[0, 1, 1, 0, 1, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 1]];
        byte[] Color(byte index) => [(byte)(3 * index * 37), (byte)(((3 * index) + 1) * 37), (byte)(((3 * index) + 2) * 37)];
        CityFolder.Write(city.Image("train", "aachen", 1), PngSamples.Build(6, indices, 8, color: 3));
        CityFolder.Write(
            city.Image("train", "aachen", 3),
            PngSamples.Build(6, [.. indices.Select(row => row.SelectMany(Color).ToArray())], 8, color: 2, step: 3));
        var set = Open("train");
        Assert.Equal([0, 111, 111, 0, 111, 0], set.Load(0).Pixels[..6].ToArray());
        Assert.Equal(set.Load(1).Pixels.ToArray(), set.Load(0).Pixels.ToArray());
    }

    [Fact]
    public void What_systems_leave_in_folders_is_passed_over()
    {
        var (names, fingerprint) = (Names(), Open("train").Fingerprint);
        foreach (var file in Directory.GetFiles(city.Path, "*.png", SearchOption.AllDirectories))
        {
            CityFolder.Write(Path.Combine(Path.GetDirectoryName(file)!, "._" + Path.GetFileName(file)), [0, 5, 22, 7]);
        }

        foreach (var folder in Directory.GetDirectories(city.Path, "*", SearchOption.AllDirectories).Append(city.Path))
        {
            foreach (var name in new[] { ".DS_Store", "Thumbs.db", "thumbs.DB", "desktop.ini", ".hidden" })
            {
                CityFolder.Write(Path.Combine(folder, name), [1, 2, 3]);
            }
        }

        foreach (var split in new[] { "leftImg8bit/train", "gtFine/train", "leftImg8bit/test" })
        {
            foreach (var name in new[] { "__MACOSX", ".ipynb_checkpoints" })
            {
                CityFolder.Write(Path.Combine(city.Path, split, name, "x_leftImg8bit.png"), [1]);
                CityFolder.Write(Path.Combine(city.Path, split, name, "y_gtFine_labelIds.png"), [1]);
            }
        }

        Assert.Equal(names, Names());
        Assert.Equal(fingerprint, Open("train").Fingerprint);
        Assert.All(DenseCheck.Cityscapes(city.Path), finding => Assert.True(finding.Sound, finding.Message));
        var spec = new DataSpec("cityscapes", Folder: city.Path);
        Assert.Equal(3, KnownDatasets.Open(spec).Train.Count);

        string[] Names()
        {
            var set = Open("train");
            return [.. Enumerable.Range(0, set.Count).Select(i => set.Load(i).Name)];
        }
    }

    // Wherever the damage is: train and validation are looked at before anything is trained.
    [Theory]
    [InlineData("train", "bochum", 2)]
    [InlineData("val", "ulm", 4)]
    public void A_damaged_image_is_found_when_the_set_is_opened_and_when_it_has_changed(
        string split, string town, int number)
    {
        var (file, sound) = (city.Image(split, town, number), PngSamples.Even(9, 4, 6));
        var broken = sound.ToArray();
        broken[^20] ^= 1;
        Open(split);
        CityFolder.Write(file, broken);
        Assert.Contains($"{file}: is damaged", Refused(split));
        CityFolder.Write(file, sound);
        Open(split);
        CityFolder.Write(file, broken);
        Assert.Contains($"{file}: is damaged", Refused(split));
    }

    [Fact]
    public void An_image_that_is_known_to_be_sound_is_not_read_again()
    {
        var file = city.Image("val", "ulm", 4);
        var contents = ContentIndex.Of(city.Path);
        Assert.False(contents.IsMarked(file, PngReader.Sound));
        Open("val");
        Assert.True(contents.IsMarked(file, PngReader.Sound));

        // What cannot be read, and is said to be sound, is believed: but for a check, which reads all.
        var broken = PngSamples.Even(9, 4, 6);
        broken[^20] ^= 1;
        CityFolder.Write(file, broken);
        contents.Mark(file, contents.HashOf(file), PngReader.Sound);
        Open("val");
        Assert.Contains(
            DenseCheck.Cityscapes(city.Path), finding => finding.File == file && finding.Message.StartsWith("is damaged"));
    }

    [Fact]
    public void Another_label_table_gives_other_classes()
    {
        var table = new LabelTable("two", new LabelRow(33, "x", 0, 0), new LabelRow(1, "y", 1, 0));
        Assert.Equal(0, LabelMap.Of(Open("val", table).Load(0)).Labels[0]);
    }

    [Fact]
    public void All_files_without_a_partner_are_named_in_one_error()
    {
        File.Delete(city.Labels("train", "aachen", 1));
        File.Delete(city.Image("train", "bochum", 2));
        var message = Refused("train");
        Assert.Contains("2 problem(s)", message);
        Assert.Contains($"{city.Image("train", "aachen", 1)}: has no label map", message);
        Assert.Contains($"expected {city.Labels("train", "aachen", 1)}", message);
        Assert.Contains($"{city.Labels("train", "bochum", 2)}: has no image", message);
    }

    [Fact]
    public void An_image_and_a_label_map_of_different_size_are_named_before_anything_is_loaded()
    {
        CityFolder.Write(city.Labels("train", "bochum", 2), PngSamples.Even(7, 5, 6));
        var message = Refused("train");
        Assert.Contains(city.Labels("train", "bochum", 2), message);
        Assert.Contains("is 6x5 pixels large, its image", message);
        Assert.Contains("6x4", message);
    }

    [Theory]
    [InlineData(34)]
    [InlineData(255)]
    public void A_label_outside_the_table_is_named_with_its_place(byte id)
    {
        CityFolder.Write(city.Labels("val", "ulm", 4), PngSamples.Gray([.. new byte[13], id, .. new byte[10]], 6));
        var message = Refused("val");
        Assert.Contains($"has label {id} at row 2, column 1", message);
        Assert.Contains("Expected one of 0 to 33", message);
    }

    [Fact]
    public void An_empty_split_and_a_missing_folder_are_named()
    {
        Directory.Delete(Path.Combine(city.Path, "leftImg8bit", "val"), true);
        Directory.Delete(Path.Combine(city.Path, "gtFine", "val"), true);
        Assert.Contains("the split val is empty", Refused("val"));
        Assert.Contains("the split train is empty", Assert.Throws<KdException>(
            () => Open("train", folder: Path.Combine(city.Path, "nowhere"))).Message);
    }

    [Fact]
    public void Of_many_problems_ten_are_listed_and_the_rest_counted()
    {
        for (byte i = 10; i < 25; i++)
        {
            city.Add("train", "aachen", i, 99);
        }

        var message = Refused("train");
        Assert.Contains("15 problem(s)", message);
        Assert.Contains("and 5 more", message);
    }

    [Fact]
    public void A_color_picture_is_no_label_map()
    {
        CityFolder.Write(city.Labels("val", "ulm", 4), PngSamples.Build(1, [[7, 7, 7]], 8, color: 2));
        Assert.Contains("is a color picture", Refused("val"));
    }

    [Fact]
    public void Unchecked_it_opens_by_names_alone_and_fails_where_it_loads()
    {
        CityFolder.Write(city.Labels("val", "ulm", 4), [1, 2, 3]);
        var set = Open("val", check: false);
        Assert.Equal(city.Labels("val", "ulm", 4), Assert.Throws<DataFileException>(() => set.Load(0)).File);
    }

    [Fact]
    public void Its_fingerprint_knows_names_and_contents_but_not_the_place()
    {
        using var other = new CityFolder();
        var mine = Open("train").Fingerprint;
        Assert.Equal(mine, Open("train", folder: other.Path).Fingerprint);
        // In place, and as long as they were.
        var (image, labels) = (other.Image("train", "aachen", 3), other.Labels("train", "aachen", 3));
        var length = new FileInfo(image).Length;
        CityFolder.Write(image, PngSamples.Even(201, CityFolder.Height, CityFolder.Width));
        Assert.Equal(length, new FileInfo(image).Length);
        var inverted = Open("train", folder: other.Path).Fingerprint;
        Assert.NotEqual(mine, inverted);
        CityFolder.Write(labels, PngSamples.Even(8, CityFolder.Height, CityFolder.Width));
        Assert.Distinct([mine, inverted, Open("train", folder: other.Path).Fingerprint]);
        other.Add("train", "zurich", 9, 7);
        Assert.NotEqual(mine, Open("train", folder: other.Path).Fingerprint);
    }

    [Fact]
    public void A_set_that_stays_open_says_after_a_refresh_what_its_files_have_become()
    {
        var data = CityscapesSet.OpenData(city.Path, cancel: TestContext.Current.CancellationToken);
        var (whole, few) = (data.Fingerprint, data.Train.Take(2).Fingerprint);
        var image = city.Image("train", "aachen", 1);
        CityFolder.Write(image, PngSamples.Even(77, CityFolder.Height, CityFolder.Width));
        var error = Assert.Throws<DataFileException>(() => data.Train.Load(0)); // no run goes on with other images
        Assert.Equal(image, error.File);
        Assert.Contains("has changed since", error.Message);
        data.Take(2, 1, 0).Refresh(cancel: TestContext.Current.CancellationToken);
        Assert.Equal(77, data.Train.Load(0).Pixels.Span[0]);
        Assert.NotEqual(few, data.Train.Take(2).Fingerprint);
        data.Refresh(cancel: TestContext.Current.CancellationToken);
        Assert.NotEqual(whole, data.Fingerprint);
        CityFolder.Write(image, PngSamples.Even(1, CityFolder.Height, CityFolder.Width));
        data.Refresh(cancel: TestContext.Current.CancellationToken);
        Assert.Equal(whole, data.Fingerprint); // the old bytes, at a later time
    }

    [Fact]
    public void Data_are_train_and_val()
    {
        var data = CityscapesSet.OpenData(city.Path, cancel: TestContext.Current.CancellationToken);
        Assert.Equal((3, 1), (data.Train.Count, data.Validation.Count));
        Assert.Null(data.Test);
        Assert.Equal(64, data.Fingerprint.Length);
        city.Add("test", "berlin", 5, 7);
        var all = CityscapesSet.OpenData(city.Path, test: true, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(1, all.Test!.Count);
    }

    private string Refused(string split) =>
        Assert.Throws<KdException>(() => Open(split)).Message;

    private CityscapesSet Open(string split, LabelTable? table = null, bool check = true, string? folder = null) =>
        CityscapesSet.Open(folder ?? city.Path, split, table, check, TestContext.Current.CancellationToken);
}
