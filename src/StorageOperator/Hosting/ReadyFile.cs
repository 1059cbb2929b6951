using System.Net;
using System.Text.Json;
using StorageOperator.Binding;
using StorageOperator.CommandLine;

namespace StorageOperator.Hosting;

/// <summary>
/// The file of <c>--ready-file</c>: <c>{"processId":1,"binding":"own","healthProbeAddress":"127.0.0.1:8081","metricsAddress":"127.0.0.1:8443"}</c>,
/// with null for an address that is switched off.
/// </summary>
internal static class ReadyFile
{
    /// <summary>Checks early that the file can be written, and removes one of an earlier run.</summary>
    /// <exception cref="UsageException">It cannot be.</exception>
    public static void Prepare(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw new UsageException($"{OptionDefinitions.ReadyFile.Flag}: the folder of {path} does not exist; create it first.");
        }

        File.Delete(path);
    }

    /// <summary>Written aside and moved into place: who sees the file sees all of it.</summary>
    public static void Write(string path, BindingDecision binding, IPEndPoint? healthProbe, IPEndPoint? metrics)
    {
        var aside = $"{path}.{Environment.ProcessId}";
        using (var stream = File.Create(aside))
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("processId", Environment.ProcessId);
            json.WriteString("binding", binding.ModeName);
            json.WriteString("healthProbeAddress", healthProbe?.ToString());
            json.WriteString("metricsAddress", metrics?.ToString());
            json.WriteEndObject();
        }

        File.Move(aside, path, overwrite: true);
    }
}
