using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials;

/// <summary>
/// The keys that sign identity tokens. Where there is a secret they are derived from it (HKDF-SHA256, then FIPS 186-5 A.2.1), so that replicas and restarts have the same
/// without anything that is kept or exchanged; without one a key is random and ends with the process.
/// </summary>
internal static class SigningKey
{
    private const int Size = 32;

    // 128 bits more than the order has, so that the remainder is as good as even; the standard asks for 64.
    private const int Extra = 16;
    private static readonly BigInteger _order = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>The keys of a configuration; the first one signs.</summary>
    public static ECDsa[] Of(BrowserSessionOptions options) => options switch
    {
        { EncryptionSecret: { } current, PreviousSecret: { } previous } => [From(current), From(previous)],
        { EncryptionSecret: { } current } => [From(current)],
        _ => [ECDsa.Create(ECCurve.NamedCurves.nistP256)],
    };

    private static ECDsa From(Secret secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret.Reveal());
        var derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes, Size + Extra, "fairlead/identity/1"u8.ToArray(), "es256"u8.ToArray());
        var number = (new BigInteger(derived, isUnsigned: true, isBigEndian: true) % (_order - 1)) + 1;
        var (written, exponent) = (number.ToByteArray(isUnsigned: true, isBigEndian: true), new byte[Size]);
        written.CopyTo(exponent, Size - written.Length);
        var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = exponent });
        CryptographicOperations.ZeroMemory(bytes);
        CryptographicOperations.ZeroMemory(derived);
        CryptographicOperations.ZeroMemory(written);
        CryptographicOperations.ZeroMemory(exponent);
        return key;
    }
}
