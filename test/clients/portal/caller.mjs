import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import Router from 'express-promise-router';

// A plugin that shows the tokens with which it would call another one, whose id is the last segment: /own/ID without a user, /on-behalf/ID for the
// user who asks. /limited is the token that Backstage itself lets nobody use but for cookies.
export default createBackendPlugin({
  pluginId: 'caller',
  register(environment) {
    environment.registerInit({
      deps: { auth: coreServices.auth, httpAuth: coreServices.httpAuth, httpRouter: coreServices.httpRouter },
      async init({ auth, httpAuth, httpRouter }) {
        const router = Router();
        router.get('/own/:targetPluginId', async ({ params: { targetPluginId } }, response) => {
          response.json(await auth.getPluginRequestToken({ onBehalfOf: await auth.getOwnServiceCredentials(), targetPluginId }));
        });
        router.get('/on-behalf/:targetPluginId', async (request, response) => {
          const onBehalfOf = await httpAuth.credentials(request, { allow: ['user'] });
          response.json(await auth.getPluginRequestToken({ onBehalfOf, targetPluginId: request.params.targetPluginId }));
        });
        router.get('/limited', async (request, response) => {
          response.json(await auth.getLimitedUserToken(await httpAuth.credentials(request, { allow: ['user'] })));
        });
        httpRouter.use(router);
        httpRouter.addAuthPolicy({ path: '/own', allow: 'unauthenticated' });
      },
    });
  },
});
