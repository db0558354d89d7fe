// What an operator does at a provider, for tests, over plain HTTP on a port of its own:
//   PUT  /clients/{id}            registers a client: client_secret (none: a public client), redirect_uris, post_logout_redirect_uris,
//                                 backchannel_logout_uri, application_type, grant_types
//   PUT  /accounts/{id}           an account's claims
//   POST /accounts/{id}/revoke    takes away everything that clients were granted in its name
//   POST /accounts/{id}/logout    ends its sessions and tells the clients; gives the error of each call, null where there was none
import { text } from 'node:stream/consumers';

export function control({ provider, store, accounts }) {
  const routes = {
    'PUT clients': async (id, { backchannel_logout_uri, client_secret, ...more }) => {
      const metadata = {
        client_id: id, grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], ...more,
        ...(client_secret ? { client_secret } : { token_endpoint_auth_method: 'none' }),
        ...(backchannel_logout_uri ? { backchannel_logout_uri, backchannel_logout_session_required: true } : {}),
      };
      await store.adapter('Client').upsert(id, metadata);
      // The provider looks at a client only when it is asked for.
      await provider.Client.find(id).catch(async error => {
        await store.adapter('Client').destroy(id);
        throw error;
      });
    },
    'PUT accounts': async (id, claims) => { accounts.set(id, claims); },
    'POST revoke': async id => store.remove(payload => payload.accountId === id && payload.kind !== 'Session'),
    'POST logout': async id => {
      const told = [];
      for (const { uid, accountId, authorizations = {} } of store.all('Session').filter(session => session.accountId === id)) {
        for (const [clientId, { sid }] of Object.entries(authorizations)) {
          const client = await provider.Client.find(clientId);
          if (client?.backchannelLogoutUri) told.push(await client.backchannelLogout(accountId, sid).then(() => null, error => error.message));
        }
        await (await provider.Session.findByUid(uid))?.destroy();
      }
      return told;
    },
  };

  return async (request, response) => {
    const [, collection, id, action] = new URL(request.url, 'http://control').pathname.split('/').map(decodeURIComponent);
    const route = routes[`${request.method} ${action ?? collection}`];
    try {
      if (!route) throw new Error(`no ${request.method} ${request.url}`);
      const body = await text(request);
      const answer = await route(id, body ? JSON.parse(body) : {});
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer ?? null));
    } catch (error) {
      response.writeHead(400, { 'Content-Type': 'text/plain' }).end(`${error.message}: ${error.error_description ?? ''}`);
    }
  };
}
