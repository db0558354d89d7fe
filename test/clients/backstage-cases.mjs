// Asks for a pod's events on each cluster with Backstage's own client: backstage-cases.mjs BASE_URL PORTAL_TOKEN CLUSTER...
// Prints one JSON object: what each call gave, or the message with which it was rejected.
import { KubernetesBackendClient } from './node_modules/@backstage/plugin-kubernetes-react/dist/api/KubernetesBackendClient.esm.js';
import { KubernetesProxyClient } from './node_modules/@backstage/plugin-kubernetes-react/dist/api/KubernetesProxyClient.esm.js';
import { KubernetesAuthProviders } from './node_modules/@backstage/plugin-kubernetes-react/dist/kubernetes-auth-provider/KubernetesAuthProviders.esm.js';

const [baseUrl, token, ...clusters] = process.argv.slice(2);
const oauth = { getAccessToken: async () => 'google-token', getIdToken: async () => 'id-token' };
const backend = new KubernetesBackendClient({
  discoveryApi: { getBaseUrl: async id => `${baseUrl}/api/${id}` },
  fetchApi: { fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, Authorization: `Bearer ${token}` } }) },
  kubernetesAuthProvidersApi: new KubernetesAuthProviders({ googleAuthApi: oauth, microsoftAuthApi: oauth, oidcProviders: { okta: oauth } }),
});
// The stock client looks a cluster up in the list first; a name that is not in it is asked for as a stale page would.
const stale = Object.create(backend, {
  getCluster: { value: async name => (await backend.getClusters()).find(one => one.name === name) ?? { name, authProvider: 'serviceAccount' } },
});
const proxy = new KubernetesProxyClient({ kubernetesApi: stale });
const seen = {};
for (const clusterName of clusters) {
  seen[clusterName] = await proxy
    .getEventsByInvolvedObjectName({ clusterName, involvedObjectName: 'x', namespace: 'default' })
    .catch(error => error.message);
}
console.log(JSON.stringify(seen));
