using System.Globalization;
using StorageOperator.Binding;
using StorageOperator.Logging;

namespace StorageOperator.CommandLine;

/// <summary>The options of <c>storage-operator run</c>: the help, the environment variables and docs/options.md all come from here.</summary>
internal static class OptionDefinitions
{
    public static readonly OptionDefinition<string?> Kubeconfig = new("kubeconfig", "FILE", null,
        "Kubeconfig file that names the cluster and the credentials.", ParseText)
    { DefaultInWords = "$KUBECONFIG, else the credentials of the pod, else ~/.kube/config" };

    public static readonly OptionDefinition<string?> Context = new("context", "NAME", null,
        "Context of the kubeconfig to use.", ParseText)
    { DefaultInWords = "its current context" };

    public static readonly OptionDefinition<BindingMode> Binding = new("binding", "auto|own|defer", "auto",
        "Who binds claims to volumes: this program (own), kube-controller-manager (defer), or own only where it can be seen that nobody else binds (auto).",
        text => ParseChoice(text, ("auto", BindingMode.Auto), ("own", BindingMode.Own), ("defer", BindingMode.Defer)));

    public static readonly OptionDefinition<bool> EnableDynamicProvisioning = new("enable-dynamic-provisioning", "true|false", "true",
        "Ask provisioners for volumes where a claim's class names one. When off, such claims wait for a volume made by hand.", ParseSwitch)
    { IsSwitch = true };

    public static readonly OptionDefinition<int> MaxParallelReconciles = new("max-parallel-reconciles", "N", "64",
        "How many objects of one kind are worked on at the same time, from 1 to 1024.", ParseParallelism);

    public static readonly OptionDefinition<bool> LeaderElect = new("leader-elect", "true|false", "false",
        "Take a Lease before acting, so that of several replicas one works and the others stand by.", ParseSwitch)
    { IsSwitch = true };

    public static readonly OptionDefinition<string?> NamespaceOfLease = new("namespace-of-lease", "NAMESPACE", null,
        "Namespace of the Lease.", ParseText)
    { DefaultInWords = "that of the pod or of the kubeconfig's context, else default" };

    public static readonly OptionDefinition<TimeSpan> LeaseDuration = new("lease-duration", "DURATION", "15s",
        "How long a standby waits after the leader's last renewal before it takes over.", GoDuration.ParsePositive);

    public static readonly OptionDefinition<TimeSpan> RenewDeadline = new("renew-deadline", "DURATION", "10s",
        "How long the leader keeps trying to renew before it gives up and exits. Less than --lease-duration.", GoDuration.ParsePositive);

    public static readonly OptionDefinition<TimeSpan> RetryPeriod = new("retry-period", "DURATION", "2s",
        "Time between two attempts to take or renew the Lease.", GoDuration.ParsePositive);

    public static readonly OptionDefinition<BindAddress> HealthProbeBindAddress = new("health-probe-bind-address", "ADDRESS", ":8081",
        "Where /healthz, /livez and /readyz are served. Port 0 lets the system choose; 0 alone switches it off.", BindAddress.Parse);

    public static readonly OptionDefinition<BindAddress?> MetricsBindAddress = new("metrics-bind-address", "ADDRESS", null,
        "Where /metrics is served. Port 0 lets the system choose; 0 alone switches it off.", BindAddress.Parse)
    { DefaultInWords = ":8443, or :8080 with --metrics-secure=false" };

    public static readonly OptionDefinition<bool> MetricsSecure = new("metrics-secure", "true|false", "true",
        "Serve /metrics over TLS, to callers whom the API server authenticates (TokenReview) and allows to get /metrics (SubjectAccessReview).", ParseSwitch)
    { IsSwitch = true };

    public static readonly OptionDefinition<string?> MetricsCertPath = new("metrics-cert-path", "DIR", null,
        "Folder with tls.crt and tls.key for /metrics; read again when they change.", ParseText)
    { DefaultInWords = "a self-signed certificate made at start" };

    public static readonly OptionDefinition<LogFormat> LogFormat = new("log-format", "json|console", "json",
        "One JSON object a line, or lines for people.",
        text => ParseChoice(text, ("json", Logging.LogFormat.Json), ("console", Logging.LogFormat.Console)));

    public static readonly OptionDefinition<LogLevel> LogLevel = new("log-level", "trace|debug|info|warn|error", "info",
        "The least severe level that is logged.",
        text => ParseChoice(
            text,
            ("trace", Microsoft.Extensions.Logging.LogLevel.Trace),
            ("debug", Microsoft.Extensions.Logging.LogLevel.Debug),
            ("info", Microsoft.Extensions.Logging.LogLevel.Information),
            ("warn", Microsoft.Extensions.Logging.LogLevel.Warning),
            ("error", Microsoft.Extensions.Logging.LogLevel.Error)));

    public static readonly OptionDefinition<Uri?> OtlpEndpoint = new("otlp-endpoint", "URL", null,
        "Push metrics and traces to this OpenTelemetry collector by OTLP/gRPC. The standard OTEL_* variables are honoured too.", ParseUrl);

    public static readonly OptionDefinition<string?> ReadyFile = new("ready-file", "FILE", null,
        "Write this file, a JSON object with the addresses listened on and the binding mode, once the program is ready.", ParseText);

    /// <summary>In the order in which the help lists them.</summary>
    public static readonly IReadOnlyList<OptionDefinition> All =
    [
        Kubeconfig, Context, Binding, EnableDynamicProvisioning, MaxParallelReconciles,
        LeaderElect, NamespaceOfLease, LeaseDuration, RenewDeadline, RetryPeriod,
        HealthProbeBindAddress, MetricsBindAddress, MetricsSecure, MetricsCertPath,
        LogFormat, LogLevel, OtlpEndpoint, ReadyFile,
    ];

    private static string? ParseText(string text) => text;

    private static bool ParseSwitch(string text) => ParseChoice(text, ("true", true), ("false", false));

    private static T ParseChoice<T>(string text, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        var names = new List<string>(choices.Length);
        foreach (var (name, value) in choices)
        {
            if (string.Equals(name, text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }

            names.Add(name);
        }

        throw new FormatException($"\"{text}\" is not one of {string.Join(", ", names)}");
    }

    private static int ParseParallelism(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1024
            ? number
            : throw new FormatException($"\"{text}\" is not a whole number from 1 to 1024");

    private static Uri? ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0
            ? url
            : throw new FormatException($"\"{text}\" is not a URL; write it as http://collector:4317");
}
