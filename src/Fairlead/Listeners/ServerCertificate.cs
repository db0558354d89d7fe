using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Listeners;

/// <summary>The certificate of the https listeners: from files, which are looked at again on new connections, or made for a first run.</summary>
internal sealed partial class ServerCertificate
{
    private readonly Lock _lock = new();
    private readonly TlsFiles? _files;
    private readonly TimeSpan _fileCheck;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerCertificate> _logger;
    private SslStreamCertificateContext _current;
    private (FileStamp Certificate, FileStamp Key) _stamps;
    private long _checkedAt;

    /// <summary>Reads the files.</summary>
    /// <exception cref="TlsMaterialException">They cannot be used.</exception>
    public ServerCertificate(TlsFiles files, TimeSpan fileCheck, TimeProvider time, ILogger<ServerCertificate> logger)
    {
        _files = files;
        _fileCheck = fileCheck;
        _time = time;
        _logger = logger;
        _stamps = Stamps(files);
        _checkedAt = time.GetTimestamp();
        _current = Load(files);
    }

    /// <summary>Serves a certificate that is in memory.</summary>
    public ServerCertificate(SslStreamCertificateContext certificate, TimeProvider time, ILogger<ServerCertificate> logger)
    {
        _time = time;
        _logger = logger;
        _current = certificate;
    }

    /// <summary>The certificate for a new connection.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            if (_files is null)
            {
                return _current;
            }

            lock (_lock)
            {
                if (_time.GetElapsedTime(_checkedAt) >= _fileCheck)
                {
                    _checkedAt = _time.GetTimestamp();
                    Refresh(_files);
                }

                return _current;
            }
        }
    }

    private void Refresh(TlsFiles files)
    {
        var stamps = Stamps(files);
        if (stamps == _stamps)
        {
            return;
        }

        try
        {
            _current = Load(files);
            _stamps = stamps;
            LogReloaded(files.CertFile);
        }
        catch (TlsMaterialException exception)
        {
            LogKept(exception);
        }
    }

    private static (FileStamp Certificate, FileStamp Key) Stamps(TlsFiles files) => (FileStamp.Of(files.CertFile), FileStamp.Of(files.KeyFile));

    private static SslStreamCertificateContext Load(TlsFiles files)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(files.CertFile, files.KeyFile);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(files.CertFile);
            return SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TlsMaterialException($"tls.certFile ({files.CertFile}) and tls.keyFile ({files.KeyFile}) cannot be used: {exception.Message}", exception);
        }
    }

    [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "The listeners' certificate was exchanged: {File}")]
    private partial void LogReloaded(string file);

    [LoggerMessage(EventId = 402, Level = LogLevel.Warning, Message = "The listeners' changed certificate cannot be used, the last good one serves on")]
    private partial void LogKept(Exception exception);
}
