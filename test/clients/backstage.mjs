// Drives Backstage's own client against a gateway: backstage.mjs BASE_URL PORTAL_TOKEN CLUSTER NAMESPACE POD
// Prints one JSON object with what it saw. OIDC_TOKEN in the environment is what the provider "oidc.okta" gives.
import { KubernetesBackendClient } from './node_modules/@backstage/plugin-kubernetes-react/dist/api/KubernetesBackendClient.esm.js';
import { KubernetesProxyClient } from './node_modules/@backstage/plugin-kubernetes-react/dist/api/KubernetesProxyClient.esm.js';
import { KubernetesAuthProviders } from './node_modules/@backstage/plugin-kubernetes-react/dist/kubernetes-auth-provider/KubernetesAuthProviders.esm.js';

const [baseUrl, token, clusterName, namespace, podName] = process.argv.slice(2);
const oauth = { getAccessToken: async () => 'google-token', getIdToken: async () => process.env.OIDC_TOKEN };
const backend = new KubernetesBackendClient({
  discoveryApi: { getBaseUrl: async id => `${baseUrl}/api/${id}` },
  fetchApi: {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, Authorization: `Bearer ${token}` } }),
  },
  kubernetesAuthProvidersApi: new KubernetesAuthProviders({
    googleAuthApi: oauth, microsoftAuthApi: oauth, oidcProviders: { okta: oauth },
  }),
});
const proxy = new KubernetesProxyClient({ kubernetesApi: backend });
const attempt = async action => {
  try {
    return await action();
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
};

const namespaces = await backend.proxy({ clusterName, path: '/api/v1/namespaces' });
const created = await backend.proxy({
  clusterName,
  path: `/api/v1/namespaces/${namespace}/configmaps`,
  init: {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'from-backstage-' } }),
  },
});
console.log(JSON.stringify({
  clusters: (await backend.getClusters()).map(({ name, authProvider }) => ({ name, authProvider })),
  status: namespaces.status,
  namespaces: (await namespaces.json()).items.map(item => item.metadata.name),
  created: created.status,
  events: await attempt(() => proxy.getEventsByInvolvedObjectName({ clusterName, involvedObjectName: podName, namespace })),
  logs: await attempt(() => proxy.getPodLogs({ clusterName, namespace, podName, containerName: 'main' })),
  unknownCluster: await attempt(() => backend.proxy({ clusterName: 'nowhere', path: '/api' })),
  entityQuery: await attempt(() => backend.getCustomObjectsByEntity({
    auth: {}, customResources: [], entity: { apiVersion: 'v1', kind: 'Component', metadata: { name: 'x' } },
  })),
}));
