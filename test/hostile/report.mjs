// The report of the hostile requests: every row with its result. It has neither dates nor durations of tests, so that a difference is a difference; only what the
// fuzzing did (minutes, executions, paths) changes from run to run.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const sections = JSON.parse(readFileSync(new URL('rows.json', import.meta.url), 'utf8'));
const fuzzing = new URL('../../artifacts/fuzz/results.json', import.meta.url);

/** Rows with their status, the cases with their owners, and the tests of each id; gives Markdown. */
export function hostileReport(rows, cases, outcomes) {
  const status = new Map(rows.map((row) => [row.id, row.status]));
  const text = Object.entries(sections).map(([section, titles]) => {
    const lines = Object.entries(titles).map(([id, title]) => `| ${id} | ${title} | ${result(id, status.get(id), cases[id], outcomes.get(id) ?? [])} |`);
    return `## ${section}\n\n| row | what | result |\n|---|---|---|\n${lines.join('\n')}\n`;
  });
  const passed = rows.filter(({ id, status: one }) => id.startsWith('T') && one === 'passed').length;
  const all = rows.filter(({ id }) => id.startsWith('T')).length;
  return `# Hostile requests: results

Made by \`./test.sh\`; \`./test.sh --report\` puts it here. ${passed} of ${all} rows passed. A row has passed when every test that carries its id has; "partly" and "not tested" say why.

${text.join('\n')}
## Fuzzing

${fuzzed()}`;
}

function result(id, status, owner, tests) {
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
  const counted = `${tests.length} ${tests.length === 1 ? 'test' : 'tests'}`;
  const without = skipped.length > 0 ? `, ${skipped.length} skipped: ${[...new Set(skipped.map((test) => (test.message ?? 'no reason given').split('\n')[0]))].join('; ')}` : '';
  if (status === 'failed') return `**failed** (${tests.filter((test) => test.status === 'failed').map((test) => test.name).join(', ')})`;
  if (status === 'passed' || status === 'partly') return `${status} (${counted}${without})${owner ? `; not yet: ${owner}` : ''}`;
  return owner ? `not tested: ${owner}` : '**no test**';
}

function fuzzed() {
  if (!existsSync(fuzzing)) return 'Not run with these results; `test/hostile/fuzz.sh` runs it.\n';
  const { commit, targets } = JSON.parse(readFileSync(fuzzing, 'utf8'));
  const ran = targets.filter((one) => !one.failed);
  const total = (name) => ran.reduce((sum, one) => sum + one[name], 0);
  const lines = targets.map((one) => one.failed ? `| ${one.target} | **could not run** | | | | |` : `| ${one.target} | ${one.minutes} | ${one.executions} | ${one.paths} | ${one.crashes} | ${one.hangs} |`);
  const all = `| all | ${total('minutes').toFixed(1)} | ${total('executions')} | ${total('paths')} | ${total('crashes')} | ${total('hangs')} |`;
  return `Of commit ${commit}${sourcesSince(commit)}.\n\n| target | minutes | executions | paths | crashes | hangs |\n|---|---|---|---|---|---|\n${lines.join('\n')}\n${all}\n`;
}

/** Whether `src` is still what was fuzzed. */
function sourcesSince(commit) {
  const tree = (of) => execFileSync('git', ['rev-parse', '--verify', '--quiet', `${of}:src`], { cwd: new URL('../..', import.meta.url), encoding: 'utf8' });
  try {
    return tree(commit) === tree('HEAD') ? '; `src` is the same since' : '; **`src` has changed since**';
  } catch {
    return '; whether `src` has changed since is not known here';
  }
}
