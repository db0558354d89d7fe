// Mounts Backstage's own exec terminal as its plugin would, on a pod of the query: ?baseUrl=&namespace=&pod=&container=&cluster=
// The base URL is what Backstage's discovery says for the plugin "kubernetes", such as https://host/api/kubernetes.
import { createVersionedContext, createVersionedValueMap } from '@backstage/version-bridge';
import { discoveryApiRef } from '@backstage/core-plugin-api';
import { createRoot } from 'react-dom/client';
// By its file: the package's index brings all components along, with all that they need.
import { PodExecTerminal } from './node_modules/@backstage/plugin-kubernetes-react/dist/components/PodExecTerminal/PodExecTerminal.esm.js';

const query = Object.fromEntries(new URLSearchParams(window.location.search));
const discovery = { getBaseUrl: async id => (id === 'kubernetes' ? query.baseUrl : undefined) };
// What ApiProvider of @backstage/core-app-api does.
const apis = createVersionedValueMap({ 1: { get: ref => (ref.id === discoveryApiRef.id ? discovery : undefined) } });
const ApiContext = createVersionedContext('api-context');

createRoot(document.getElementById('root')).render(
  <ApiContext.Provider value={apis}>
    <PodExecTerminal cluster={{ name: query.cluster }} podNamespace={query.namespace} podName={query.pod} containerName={query.container} />
  </ApiContext.Provider>,
);
