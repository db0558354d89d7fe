using System.Globalization;

namespace Fairlead.Testing.Files;

/// <summary>
/// A folder laid out as Kubernetes mounts a ConfigMap or a Secret: every file is a link into <c>..data</c>, which is a link to
/// the folder in force. All files have the same time, as they may have, so that only the links tell one version from the next.
/// </summary>
public sealed class MountedFolder : IDisposable
{
    private readonly TempFolder _folder = new();
    private int _version;

    /// <summary>The absolute path of a file.</summary>
    public string Of(string name) => _folder.Of(name);

    /// <summary>Exchanges the content, all files at once.</summary>
    public void Publish(params (string Name, string Text)[] files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var version = "..v" + (++_version).ToString(CultureInfo.InvariantCulture);
        foreach (var (name, text) in files)
        {
            File.SetLastWriteTimeUtc(_folder.Write(Path.Combine(version, name), text), DateTime.UnixEpoch);
            if (_version == 1)
            {
                File.CreateSymbolicLink(_folder.Of(name), Path.Combine("..data", name));
            }
        }

        if (_version > 1)
        {
            Directory.Delete(_folder.Of("..data"));
        }

        Directory.CreateSymbolicLink(_folder.Of("..data"), version);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
