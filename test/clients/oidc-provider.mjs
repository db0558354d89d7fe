// Runs the identity provider oidc-provider, as it is, over TLS on loopback: oidc-provider.mjs JSON
// The JSON: cert and key, paths of PEM files; host, the issuer's host, 127.0.0.1 unless it is localhost; port, 0 for any; ttl, lifetimes in seconds by
// the kind of token; stateFile, where everything is kept from one run to the next; newKey, whether a further signing key comes before the kept ones.
// Prints one line of JSON when it listens: the issuer, and the address where control.mjs listens. After it comes a line for every event (events.mjs).
// Ends with SIGTERM.
// With Node.js, NODE_EXTRA_CA_CERTS names the authority of the clients that get back-channel logouts.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import Provider from 'oidc-provider';
import { control } from './oidc/control.mjs';
import { report } from './oidc/events.mjs';
import { Store } from './oidc/store.mjs';

const { cert, key, host = '127.0.0.1', port = 0, ttl = {}, stateFile, newKey = false } = JSON.parse(process.argv[2]);

const kept = stateFile && existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, 'utf8')) : {};
const store = new Store(kept.entries);
const keys = kept.keys ?? [];
if (newKey || keys.length === 0) keys.unshift(signingKey());
const cookieKey = kept.cookieKey ?? randomUUID();
const accounts = new Map(kept.accounts ?? [account('alice', ['devs', 'admins']), account('bob', ['devs'])]);

const server = https.createServer({ cert: readFileSync(cert), key: readFileSync(key) });
const controls = http.createServer();
await Promise.all([listen(server, port), listen(controls, 0)]);
const issuer = `https://${host}:${server.address().port}`;

const provider = new Provider(issuer, {
  adapter: model => store.adapter(model),
  jwks: { keys },
  cookies: { keys: [cookieKey] },
  scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'], groups: ['groups'] },
  responseTypes: ['code'],
  // The scopes' claims stand in the ID token, as API servers need it, and not behind the userinfo endpoint alone.
  conformIdTokenClaims: false,
  findAccount: (_, id) => accounts.has(id) ? { accountId: id, claims: () => ({ sub: id, ...accounts.get(id) }) } : undefined,
  pkce: { required: () => true },
  // A used refresh token that comes again takes the whole grant away.
  rotateRefreshToken: true,
  features: {
    devInteractions: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
    revocation: { enabled: true },
    deviceFlow: { enabled: true },
  },
  ttl: {
    AccessToken: 300, AuthorizationCode: 60, IdToken: 300, RefreshToken: 3600, Interaction: 600, Session: 3600, Grant: 3600,
    ...ttl,
  },
  // Without the provider's own dispatcher, which refuses loopback addresses.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
});
report(provider);
server.on('request', provider.callback());
controls.on('request', control({ provider, store, accounts }));

process.on('SIGTERM', () => {
  if (stateFile) {
    const state = { entries: store.entries(), keys, cookieKey, accounts: [...accounts] };
    writeFileSync(stateFile, JSON.stringify(state), { mode: 0o600 });
  }

  process.exit(0);
});
console.log(JSON.stringify({ issuer, control: `http://127.0.0.1:${controls.address().port}` }));

function account(id, groups) {
  return [id, { name: id, preferred_username: id, email: `${id}@example.com`, email_verified: true, groups }];
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

function listen(listener, number) {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(number, '127.0.0.1', resolve);
  });
}
