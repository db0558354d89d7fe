// A real Backstage backend where a guest may sign in: backend.mjs PORT [JSON]
// The JSON: baseUrl, its public URL, where that is not the one it listens at; guest, the guest provider's settings: userEntityRef,
// ownershipEntityRefs; auth, more of the section "auth" of its configuration; denied, names of permissions that nobody has, with which its permission
// backend runs.
// Prints one line of JSON, {"url": ...}, when it is ready; before and after it come lines about what goes wrong.
import { createSpecializedBackend } from '@backstage/backend-app-api';
import { auditorServiceFactory } from '@backstage/backend-defaults/auditor';
import { authServiceFactory } from '@backstage/backend-defaults/auth';
import { databaseServiceFactory } from '@backstage/backend-defaults/database';
import { discoveryServiceFactory } from '@backstage/backend-defaults/discovery';
import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { httpRouterServiceFactory } from '@backstage/backend-defaults/httpRouter';
import { lifecycleServiceFactory } from '@backstage/backend-defaults/lifecycle';
import { loggerServiceFactory } from '@backstage/backend-defaults/logger';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import { permissionsRegistryServiceFactory } from '@backstage/backend-defaults/permissionsRegistry';
import { rootHealthServiceFactory } from '@backstage/backend-defaults/rootHealth';
import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import { rootLifecycleServiceFactory } from '@backstage/backend-defaults/rootLifecycle';
import { rootLoggerServiceFactory } from '@backstage/backend-defaults/rootLogger';
import { userInfoServiceFactory } from '@backstage/backend-defaults/userInfo';
import { coreServices, createServiceFactory } from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { ConfigReader } from '@backstage/config';
import authPlugin from '@backstage/plugin-auth-backend';
import guestProvider from '@backstage/plugin-auth-backend-module-guest-provider';
import permissionPlugin from '@backstage/plugin-permission-backend';
import caller from './caller.mjs';
import denying from './denying.mjs';

// Backstage looks for its package from here upwards.
process.chdir(import.meta.dirname);
const [port, text = '{}'] = process.argv.slice(2);
const url = `http://127.0.0.1:${port}`;
const { baseUrl = url, guest = {}, auth = {}, denied } = JSON.parse(text);
const config = new ConfigReader({
  app: { baseUrl },
  backend: {
    baseUrl,
    listen: { host: '127.0.0.1', port: Number(port) },
    // Under that name libsql is installed: its programs are packages of their own, so that it needs neither a compiler nor a script at installation.
    database: { client: 'better-sqlite3', connection: ':memory:' },
    logger: { level: 'warn' },
  },
  permission: { enabled: denied !== undefined },
  auth: { providers: { guest: { ...guest, dangerouslyAllowOutsideDevelopment: true } }, ...auth },
});

// Backstage's own services, but only those that the plugins here ask for: createBackend() brings the libraries of all clouds along.
const backend = createSpecializedBackend({
  defaultServiceFactories: [
    auditorServiceFactory, authServiceFactory, databaseServiceFactory, discoveryServiceFactory, httpAuthServiceFactory, httpRouterServiceFactory,
    lifecycleServiceFactory, loggerServiceFactory, permissionsServiceFactory, permissionsRegistryServiceFactory, rootHealthServiceFactory, rootHttpRouterServiceFactory, rootLifecycleServiceFactory,
    rootLoggerServiceFactory, userInfoServiceFactory,
    createServiceFactory({ service: coreServices.rootConfig, deps: {}, factory: () => config }),
    // For agents: nobody here asks for what is registered.
    createServiceFactory({ service: actionsRegistryServiceRef, deps: {}, factory: () => ({ register() {} }) }),
  ],
});
for (const feature of [authPlugin, guestProvider, caller, ...denied ? [permissionPlugin, denying(denied)] : []]) backend.add(feature);
await backend.start();
console.log(JSON.stringify({ url }));
