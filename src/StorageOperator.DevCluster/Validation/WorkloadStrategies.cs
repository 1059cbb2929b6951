using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// Kinds that storage only meets in manifests (workloads, services, configuration): their defaults, who may write status and the
/// generation, but no validation beyond metadata. Source: the strategies and defaults in kubernetes pkg/registry and pkg/apis.
/// </summary>
public sealed class ManifestStrategy : ResourceStrategy
{
    private readonly Action<JsonObject> _defaults;
    private readonly Func<string, IReadOnlyList<string>> _nameRule;
    private readonly bool _hasStatus;
    private readonly bool _countsGenerations;

    private ManifestStrategy(
        Action<JsonObject>? defaults = null, bool hasStatus = false, bool countsGenerations = false, Func<string,
            IReadOnlyList<string>>? nameRule = null)
    {
        _defaults = defaults ?? (_ => { });
        _hasStatus = hasStatus;
        _countsGenerations = countsGenerations;
        _nameRule = nameRule ?? ObjectNames.Subdomain;
    }

    /// <inheritdoc/>
    public override bool Namespaced => true;

    internal static ManifestStrategy Deployment { get; } = new(DefaultDeployment, hasStatus: true, countsGenerations: true);

    internal static ManifestStrategy StatefulSet { get; } = new(DefaultStatefulSet, hasStatus: true, countsGenerations: true);

    internal static ManifestStrategy DaemonSet { get; } = new(DefaultDaemonSet, hasStatus: true, countsGenerations: true);

    internal static ManifestStrategy ReplicaSet { get; } = new(DefaultReplicaSet, hasStatus: true, countsGenerations: true);

    internal static ManifestStrategy Job { get; } = new(DefaultJob, hasStatus: true, countsGenerations: true);

    internal static ManifestStrategy CronJob { get; } = new(DefaultCronJob, hasStatus: true, countsGenerations: true);

    internal static ManifestStrategy Service { get; } = new(DefaultService, hasStatus: true, nameRule: ObjectNames.ServiceLabel);

    internal static ManifestStrategy Secret { get; } = new(DefaultSecret);

    internal static ManifestStrategy Plain { get; } = new();

    internal static ManifestStrategy WithGeneration { get; } = new(hasStatus: true, countsGenerations: true);

    /// <inheritdoc/>
    protected override IReadOnlyList<string> NameRule(string name) => _nameRule(name);

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded) => _defaults(decoded);

    /// <inheritdoc/>
    protected override void PrepareForCreate(JsonObject created, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(created);
        if (_hasStatus)
        {
            created["status"] = EmptyStatus(created.Text("kind"));
        }

        if (_countsGenerations)
        {
            created.Ensure("metadata")["generation"] = 1L;
        }
    }

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
        if (_hasStatus)
        {
            base.PrepareForUpdate(updated, existing);
        }

        if (_countsGenerations)
        {
            CountGeneration(updated, existing, "spec");
        }
    }

    private static JsonObject EmptyStatus(string? kind) => kind switch
    {
        "StatefulSet" => new JsonObject { ["availableReplicas"] = 0, ["replicas"] = 0 },
        "ReplicaSet" => new JsonObject { ["replicas"] = 0 },
        "DaemonSet" => new JsonObject
        {
            ["currentNumberScheduled"] = 0,
            ["desiredNumberScheduled"] = 0,
            ["numberMisscheduled"] = 0,
            ["numberReady"] = 0
        },
        "Service" => new JsonObject { ["loadBalancer"] = new JsonObject() },
        _ => [],
    };

    private static void DefaultDeployment(JsonObject deployment)
    {
        var spec = deployment.Ensure("spec");
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
        var strategy = spec.Ensure("strategy");
        strategy.DefaultText("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.Ensure("rollingUpdate");
            rolling.Default("maxSurge", "25%");
            rolling.Default("maxUnavailable", "25%");
        }

        DefaultTemplate(spec);
    }

    private static void DefaultStatefulSet(JsonObject set)
    {
        var spec = set.Ensure("spec");
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        spec.DefaultText("podManagementPolicy", "OrderedReady");
        var strategy = spec.Ensure("updateStrategy");
        strategy.DefaultText("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.Ensure("rollingUpdate").Default("partition", 0);
        }

        var retention = spec.Ensure("persistentVolumeClaimRetentionPolicy");
        retention.DefaultText("whenDeleted", "Retain");
        retention.DefaultText("whenScaled", "Retain");
        spec.Default("serviceName", "");
        DefaultTemplate(spec);
        foreach (var (_, claim) in spec.Objects("volumeClaimTemplates"))
        {
            claim.DefaultText("apiVersion", "v1");
            claim.DefaultText("kind", "PersistentVolumeClaim");
            PersistentVolumeClaimStrategy.DefaultSpec(claim.Ensure("spec"));
            claim.Ensure("status").DefaultText("phase", "Pending");
        }
    }

    private static void DefaultDaemonSet(JsonObject set)
    {
        var spec = set.Ensure("spec");
        spec.Default("revisionHistoryLimit", 10);
        var strategy = spec.Ensure("updateStrategy");
        strategy.DefaultText("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.Ensure("rollingUpdate");
            rolling.Default("maxSurge", 0);
            rolling.Default("maxUnavailable", 1);
        }

        DefaultTemplate(spec);
    }

    private static void DefaultReplicaSet(JsonObject set)
    {
        var spec = set.Ensure("spec");
        spec.Default("replicas", 1);
        DefaultTemplate(spec);
    }

    private static void DefaultJob(JsonObject job) => DefaultJobSpec(job.Ensure("spec"));

    private static void DefaultJobSpec(JsonObject spec)
    {
        if (!spec.Has("completions") && !spec.Has("parallelism"))
        {
            spec["completions"] = 1;
        }

        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", 6);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("podReplacementPolicy", "TerminatingOrFailed");
        spec.Default("manualSelector", false);
        DefaultTemplate(spec);
    }

    private static void DefaultCronJob(JsonObject job)
    {
        var spec = job.Ensure("spec");
        spec.DefaultText("concurrencyPolicy", "Allow");
        spec.Default("suspend", false);
        spec.Default("successfulJobsHistoryLimit", 3);
        spec.Default("failedJobsHistoryLimit", 1);
        DefaultTemplate(spec.Ensure("jobTemplate").Ensure("spec"));
    }

    private static void DefaultTemplate(JsonObject spec)
    {
        var template = spec.Ensure("template");
        template.Ensure("metadata");
        PodSpecRules.Default(template.Ensure("spec"));
    }

    private static void DefaultService(JsonObject service)
    {
        var spec = service.Ensure("spec");
        spec.DefaultText("sessionAffinity", "None");
        spec.DefaultText("type", "ClusterIP");
        foreach (var (_, port) in spec.Objects("ports"))
        {
            port.DefaultText("protocol", "TCP");
            if (port.Has("port"))
            {
                port.Default("targetPort", port["port"]!.DeepClone());
            }
        }

        var isExternal = spec.Text("type") is "NodePort" or "LoadBalancer";
        if (isExternal)
        {
            spec.DefaultText("externalTrafficPolicy", "Cluster");
        }

        if (isExternal || spec.Text("type") == "ClusterIP")
        {
            spec.Default("internalTrafficPolicy", "Cluster");
        }

        service.Ensure("status").Default("loadBalancer", new JsonObject());
    }

    private static void DefaultSecret(JsonObject secret)
    {
        secret.DefaultText("type", "Opaque");
        foreach (var (name, text) in secret.TextMap("stringData").ToList())
        {
            secret.Ensure("data")[name] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
        }

        secret.Remove("stringData");
    }
}
