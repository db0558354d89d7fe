namespace Fairlead.Doors.Auth;

/// <summary>The routes of the session door, below the base URL.</summary>
internal static class AuthDoor
{
    /// <summary>Where the provider sends browsers back to.</summary>
    public const string CallbackPath = "/auth/callback";

    /// <summary>Headlamp's name for it.</summary>
    public const string HeadlampCallbackPath = "/oidc-callback";

    /// <summary>Where somebody signs in.</summary>
    public const string LoginPath = "/auth/login";

    /// <summary>Where somebody signs out.</summary>
    public const string LogoutPath = "/auth/logout";

    /// <summary>Where codes for Services' own host names are had.</summary>
    public const string HandoverPath = "/auth/handover";

    /// <summary>The route of a path; null for none.</summary>
    public static DoorRoute.Auth? Find(ReadOnlySpan<char> path) => path switch
    {
        LoginPath or "/oidc" => new DoorRoute.Auth(AuthRoute.Login, Door.Cluster),
        CallbackPath or HeadlampCallbackPath => new DoorRoute.Auth(AuthRoute.Callback, Door.Cluster),
        LogoutPath => new DoorRoute.Auth(AuthRoute.Logout, Door.Cluster),
        "/auth/backchannel-logout" => new DoorRoute.Auth(AuthRoute.BackchannelLogout, Door.Cluster),
        "/auth/me" => new DoorRoute.Auth(AuthRoute.Me, Door.Backstage),
        "/auth/ticket" => new DoorRoute.Auth(AuthRoute.Ticket, Door.Backstage),
        "/auth/cli" => new DoorRoute.Auth(AuthRoute.CommandLine, Door.Cluster),
        HandoverPath => new DoorRoute.Auth(AuthRoute.Handover, Door.Service),
        _ => null,
    };
}
