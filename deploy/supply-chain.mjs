// The software bill of materials of the server (CycloneDX), which has what the program for people's machines holds too, and whether any of its packages has a known vulnerability.
//   node deploy/supply-chain.mjs [REPORT.json]
// Writes artifacts/sbom/fairlead.cdx.json. Needs a Release build of src/Fairlead. REPORT.json gets the two checks in the form of the other test reports (CTRF).
// A check that could not run is skipped, with its reason; it never passes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const project = path.join(root, 'src/Fairlead/Fairlead.csproj');
const output = path.join(root, 'artifacts/sbom');
const run = (...args) => execFileSync('dotnet', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const tests = [];

async function check(name, body) {
  try {
    const reason = await body();
    tests.push({ name, status: reason ? 'skipped' : 'passed', duration: 0, ...(reason && { message: reason }) });
  } catch (error) {
    tests.push({ name, status: 'failed', duration: 0, message: `${error.message} ${error.stdout ?? ''}${error.stderr ?? ''}`.trim() });
  }
}

/** What the program for people's machines holds: the packages that have something for its run time. */
function ofCommandLine() {
  const folder = path.join(root, 'src/Fairlead.Cli');
  run('restore', folder);
  const [target] = Object.values(JSON.parse(readFileSync(path.join(folder, 'obj/project.assets.json'), 'utf8')).targets);
  const packages = Object.entries(target).filter(([, library]) => library.type === 'package' && Object.keys(library.runtime ?? {}).length > 0);
  if (packages.length === 0) throw new Error('the program for people\'s machines holds no package at all, which cannot be');
  return packages.map(([name]) => name.toLowerCase());
}

await check('The software bill of materials names every package that is shipped, with its hash and licence', () => {
  mkdirSync(output, { recursive: true });
  const version = readFileSync(path.join(root, 'Directory.Build.props'), 'utf8').match(/<VersionPrefix>(.*?)</)[1];
  run('tool', 'restore');
  run('tool', 'run', 'dotnet-CycloneDX', project, '-o', output, '-fn', 'fairlead.cdx.json', '-F', 'Json', '-sn', 'fairlead', '-sv', version, '-ed', '-dpr');
  const bill = JSON.parse(readFileSync(path.join(output, 'fairlead.cdx.json'), 'utf8'));
  const listed = new Map(bill.components.map((component) => [`${component.name}/${component.version}`.toLowerCase(), component]));
  const shipped = Object.entries(JSON.parse(readFileSync(path.join(root, 'src/Fairlead/bin/Release/net10.0/fairlead.deps.json'), 'utf8')).libraries)
    .filter(([, library]) => library.type === 'package')
    .map(([name]) => name.toLowerCase())
    .concat(ofCommandLine());
  if (shipped.length === 0) throw new Error('the build ships no package at all, which cannot be');
  const missing = shipped.filter((name) => !listed.has(name));
  if (missing.length > 0) throw new Error(`not in the bill: ${missing.join(', ')}`);
  const bare = shipped.filter((name) => !listed.get(name).hashes?.length || !listed.get(name).licenses?.length);
  if (bare.length > 0) throw new Error(`without hash or licence: ${bare.join(', ')}`);
  return undefined;
});

await check('No package that is shipped has a known vulnerability', async () => {
  const sources = run('nuget', 'list', 'source', '--format', 'Short').split('\n').filter((line) => line.startsWith('E http')).map((line) => line.slice(2).trim());
  const hasData = async (source) => {
    const answer = await fetch(source, { signal: AbortSignal.timeout(20_000) });
    return answer.ok && JSON.parse((await answer.text()).replace(/^\uFEFF/, '')).resources.some((resource) => resource['@type'].startsWith('VulnerabilityInfo/'));
  };
  const answers = await Promise.all(sources.map((source) => hasData(source).catch(() => false)));
  if (!answers.includes(true)) return 'no package source here has data on vulnerabilities (VulnerabilityInfo), so nothing was checked';
  const report = JSON.parse(run('list', project, 'package', '--vulnerable', '--include-transitive', '--format', 'json'));
  if (report.problems?.length) throw new Error(JSON.stringify(report.problems));
  const found = report.projects.flatMap((one) => one.frameworks ?? []).flatMap((framework) => [...(framework.topLevelPackages ?? []), ...(framework.transitivePackages ?? [])]);
  if (found.length > 0) throw new Error(found.map((one) => `${one.id} ${one.resolvedVersion}: ${one.vulnerabilities.map((each) => each.advisoryurl).join(' ')}`).join('; '));
  return undefined;
});

for (const test of tests) console.log(`${test.status}: ${test.name}${test.message ? `: ${test.message}` : ''}`);
if (process.argv[2]) writeFileSync(process.argv[2], JSON.stringify({ results: { tests } }));
process.exit(tests.some((test) => test.status === 'failed') ? 1 : 0);
