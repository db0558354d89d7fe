// Drives @kubernetes/client-node with a kubeconfig: client-node.mjs KUBECONFIG NAMESPACE
// Prints one JSON object with what it saw.
import { CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';

const [path, namespace] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromFile(path);
const core = config.makeApiClient(CoreV1Api);
const name = `from-node-${Date.now()}`;

const seen = [];
const watched = new Promise((resolve, reject) => {
  new Watch(config).watch(
    `/api/v1/namespaces/${namespace}/configmaps`,
    {},
    (type, object) => {
      seen.push(`${type} ${object.metadata.name}`);
      if (type === 'DELETED' && object.metadata.name === name) resolve();
    },
    error => reject(error ?? new Error('the watch ended')),
  ).then(async () => {
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { a: '1' } } });
    await core.deleteNamespacedConfigMap({ namespace, name });
  }).catch(reject);
});
await watched;
const list = await core.listNamespace();
console.log(JSON.stringify({
  namespaces: list.items.map(item => item.metadata.name),
  watched: seen.filter(line => line.endsWith(name)).map(line => line.replace(name, 'NAME')),
}));
process.exit(0);
