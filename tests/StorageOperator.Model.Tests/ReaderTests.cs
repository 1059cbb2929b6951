namespace StorageOperator.Model.Tests;

public sealed class ReaderTests
{
    [Fact]
    public void A_claim_is_read_in_full()
    {
        var claim = Json.Claim(Golden.Claim);

        Assert.Equal(new ObjectKey("shop", "data"), claim.Key);
        Assert.Equal(("5b1c3a52-6f0e-4f0a-9d9d-0a2a7a1c0f11", 734ul, true), (claim.Uid, claim.ResourceVersion, claim.IsDeleting));
        Assert.Equal(
            "pv.kubernetes.io/bind-completed=yes,pv.kubernetes.io/bound-by-controller=yes,volume.beta.kubernetes.io/storage-provisioner=csi.example.com,"
            + "volume.kubernetes.io/selected-node=node-1,volume.kubernetes.io/storage-provisioner=csi.example.com",
            claim.Annotations.ToString());
        Assert.Equal(["kubernetes.io/pvc-protection", "example.com/hold"], claim.Finalizers);
        Assert.Equal("pod-uid", claim.ControllerUid);
        Assert.Equal((Quantity.Parse("8Gi"), "8Gi"), (claim.Request, claim.RequestText));
        Assert.Equal(["ReadWriteOnce", "ReadOnlyMany"], claim.AccessModes.Written);
        Assert.Equal(("fast", "fast", false), (claim.SpecClassName, claim.ClassName, claim.WantsDefaultClass));
        Assert.Equal((VolumeMode.Block, "silver", "pv-7"), (claim.VolumeMode, claim.AttributesClassName, claim.VolumeName));
        Assert.Equal("tier=gold,zone in (a,b),!old", claim.Selector?.ToString());
        Assert.Equal(("Bound", "10Gi", "bronze"), (claim.Phase, claim.StatusCapacityText, claim.CurrentAttributesClassName));
        Assert.Equal(Quantity.Parse("10Gi"), claim.StatusCapacity);
        Assert.Equal(["ReadWriteOnce"], claim.StatusAccessModes.Written);
        Assert.Equal((true, true, "node-1", null), (claim.HasDataSource, claim.IsBindCompleted, claim.SelectedNode, claim.Defect));
    }

    [Fact]
    public void A_volume_is_read_in_full()
    {
        var volume = Json.Volume(Golden.Volume);

        Assert.Equal((ObjectKey.Cluster("pv-7"), "pv-7", 9001ul, false), (volume.Key, volume.Name, volume.ResourceVersion, volume.IsDeleting));
        Assert.Equal("0e3f8c1e-8a51-4b8e-a9cf-5a55f0f0a001", volume.Uid);
        Assert.Equal("tier=gold,zone=a", volume.Labels.ToString());
        Assert.Equal("pv.kubernetes.io/provisioned-by=csi.example.com,volume.kubernetes.io/provisioner-deletion-secret-name=", volume.Annotations.ToString());
        Assert.Equal(["external-provisioner.volume.kubernetes.io/finalizer", "kubernetes.io/pv-protection"], volume.Finalizers);
        Assert.Equal((Quantity.Parse("10Gi"), "10Gi"), (volume.Capacity, volume.CapacityText));
        Assert.Equal(AccessModes.ReadWriteOnce, volume.AccessModes.Set);
        Assert.Equal(("fast", "Delete", VolumeMode.Block, "silver"), (volume.ClassName, volume.ReclaimPolicy, volume.VolumeMode, volume.AttributesClassName));
        Assert.Equal(new ClaimReference("shop", "data", "5b1c3a52"), volume.ClaimRef);
        Assert.Equal(new VolumeSource("csi", Driver: "csi.example.com", Handle: "vol-0042"), volume.Source);
        Assert.Equal(("Bound", "all is well", true, null), (volume.Phase, volume.Message, volume.IsProvisioned, volume.Defect));
    }

    [Fact]
    public void A_class_is_read_in_full()
    {
        var read = Json.Class(Golden.Class);

        Assert.Equal(("fast", "c1a55", 12ul, "2026-01-01T00:00:00Z"), (read.Name, read.Uid, read.ResourceVersion, read.CreatedAt));
        Assert.Equal(("csi.example.com", "WaitForFirstConsumer"), (read.Provisioner, read.BindingMode));
        Assert.True(read.AllowsExpansion && read.IsDefault && read.WaitsForFirstConsumer);
    }

    [Fact]
    public void A_pod_is_read_in_full()
    {
        var pod = Json.Pod(Golden.Pod)!;

        Assert.Equal((new ObjectKey("shop", "db-0"), "pod-uid", 55ul), (pod.Key, pod.Uid, pod.ResourceVersion));
        Assert.Equal(("node-1", "Running", "", true, false, false), (pod.NodeName, pod.Phase, pod.Message, pod.IsDeleting, pod.IsForceDeleted, pod.IsFinished));
        Assert.Equal([new ClaimUse("data", false), new ClaimUse("db-0-scratch", true)], pod.Claims);
        Assert.Equal("storageoperator.io/scrubs-after-claim=claim-uid", pod.Annotations.ToString());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"metadata":{"name":"p","namespace":"ns"},"spec":{"nodeName":"n"}}""")]
    [InlineData("""{"metadata":{"name":"p","namespace":"ns"},"spec":{"volumes":[{"name":"e","emptyDir":{}}]}}""")]
    [InlineData("""{"metadata":{"name":"p","namespace":"ns"},"spec":{"volumes":[{"name":"c","persistentVolumeClaim":{}}]}}""")]
    [InlineData("""{"metadata":{"name":"p","namespace":"ns"},"spec":{"volumes":[{"name":"c","ephemeral":null}]}}""")]
    [InlineData("""{"metadata":{"name":"recycler-for-v","namespace":"elsewhere"}}""")]
    public void A_pod_that_has_nothing_to_do_with_storage_is_not_kept(string json) => Assert.Null(Json.Pod(json));

    [Fact]
    public void A_scrubber_pod_is_kept_though_it_uses_no_claim()
    {
        var pod = Json.Pod("""{"metadata":{"name":"recycler-for-v","namespace":"default"},"spec":{"volumes":[{"name":"vol","hostPath":{"path":"/x"}}]},"status":{"phase":"Failed","message":"disk on fire"}}""")!;

        Assert.Equal(("Failed", "disk on fire", true), (pod.Phase, pod.Message, pod.IsFinished));
        Assert.Empty(pod.Claims);
    }

    [Theory]
    [InlineData("""{"deletionTimestamp":"2026-03-02T10:00:00Z","deletionGracePeriodSeconds":0}""", true, true)]
    [InlineData("""{"deletionGracePeriodSeconds":0,"deletionTimestamp":"2026-03-02T10:00:00Z"}""", true, true)]
    [InlineData("""{"deletionTimestamp":"2026-03-02T10:00:00Z","deletionGracePeriodSeconds":30}""", true, false)]
    [InlineData("""{"deletionTimestamp":"2026-03-02T10:00:00Z"}""", true, false)]
    [InlineData("""{"deletionTimestamp":null,"deletionGracePeriodSeconds":0}""", false, false)]
    [InlineData("""{"deletionTimestamp":"2026-03-02T10:00:00Z","deletionGracePeriodSeconds":"0"}""", true, false)]
    [InlineData("""{"deletionTimestamp":"2026-03-02T10:00:00Z","deletionGracePeriodSeconds":0.5}""", true, false)]
    public void Only_a_deletion_without_grace_is_a_forced_one(string metadata, bool isDeleting, bool isForced)
    {
        var pod = Json.Pod($$$$$"""{"metadata":{{{{{metadata}}}}},"spec":{"volumes":[{"persistentVolumeClaim":{"claimName":"c"}}]}}""")!;

        Assert.Equal((isDeleting, isForced), (pod.IsDeleting, pod.IsForceDeleted));
    }

    [Fact]
    public void An_ephemeral_claim_is_named_after_a_pod_whose_name_comes_last()
    {
        var pod = Json.Pod("""{"spec":{"volumes":[{"ephemeral":{},"name":"v"}]},"metadata":{"namespace":"ns","name":"p"}}""")!;

        Assert.Equal([new ClaimUse("p-v", true)], pod.Claims);
    }

    [Theory]
    [InlineData("""{"spec":{}}""", null, true, "")]
    [InlineData("""{"spec":{"storageClassName":null}}""", null, true, "")]
    [InlineData("""{"spec":{"storageClassName":""}}""", "", false, "")]
    [InlineData("""{"spec":{"storageClassName":"fast"}}""", "fast", false, "fast")]
    [InlineData("""{"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":"old"}},"spec":{"storageClassName":"fast"}}""", "fast", false, "old")]
    [InlineData("""{"spec":{},"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":""}}}""", null, false, "")]
    public void No_class_and_the_empty_class_are_told_apart(string json, string? spec, bool wantsDefault, string counts)
    {
        var claim = Json.Claim(json);

        Assert.Equal((spec, wantsDefault, counts), (claim.SpecClassName, claim.WantsDefaultClass, claim.ClassName));
    }

    [Theory]
    [InlineData("""{"spec":{"storageClassName":"fast"},"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":"old"}}}""", "old")]
    [InlineData("""{"spec":{"storageClassName":"fast"},"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":""}}}""", "")]
    [InlineData("""{"spec":{"storageClassName":"fast"}}""", "fast")]
    [InlineData("""{"spec":{}}""", "")]
    public void A_volumes_class_is_the_annotation_before_the_field(string json, string name) => Assert.Equal(name, Json.Volume(json).ClassName);

    [Theory]
    [InlineData("hostPath", """{"path":"/tmp/a","type":""}""", "/tmp/a", null, null, null)]
    [InlineData("local", """{"path":"/mnt/disk"}""", "/mnt/disk", null, null, null)]
    [InlineData("nfs", """{"server":"nfs.example","path":"/export"}""", "/export", "nfs.example", null, null)]
    [InlineData("csi", """{"driver":"d","volumeHandle":"h","volumeAttributes":{"path":"no"}}""", null, null, "d", "h")]
    [InlineData("awsElasticBlockStore", """{"volumeID":"vol-1"}""", null, null, null, null)]
    [InlineData("aPluginOfTheFuture", """{"nested":{"path":"no","deeper":[{"path":"no"}]}}""", null, null, null, null)]
    public void A_volumes_source_is_read(string plugin, string source, string? path, string? server, string? driver, string? handle) => Assert.Equal(
        new VolumeSource(plugin, driver, path, server, handle),
        Json.Volume($$$$$"""{"spec":{"capacity":{"storage":"1Gi"},"{{{{{plugin}}}}}":{{{{{source}}}}},"mountOptions":["ro"],"nodeAffinity":{"required":{}},"claimRef":{"name":"c"}}}""").Source);

    [Theory]
    [InlineData("""{}""", "spec is missing")]
    [InlineData("""{"spec":null}""", "spec is missing")]
    [InlineData("""{"spec":[{}]}""", "spec is missing")]
    [InlineData("""{"spec":{}}""", "{0} is missing")]
    [InlineData("""{"spec":{"capacity":{},"resources":{"requests":{}}}}""", "{0} is missing")]
    [InlineData("""{"spec":{"capacity":5,"resources":5}}""", "{0} is missing")]
    [InlineData("""{"spec":{"capacity":{"storage":"lots"},"resources":{"requests":{"storage":"lots"}}}}""", "{0} is \"lots\", which is not a quantity such as 500Mi or 10Gi")]
    [InlineData("""{"spec":{"capacity":{"storage":"0"},"resources":{"requests":{"storage":"0"}}}}""", "{0} is 0, but a size must be greater than zero")]
    [InlineData("""{"spec":{"capacity":{"storage":"-1Gi"},"resources":{"requests":{"storage":"-1Gi"}}}}""", "{0} is -1Gi, but a size must be greater than zero")]
    [InlineData("""{"spec":{"capacity":{"storage":1024},"resources":{"requests":{"storage":1024}}}}""", null)]
    public void A_size_that_is_none_becomes_a_defect(string json, string? defect)
    {
        var (claim, volume) = (Json.Claim(json), Json.Volume(json));

        Assert.Equal(defect?.Replace("{0}", "spec.resources.requests.storage", StringComparison.Ordinal), claim.Defect);
        Assert.Equal(defect?.Replace("{0}", "spec.capacity.storage", StringComparison.Ordinal), volume.Defect);
        Assert.Equal((defect is null, defect is null), (claim.Request is not null, volume.Capacity is not null));
    }

    [Theory]
    [InlineData("null", null, null)]
    [InlineData("{}", "", null)]
    [InlineData("""{"matchLabels":null,"matchExpressions":null}""", "", null)]
    [InlineData("""{"matchExpressions":[{"key":"k","operator":"NotIn","values":["v"]}],"matchLabels":{"a":"1","b":"2"}}""", "a=1,b=2,k notin (v)", null)]
    [InlineData("""{"matchExpressions":[{"key":"k","operator":"Exists"},{"operator":"DoesNotExist","key":"l","values":[]}]}""", "k,!l", null)]
    [InlineData("\"tier=gold\"", null, "spec.selector is no object")]
    [InlineData("[]", null, "spec.selector is no object")]
    [InlineData("""{"matchLabels":"tier=gold"}""", null, "spec.selector.matchLabels is no object")]
    [InlineData("""{"matchExpressions":{"key":"k"}}""", null, "spec.selector.matchExpressions is no list")]
    [InlineData("""{"matchExpressions":["k"]}""", null, "spec.selector.matchExpressions has an element that is no expression")]
    [InlineData("""{"matchExpressions":[["k"]]}""", null, "spec.selector.matchExpressions has an element that is no expression")]
    [InlineData("""{"matchExpressions":[{"operator":"Exists"}]}""", null, "spec.selector.matchExpressions has an expression without a key")]
    [InlineData("""{"matchExpressions":[{"key":"k","operator":"In"}]}""", null, "spec.selector.matchExpressions for \"k\" uses In without values")]
    [InlineData("""{"matchExpressions":[{"key":"k","operator":"NotIn","values":[]}]}""", null, "spec.selector.matchExpressions for \"k\" uses NotIn without values")]
    [InlineData("""{"matchExpressions":[{"key":"k","operator":"Exists","values":["v"]}]}""", null, "spec.selector.matchExpressions for \"k\" uses Exists with values, which must be left out")]
    [InlineData("""{"matchExpressions":[{"key":"k","operator":"Gt","values":["1"]}]}""", null, "spec.selector.matchExpressions for \"k\" has operator \"Gt\"; In, NotIn, Exists and DoesNotExist are the valid ones")]
    [InlineData("""{"matchExpressions":[{"key":"k"}]}""", null, "spec.selector.matchExpressions for \"k\" has operator \"\"; In, NotIn, Exists and DoesNotExist are the valid ones")]
    public void A_malformed_selector_is_a_defect_and_never_a_guess(string selector, string? read, string? defect)
    {
        var claim = Json.Claim($$$$$"""{"spec":{"selector":{{{{{selector}}}}},"resources":{"requests":{"storage":"1Gi"}}}}""");

        Assert.Equal((read, defect), (claim.Selector?.ToString(), claim.Defect));
    }

    [Theory]
    [InlineData("", VolumeMode.Filesystem)]
    [InlineData(",\"volumeMode\":\"\"", VolumeMode.Filesystem)]
    [InlineData(",\"volumeMode\":null", VolumeMode.Filesystem)]
    [InlineData(",\"volumeMode\":\"Filesystem\"", VolumeMode.Filesystem)]
    [InlineData(",\"volumeMode\":\"Block\"", VolumeMode.Block)]
    [InlineData(",\"volumeMode\":\"Tape\"", VolumeMode.Unknown)]
    public void An_absent_volume_mode_is_Filesystem(string field, VolumeMode mode)
    {
        var json = $$$$$"""{"spec":{"x":0{{{{{field}}}}}}}""";

        Assert.Equal((mode, mode), (Json.Claim(json).VolumeMode, Json.Volume(json).VolumeMode));
    }

    [Theory]
    [InlineData("\"true\"", true)]
    [InlineData("\"True\"", false)]
    [InlineData("\"\"", false)]
    [InlineData("true", false)]
    public void A_class_is_the_default_only_by_the_word_true(string value, bool isDefault)
    {
        Assert.Equal(isDefault, Json.Class($$$$$"""{"metadata":{"annotations":{"storageclass.kubernetes.io/is-default-class":{{{{{value}}}}}}}}""").IsDefault);
        Assert.Equal(isDefault, Json.Class($$$$$"""{"metadata":{"annotations":{"storageclass.beta.kubernetes.io/is-default-class":{{{{{value}}}}}}}}""").IsDefault);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"volumeBindingMode":null}""")]
    [InlineData("""{"volumeBindingMode":""}""")]
    [InlineData("""{"volumeBindingMode":{"Immediate":true}}""")]
    public void A_class_without_a_binding_mode_says_so(string json) => Assert.Null(Json.Class(json).BindingMode);

    [Theory]
    [InlineData("""{"metadata":{"resourceVersion":"18446744073709551615"}}""", ulong.MaxValue)]
    [InlineData("""{"metadata":{"resourceVersion":7}}""", 7ul)]
    [InlineData("""{"metadata":{"resourceVersion":"opaque"}}""", 0ul)]
    [InlineData("""{"metadata":{"resourceVersion":"-1"}}""", 0ul)]
    [InlineData("""{"metadata":7}""", 0ul)]
    public void A_version_that_is_no_number_counts_as_none(string json, ulong version) => Assert.Equal(version, Json.Class(json).ResourceVersion);

    [Fact]
    public void Escaped_names_are_the_same_names()
    {
        var claim = Json.Claim(
            """{"\u006detadata":{"n\u0061me":"d\u0061ta","annotations":{"pv.kubernetes.io\/bind-completed":"\u0079es","\u0078":"y"}},"\u0073pec":{"volume\u004eame":"v"}}""");

        Assert.Equal(("data", "v", true), (claim.Key.Name, claim.VolumeName, claim.IsBindCompleted));
        Assert.Single(claim.Annotations);
    }

    [Fact]
    public void Texts_beyond_ASCII_survive()
    {
        var volume = Json.Volume("""{"metadata":{"name":"größe-😀","labels":{"ort":"Zürich","esc":"\u00fc\ud83d\ude00"}}}""");

        Assert.Equal("größe-😀", volume.Name);
        Assert.Equal(("Zürich", "ü😀"), (volume.Labels["ort"], volume.Labels["esc"]));
    }

    [Fact]
    public void Repeated_texts_are_one_string()
    {
        var (one, other) = (Json.Claim(Golden.Claim), Json.Claim(Golden.Claim));

        Assert.Same(one.Phase, other.Phase);
        Assert.Same(one.ClassName, other.ClassName);
        Assert.Same(one.AccessModes, other.AccessModes);
    }
}
