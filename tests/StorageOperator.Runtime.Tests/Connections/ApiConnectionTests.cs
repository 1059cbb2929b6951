using StorageOperator.Runtime.Connections;
using StorageOperator.Runtime.Tests.Fakes;

namespace StorageOperator.Runtime.Tests.Connections;

public sealed class ApiConnectionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("runtime-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_good_kubeconfig_tells_server_and_namespace()
    {
        var connection = ApiConnection.Load(Write(FakeApiServer.KubeConfig("https://10.0.0.1:6443/base/")));

        Assert.Equal("https://10.0.0.1:6443/base", connection.BaseAddress.ToString());
        Assert.Equal("here", connection.Namespace);
    }

    [Fact]
    public void A_context_can_be_chosen()
    {
        var config = FakeApiServer.KubeConfig("https://10.0.0.1:6443").Replace("current-context: it", "current-context: nowhere", StringComparison.Ordinal);

        Assert.Equal("10.0.0.1", ApiConnection.Load(Write(config), "it").BaseAddress.Host);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("just words", "not a kubeconfig")]
    [InlineData("apiVersion: v1\nkind: Config\n\tclusters: x\n", "line ")]
    [InlineData("apiVersion: v1\nkind: Config\n", "current-context is not set")]
    [InlineData("apiVersion: v1\nkind: Config\ncurrent-context: gone\nclusters: []\ncontexts: []\nusers: []\n", "context \"gone\" is not among its contexts: (it has none)")]
    [InlineData("<cluster>", "context \"it\" names the cluster \"other\", which is not among its clusters: it")]
    [InlineData("<server>", "cluster.server \"ftp://x\" is not an http(s) address")]
    [InlineData("<noserver>", "cluster \"it\" has no server")]
    [InlineData("<base64>", "base64")]
    [InlineData("<cert>", "certificate")]
    [InlineData("<certfile>", "missing.crt")]
    [InlineData("<onlykey>", "user \"it\" has a client-key but no client-certificate")]
    public void A_bad_kubeconfig_is_one_line_that_names_the_file_and_what_to_mend(string text, string expected)
    {
        var good = FakeApiServer.KubeConfig("https://10.0.0.1:6443");
        text = text switch
        {
            "<cluster>" => good.Replace("cluster: it\n", "cluster: other\n", StringComparison.Ordinal),
            "<server>" => good.Replace("https://10.0.0.1:6443", "ftp://x", StringComparison.Ordinal),
            "<noserver>" => good.Replace("    server: \"https://10.0.0.1:6443\"", "    insecure-skip-tls-verify: true", StringComparison.Ordinal),
            "<base64>" => good.Replace("    server:", "    certificate-authority-data: \"%%%\"\n    server:", StringComparison.Ordinal),
            "<cert>" => good.Replace("    token: secret", "    client-certificate-data: aGVsbG8=\n    client-key-data: aGVsbG8=", StringComparison.Ordinal),
            "<certfile>" => good.Replace("    token: secret", "    client-certificate: missing.crt\n    client-key: missing.key", StringComparison.Ordinal),
            "<onlykey>" => good.Replace("    token: secret", "    client-key-data: aGVsbG8=", StringComparison.Ordinal),
            _ => text,
        };
        var file = Write(text);
        var e = Assert.Throws<ConnectionException>(() =>
        {
            var connection = ApiConnection.Load(file);
            connection.CreateTls();
            connection.CreateCredentials();
        });

        Assert.Contains(file, e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_file_that_does_not_exist_is_said_so()
    {
        var e = Assert.Throws<ConnectionException>(() => ApiConnection.Load(Path.Combine(_folder.FullName, "nothing")));

        Assert.Contains("does not exist; check the path", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_said_so()
    {
        var e = Assert.Throws<ConnectionException>(() => ApiConnection.Load(_folder.FullName));

        Assert.Contains("is a folder", e.Message, StringComparison.Ordinal);
    }

    private string Write(string text)
    {
        var file = Path.Combine(_folder.FullName, "kubeconfig");
        File.WriteAllText(file, text);
        return file;
    }
}
