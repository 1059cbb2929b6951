using Microsoft.Extensions.DependencyInjection;
using StorageOperator.CommandLine;
using StorageOperator.Controllers.Acting;
using StorageOperator.CrashHost;
using StorageOperator.Hosting;

// The operator as its own program composes it, with its steps watched. CRASH_STEPS names the file that they are written to,
// CRASH_POINTS one with the points at which to end; without the latter the steps are only written down.
using var steps = new StepLog(Environment.GetEnvironmentVariable("CRASH_STEPS"));
var points = CrashPoints.Read(Environment.GetEnvironmentVariable("CRASH_POINTS"));
var commandLine = new OperatorCommandLine(
    (options, cancellation) => new OperatorProcess(options, TimeProvider.System, Watch).RunAsync(cancellation),
    Environment.GetEnvironmentVariable,
    Console.Out,
    Console.Error);
return await commandLine.InvokeAsync(args);

void Watch(IServiceCollection services)
{
    var real = services.Single(service => service.ServiceType == typeof(IStepTarget));
    services.Remove(real);
    services.AddSingleton<IStepTarget>(provider =>
        new CrashingTarget((IStepTarget)ActivatorUtilities.CreateInstance(provider, real.ImplementationType!), steps, points));
}
