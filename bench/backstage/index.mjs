// Backstage's backend with its Kubernetes plugin and nothing else: node index.mjs --config FILE
import { createBackend } from '@backstage/backend-defaults';

const backend = createBackend();
backend.add(import('@backstage/plugin-kubernetes-backend'));
await backend.start();
