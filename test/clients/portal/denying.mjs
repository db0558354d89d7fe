import { createBackendModule } from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';

// A permission policy: everybody has every permission but those that are denied.
export default denied => createBackendModule({
  pluginId: 'permission',
  moduleId: 'denying-policy',
  register(environment) {
    environment.registerInit({
      deps: { policy: policyExtensionPoint },
      async init({ policy }) {
        policy.setPolicy({
          async handle({ permission }) {
            return { result: denied.includes(permission.name) ? AuthorizeResult.DENY : AuthorizeResult.ALLOW };
          },
        });
      },
    });
  },
});
