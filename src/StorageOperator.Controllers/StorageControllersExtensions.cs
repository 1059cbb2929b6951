using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using StorageOperator.Controllers.Acting;
using StorageOperator.Controllers.Claims;
using StorageOperator.Controllers.Observing;
using StorageOperator.Controllers.Telemetry;
using StorageOperator.Controllers.Volumes;
using StorageOperator.Model;
using StorageOperator.Model.Reading;
using StorageOperator.Runtime.Hosting;

namespace StorageOperator.Controllers;

/// <summary>Puts the storage controllers into an operator.</summary>
public static class StorageControllersExtensions
{
    /// <summary>Adds what the options ask for.</summary>
    public static IOperatorBuilder AddStorageControllers(this IOperatorBuilder builder, StorageControllersOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services
            .AddSingleton(options)
            .AddHostedService<StorageMetrics>()
            .AddSingleton<StorageView>()
            .AddSingleton<PlanningOptionsSource>()
            .AddSingleton<Desk>()
            .AddSingleton<Announcer>()
            .AddSingleton<ReclaimBackoff>()
            .AddSingleton<PodCensus>()
            .AddSingleton<ProofReader>()
            .AddSingleton<IStepTarget, ApiStepTarget>()
            .AddSingleton<PlanRunner>();
        builder
            .AddEntity<ClassEntry>(ResourceTypes.StorageClass, ReadClass)
            .AddEntity<PodEntry>(ResourceTypes.Pod, ReadPod)
            .AddEntity<VolumeEntry>(ResourceTypes.PersistentVolume, ReadVolume)
            .AddEntity<ClaimEntry>(ResourceTypes.PersistentVolumeClaim, ReadClaim);
        return options.Binding == BindingMode.Own
            ? builder.AddController<VolumeController, VolumeEntry>().AddController<ClaimController, ClaimEntry>()
            : builder.AddController<ClaimExplainer, ClaimEntry>();
    }

    private static ClassEntry? ReadClass(ref Utf8JsonReader reader) => ClassReader.Read(ref reader);

    private static PodEntry? ReadPod(ref Utf8JsonReader reader) => PodReader.Read(ref reader);

    private static VolumeEntry? ReadVolume(ref Utf8JsonReader reader) => VolumeReader.Read(ref reader);

    private static ClaimEntry? ReadClaim(ref Utf8JsonReader reader) => ClaimReader.Read(ref reader);
}
