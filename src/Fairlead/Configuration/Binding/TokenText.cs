using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Configuration.Binding;

/// <summary>A key that holds a bearer token.</summary>
internal static class TokenText
{
    public static Secret? Bind(Section section, string key)
    {
        // A token that was meant to be there and is not would be found out only by those who ask.
        section.RequireValues(key);
        if (section.Text(key) is not { } text)
        {
            return null;
        }

        if (!BearerToken.TryCreate(text, out var token, out var problem))
        {
            section.Error(key, problem);
        }

        return token;
    }
}
