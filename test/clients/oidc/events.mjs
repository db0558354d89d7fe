// Prints what oidc-provider says of itself, an object of JSON a line, for tests to read.
const names = [
  'authorization.success', 'authorization.error', 'grant.success', 'grant.error', 'grant.revoked', 'end_session.success', 'end_session.error',
  'revocation.error', 'userinfo.error', 'jwks.error', 'discovery.error', 'server_error',
];

export function report(provider) {
  const say = (event, ctx, error, more) => {
    const { client, params, entities } = ctx?.oidc ?? {};
    if (event === 'server_error') console.error(error);
    console.log(JSON.stringify({
      event, client: client?.clientId, grantType: params?.grant_type, account: entities?.Account?.accountId, ...more,
      error: error && (error.error ?? error.message), detail: error && (error.error_detail ?? error.error_description ?? error.cause?.message),
    }));
  };

  for (const name of names) provider.on(name, (ctx, error) => say(name, ctx, error instanceof Error ? error : undefined));
  provider.on('backchannel.success', (ctx, client, account, sid) => say('backchannel.success', ctx, undefined, { client: client.clientId, account, sid }));
  provider.on('backchannel.error', (ctx, error, client, account, sid) => say('backchannel.error', ctx, error, { client: client.clientId, account, sid }));
  // Every request, before it is handled: how often keys are fetched, and whether anything comes at all.
  provider.use(async (ctx, next) => {
    console.log(JSON.stringify({ event: 'request', method: ctx.method, path: ctx.path }));
    await next();
  });
}
