// A person in a headless Chromium: signs in at a gateway with the provider's own pages, opens a shell, stays until tokens were renewed, signs out:
// sign-in.mjs CHROMIUM JSON
// The JSON: origin, the gateway's; user; exec, the path of a WebSocket for a shell; stay, milliseconds between two looks; screenshot, a file for a picture
// of the gateway's page.
// Prints one JSON object of what was to be seen.
import { chromium } from 'playwright-core';

const [executablePath, text] = process.argv.slice(2);
const { origin, user, exec, api, stay = 0, screenshot } = JSON.parse(text);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--ignore-certificate-errors', '--disable-features=LocalNetworkAccessChecks'] });
const seen = {};
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(origin + '/');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.locator('input[name=login]').fill(user);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.locator('button[type=submit]').click();
  await page.waitForURL(origin + '/');
  await page.getByText(`Signed in as ${user}.`).waitFor();
  await page.getByText('The clusters that you may reach: main.').waitFor();
  seen.page = await page.locator('body').innerText();
  if (screenshot) await page.screenshot({ path: screenshot });
  seen.scriptCookies = await page.evaluate(() => document.cookie);
  const get = path => page.evaluate(async address => { const answer = await fetch(address); return { status: answer.status, body: await answer.text() }; }, path);
  seen.first = await get(api);
  seen.shell = await page.evaluate(path => new Promise((resolve, reject) => {
    const socket = new WebSocket(path, ['v4.channel.k8s.io']);
    socket.binaryType = 'arraybuffer';
    let screen = '';
    socket.onmessage = ({ data }) => {
      screen += new TextDecoder().decode(new Uint8Array(data).slice(1));
      if (screen.includes('hello from the pod')) { socket.close(); resolve(screen); }
    };
    socket.onopen = () => socket.send(new Uint8Array([0, ...new TextEncoder().encode('echo hello from the pod\n')]));
    socket.onerror = () => reject(new Error('the WebSocket was refused'));
    setTimeout(() => reject(new Error(`no shell: ${screen}`)), 20000);
  }), exec);
  await page.waitForTimeout(stay);
  seen.second = await get(api);
  await page.getByRole('link', { name: 'Sign out' }).click();
  // The provider asks whether it is meant.
  await page.locator('button[name=logout]').click();
  await page.waitForURL(origin + '/');
  seen.afterwards = await get(api);
  seen.link = await page.getByRole('link', { name: 'Sign in' }).count();
} finally {
  await browser.close();
}

console.log(JSON.stringify(seen));
