using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Fairlead.Kubernetes.Documents;

/// <summary>Reads small text files, and says what is wrong instead of throwing.</summary>
public static class TextFile
{
    /// <summary>The largest file that is read, in bytes. A device or a pipe named by mistake must not fill the memory.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a UTF-8 file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">The content.</param>
    /// <param name="problem">Why there is none, without the path.</param>
    public static bool TryRead(string path, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? problem)
    {
        text = null;
        problem = null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            // A device has no length, and no end.
            using var content = new MemoryStream(file.CanSeek ? (int)Math.Min(file.Length, MaxBytes) : 0);
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = file.Read(buffer)) > 0)
            {
                if (content.Length + read > MaxBytes)
                {
                    problem = "the file is larger than 8 MiB";
                    return false;
                }

                content.Write(buffer, 0, read);
            }

            content.Position = 0;
            using var reader = new StreamReader(content, Utf8);
            text = reader.ReadToEnd();
            return true;
        }
        catch (DecoderFallbackException)
        {
            problem = "the file is not UTF-8 text";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = "the file does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            problem = Directory.Exists(path) ? "this is a directory, not a file" : "no permission to read the file";
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            problem = "the file cannot be read";
        }

        return false;
    }
}
