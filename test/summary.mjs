// Reads the reports of the test projects (CTRF), names every failure and every skip, and counts on the last line.
// Arguments: the folder of the reports, then name=exit-code for each project that was run.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hostileReport } from './hostile/report.mjs';

const [folder, ...runs] = process.argv.slice(2);
const failed = [];
const skipped = [];
let passed = 0;
const outcomes = new Map(); // case id -> the tests that carry it

// In one line, and what the message says further, within bounds.
const described = ({ name, message = '' }) => {
  const [first, ...rest] = message.split('\n').map((line) => line.slice(0, 400));
  return [`${name}${first ? `: ${first}` : ''}`, rest.filter((line) => line.trim()).slice(0, 12).map((line) => `\n      ${line}`).join('')];
};

for (const run of runs) {
  const [name, exitCode] = run.split('=');
  const file = path.join(folder, `${name}.json`);
  const tests = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).results.tests : [];
  const before = failed.length;
  for (const test of tests) {
    const [line, more] = described(test);
    for (const [id] of test.name.matchAll(/(?<![A-Za-z0-9])[BHT]\d{2,3}(?=_)/g)) outcomes.set(id, [...(outcomes.get(id) ?? []), test]);
    if (test.status === 'passed') passed++;
    else if (test.status === 'skipped' || test.status === 'pending') skipped.push(line);
    else failed.push(line + more);
  }

  // A run may fail outside of every test: a crash, or a fixture that could not be taken down.
  if (exitCode !== '0' && failed.length === before) {
    failed.push(`${name}: ended with exit code ${exitCode}`);
  }
}

const list = (title, lines) => lines.length > 0 && console.log(`\n${title}\n${lines.map((line) => `  ${line}`).join('\n')}`);
// The table of cases: nothing is shown as passed that did not run.
const cases = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8')).cases;
const rows = Object.entries(cases).map(([id, owner]) => {
  const statuses = (outcomes.get(id) ?? []).map((test) => test.status);
  // Passed is what ran, all of it, and waits for nothing.
  const status = statuses.includes('failed') ? 'failed'
    : statuses.includes('passed') ? (owner || statuses.some((one) => one !== 'passed') ? 'partly' : 'passed')
    : owner ? `not yet: ${owner}` : 'MISSING';
  return { id, status, tests: statuses.length };
});
const table = path.join(folder, 'cases.md');
writeFileSync(table, `| case | outcome | tests |\n|---|---|---|\n${rows.map(({ id, status, tests }) => `| ${id} | ${status} | ${tests} |`).join('\n')}\n`);
writeFileSync(path.join(folder, 'hostile.md'), hostileReport(rows, cases, outcomes));
const count = (start) => rows.filter(({ status }) => status.startsWith(start)).length;
const missing = rows.filter(({ status }) => status === 'MISSING').map(({ id }) => id);
console.log(`\nCases (${table}): ${count('passed')} passed, ${count('partly')} partly, ${count('failed')} failed, ${count('not yet')} not yet, ${missing.length} missing ${missing.join(' ')}`);
list('Skipped, and why:', skipped);
list('Failed:', failed);
console.log(`\n${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exit(failed.length > 0 || passed === 0 ? 1 : 0);
