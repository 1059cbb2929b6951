using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace StorageOperator.Model.Tests;

public sealed class HostileJsonTests
{
    private static readonly string[] KnownNames =
    [
        "metadata", "spec", "status", "name", "namespace", "uid", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "labels",
        "annotations", "finalizers", "ownerReferences", "controller", "capacity", "storage", "accessModes", "claimRef", "csi", "hostPath", "path",
        "driver", "resources", "requests", "selector", "matchLabels", "matchExpressions", "key", "operator", "values", "volumes", "ephemeral",
        "persistentVolumeClaim", "claimName", "nodeName", "phase", "message", "volumeMode", "volumeName", "storageClassName", "dataSource",
        "provisioner", "volumeBindingMode", "allowVolumeExpansion", "pv.kubernetes.io/bind-completed", "volume.beta.kubernetes.io/storage-class",
    ];

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.OneOf("", "5Gi", "Bound", "ReadWriteOnce", "In", "yes", "true", "7", "2026-01-01T00:00:00Z", "größe", "😀", "a\"b\\c\n\t\0"),
        Gen.String);

    private static readonly Gen<string> Strings = Gen.Select(Texts, Gen.Bool).Select((text, escapes) => Quote(text, escapes));

    private static readonly Gen<string> Names = Gen.Frequency(
        (20, Gen.Select(Gen.OneOf(KnownNames), Gen.Bool).Select((name, escapes) => Quote(name, escapes))),
        (5, Strings),
        (1, Gen.OneOf("\"\\ud800\"", "\"na\\udc00e\"")));

    private static readonly Gen<string> Scalars = Gen.OneOf(
        Strings,
        Gen.OneOf("null", "true", "false", "0", "-1", "1.5e300", "99999999999999999999999", "\"\\ud800\"", "\"x\\udc00\\ud800\""),
        Gen.Long.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    private static readonly Gen<string> Values = Gen.Recursive<string>((depth, value) => depth > 4
        ? Scalars
        : Gen.Frequency((2, Scalars), (3, ObjectOf(value)), (1, value.Array[0, 3].Select(items => $"[{string.Join(" ,\n", items)}]"))));

    private static readonly Gen<string> Objects = ObjectOf(Values);

    private static readonly Gen<string> Kinds = Gen.OneOf([.. Json.Readers.Keys]);

    [Fact]
    public void Any_object_is_read_to_its_end() => Gen.Select(Kinds, Objects).Sample(
        (kind, json) =>
        {
            Json.Read(Json.Readers[kind], Json.Whole(json));
        },
        iter: 1_000);

    [Fact]
    public void An_object_in_pieces_reads_like_a_whole_one() => Gen.Select(Kinds, Objects, Gen.Int[1, 9]).Sample(
        (kind, json, length) =>
        {
            var reader = Json.Readers[kind];
            Assert.Equal(Json.Picture(Json.Read(reader, Json.Whole(json))), Json.Picture(Json.Read(reader, Json.InPieces(json, length))));
        },
        iter: 300);

    [Theory]
    [MemberData(nameof(Golden.All), MemberType = typeof(Golden))]
    public void A_real_object_in_pieces_reads_like_a_whole_one(string kind, string json)
    {
        var whole = Json.Picture(Json.Read(Json.Readers[kind], Json.Whole(json)));
        for (var length = 1; length <= 64; length++)
        {
            Assert.Equal(whole, Json.Picture(Json.Read(Json.Readers[kind], Json.InPieces(json, length))));
        }
    }

    [Fact]
    public void Escaped_names_and_texts_in_pieces_read_like_whole_ones()
    {
        const string json = """{"metadata":{"annotations":{"pv.kubernetes.io\/bind-completed":"\u0079es","\u0070v.kubernetes.io/x":"größe"}},"spec":{"capacity":{"storage":1024}}}""";
        for (var length = 1; length <= 16; length++)
        {
            var volume = (VolumeEntry)Json.Read(Json.Readers["volume"], Json.InPieces(json, length))!;
            Assert.Equal("pv.kubernetes.io/bind-completed=yes,pv.kubernetes.io/x=größe", volume.Annotations.ToString());
            Assert.Equal(1024, volume.Capacity?.Bytes);
        }
    }

    [Theory]
    [MemberData(nameof(Golden.All), MemberType = typeof(Golden))]
    public void A_real_object_cut_short_is_a_JSON_error(string kind, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        for (var length = 0; length < bytes.Length; length++)
        {
            AssertCutShort(Json.Readers[kind], new ReadOnlySequence<byte>(bytes, 0, length));
        }
    }

    [Fact]
    public void Any_object_cut_short_is_a_JSON_error() => Gen.Select(Kinds, Objects, Gen.Double[0, 0.999]).Sample(
        (kind, json, part) =>
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            AssertCutShort(Json.Readers[kind], new ReadOnlySequence<byte>(bytes, 0, (int)(bytes.Length * part)));
        },
        iter: 300);

    [Fact]
    public void Bytes_that_are_no_UTF8_do_not_stop_the_reading()
    {
        // Latin1 turns these characters into single bytes, which no UTF-8 has.
        const string json = """[{"metadata":{"labels":{"a":"xÿÃ","b":"\u0079ÿ"},"annotations":{"pv.kubernetes.io/ÿ":"y"},"name":"v"}},42]""";

        Assert.Equal("v", ((VolumeEntry)Json.Read(Json.Readers["volume"], new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(json)))!).Name);
    }

    [Theory]
    [InlineData("pv.kubernetes.io/anything", true)]
    [InlineData("volume.kubernetes.io/selected-node", true)]
    [InlineData("volume.beta.kubernetes.io/storage-class", true)]
    [InlineData("volume.alpha.kubernetes.io/pre-resize-capacity", true)]
    [InlineData("storageclass.kubernetes.io/is-default-class", true)]
    [InlineData("storageclass.beta.kubernetes.io/is-default-class", true)]
    [InlineData("storageoperator.io/scrubs-after-claim", true)]
    [InlineData("kubectl.kubernetes.io/last-applied-configuration", false)]
    [InlineData("pv.kubernetes.io", false)]
    [InlineData("PV.kubernetes.io/bind-completed", false)]
    [InlineData("x.pv.kubernetes.io/bind-completed", false)]
    [InlineData("", false)]
    public void Only_annotations_that_decide_anything_are_kept(string key, bool isRelevant)
    {
        Assert.Equal(isRelevant, WellKnown.IsRelevantAnnotation(Encoding.UTF8.GetBytes(key)));
        Assert.Equal(isRelevant ? 1 : 0, Json.Claim($$$$$"""{"metadata":{"annotations":{"{{{{{key}}}}}":"v"}}}""").Annotations.Count);
    }

    [Fact]
    public void Every_annotation_this_program_names_is_a_relevant_one() => Assert.All(
        [
            WellKnown.BindCompleted, WellKnown.BoundByController, WellKnown.ProvisionedBy, WellKnown.MigratedTo, WellKnown.StorageProvisioner,
            WellKnown.BetaStorageProvisioner, WellKnown.SelectedNode, WellKnown.StorageResizer, WellKnown.BetaStorageClass,
            WellKnown.PreResizeCapacity, WellKnown.DefaultClass, WellKnown.BetaDefaultClass,
        ],
        key => Assert.True(WellKnown.IsRelevantAnnotation(Encoding.UTF8.GetBytes(key)), key));

    private static void AssertCutShort(Json.Reading reading, ReadOnlySequence<byte> bytes) => Assert.ThrowsAny<JsonException>(() =>
    {
        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        reading(ref reader);
    });

    private static Gen<string> ObjectOf(Gen<string> value) =>
        Gen.Select(Names, value).Select((name, held) => $"{name}: {held}").Array[0, 6].Select(members => $"{{{string.Join(", ", members)}}}");

    // Lone halves of surrogate pairs cannot be written as UTF-8; as escapes they can, and some names and scalars here do.
    private static string Quote(string text, bool escapes)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            if (escapes || rune.Value is < 0x20 or '"' or '\\')
            {
                foreach (var unit in rune.ToString())
                {
                    quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
                }
            }
            else
            {
                quoted.Append(rune.ToString());
            }
        }

        return quoted.Append('"').ToString();
    }
}
