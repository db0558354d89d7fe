// The identity provider oidc-provider, unmodified, over TLS on loopback: oidc-provider.mjs PORT JSON
// The JSON: host, the name in its certificate; cert and key, paths of PEM files; clients, as oidc-provider takes them; accessTokenSeconds and idTokenSeconds.
// Anybody signs in with any password, by the forms that it brings for development; alice is in devs and admins, everybody else in devs.
// Prints one line of JSON, {"issuer": ...}, when it listens; after it comes a line for every refresh ("refreshed"), every reuse of a refresh token that
// it takes for a theft ("revoked"), and every logout that it tells a client of ("told").
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const [port, text] = process.argv.slice(2);
const { host = 'localhost', cert, key, clients, accessTokenSeconds = 3600, idTokenSeconds = 3600 } = JSON.parse(text);
const issuer = `https://${host}:${port}`;
const provider = new Provider(issuer, {
  clients,
  // The claims are in the ID token itself: who gets it need not ask.
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], profile: ['preferred_username', 'name'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'offline_access', 'profile', 'email', 'groups'],
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, name: id, preferred_username: id, email: `${id}@example.com`, email_verified: true, groups: id === 'alice' ? ['devs', 'admins'] : ['devs'],
    }),
  }),
  // Its own connections refuse loopback, where everything is here.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
  ttl: { AccessToken: accessTokenSeconds, IdToken: idTokenSeconds, RefreshToken: 86400, Session: 86400, Grant: 86400, Interaction: 3600 },
  features: {
    devInteractions: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  cookies: { keys: ['a key for tests'] },
});
provider.on('grant.success', context => {
  if (context.oidc.params.grant_type === 'refresh_token') console.log('refreshed');
});
provider.on('grant.revoked', () => console.log('revoked'));
provider.on('backchannel.success', () => console.log('told'));
provider.on('backchannel.error', (_, error) => console.log(`not told: ${error.message} ${error.cause?.message ?? ''}`));
provider.on('server_error', (_, error) => console.log(`error: ${error.stack}`));
createServer({ cert: readFileSync(cert), key: readFileSync(key) }, provider.callback()).listen(Number(port), '127.0.0.1', () => console.log(JSON.stringify({ issuer })));
