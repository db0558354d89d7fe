using System.Text;

namespace Fairlead.EndToEndTests.Install;

/// <summary>
/// The root file system of a container, as a script for <c>sh</c> in a mount namespace of its own: nothing is in it but what is bound here, and everything is read-only. Of what the base image
/// holds there are the C library, OpenSSL and certificates, and no shell.
/// </summary>
internal sealed class PodRoot
{
    private static readonly string[] _folders = ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];

    private static readonly string[] _libraries =
        ["libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0", "libgcc_s.so.1", "libstdc++.so.6", "libssl.so.3", "libcrypto.so.3", "libresolv.so.2", "libnss_files.so.2", "libnss_dns.so.2"];

    private static readonly string[] _loaders = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];

    private readonly StringBuilder _script = new(
        """
        set -eu
        root=$1
        setpriv=$(command -v setpriv) chroot=$(command -v chroot)
        bind() { mount --bind "$1" "$root$2"; mount -o "remount,bind,$3" "$root$2"; }
        folder() { mkdir -p "$root$2"; bind "$1" "$2" ro; }
        file() { mkdir -p "$root${2%/*}"; : > "$root$2"; bind "$1" "$2" "${3:-ro}"; }
        mount -t tmpfs -o mode=755 tmpfs "$root"
        mkdir "$root/proc" && mount -t proc proc "$root/proc"
        for device in null zero random urandom; do file "/dev/$device" "/dev/$device" rw; done

        """);

    public PodRoot()
    {
        foreach (var loader in _loaders.Where(File.Exists))
        {
            Show(loader, loader);
        }

        foreach (var library in _libraries.SelectMany(static name => _folders.Select(folder => $"{folder}/{name}").Where(File.Exists).Take(1)))
        {
            Show(library, library);
        }

        Folder("/etc/ssl/certs", "/etc/ssl/certs");
    }

    /// <summary>Shows a folder of this machine.</summary>
    public void Folder(string here, string there) => _script.Append($"folder {Quote(here)} {Quote(there)}\n");

    /// <summary>Shows a file of this machine.</summary>
    public void Show(string here, string there) => _script.Append($"file {Quote(here)} {Quote(there)}\n");

    /// <summary>The script; its one argument is an empty folder.</summary>
    /// <param name="user">User and group, as numbers.</param>
    /// <param name="environment">All variables, <c>NAME=VALUE</c>.</param>
    /// <param name="command">What is run.</param>
    public string Script(string user, IEnumerable<string> environment, IEnumerable<string> command) =>
        $"""
        {_script}mount -o remount,ro "$root"
        exec env -i {string.Join(' ', environment.Select(Quote))} "$setpriv" --no-new-privs "$chroot" --userspec={user} --groups= "$root" {string.Join(' ', command.Select(Quote))}
        """;

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
