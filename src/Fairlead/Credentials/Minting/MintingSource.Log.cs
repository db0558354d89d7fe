namespace Fairlead.Credentials.Minting;

internal sealed partial class MintingSource
{
    [LoggerMessage(EventId = 321, Level = LogLevel.Warning, Message = "No new credential: {Problem}")]
    private partial void LogFailed(string problem);
}
