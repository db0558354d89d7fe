// Types into Backstage's own exec terminal, in a headless Chromium: terminal.mjs CHROMIUM JSON
// The JSON: baseUrl, of Backstage's plugin "kubernetes", such as http://host/api/kubernetes; cluster, namespace, pod, container; origin of the page,
// that of baseUrl unless said otherwise; ambient, a bearer token that the browser itself adds to every request; cookies to plant, as
// [{name, value, url}] and more that Playwright's addCookies takes; type, a line that is typed when the terminal is connected; until, the text on
// the screen at which it is done. It is done, too, when the connection ends or fails.
// Prints one JSON object: the text on the screen, and of each WebSocket its url, the headers that asked for it, and the status 101 where it was
// granted; the browser does not say with which other one it was refused.
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [executablePath, text] = process.argv.slice(2);
const { baseUrl, cluster, namespace, pod, container, origin = new URL(baseUrl).origin, ambient, cookies = [], type, until } = JSON.parse(text);
const file = name => readFile(new URL(`.tools/terminal/${name}`, import.meta.url), 'utf8');
const script = await file('page.js');
const html = `<!doctype html><meta charset="utf-8"><style>${await file('page.css')}</style>
  <div id="root" style="width: 1000px; height: 400px"></div><script src="/terminal-of-the-test.js"></script>`;
// Without a sandbox of its own: tests run as root too. And a page that the driver makes up is from nowhere, from where Chromium lets none reach a
// loopback address.
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--ignore-certificate-errors', '--disable-features=LocalNetworkAccessChecks'] });
let seen;
try {
  const context = await browser.newContext({ extraHTTPHeaders: ambient ? { authorization: `Bearer ${ambient}` } : {} });
  await context.addCookies(cookies);
  const page = await context.newPage();
  const sockets = new Map();
  const devtools = await context.newCDPSession(page);
  const answered = new Promise(resolve => devtools.on('Network.webSocketHandshakeResponseReceived', ({ requestId, response }) => {
    sockets.get(requestId).status = response.status;
    resolve();
  }));
  const closed = new Promise(resolve => devtools.on('Network.webSocketClosed', resolve));
  devtools.on('Network.webSocketCreated', ({ requestId, url }) => sockets.set(requestId, { url }));
  devtools.on('Network.webSocketWillSendHandshakeRequest', ({ requestId, request }) => { sockets.get(requestId).headers = request.headers; });
  await devtools.send('Network.enable');
  const screen = async () => (await page.locator('.xterm-rows').innerText()).replaceAll('\u00a0', ' ');
  const shows = wanted => page.waitForFunction(
    one => document.querySelector('.xterm-rows').innerText.replaceAll('\u00a0', ' ').includes(one), wanted, { timeout: 0 });

  // The page stands at that origin, whoever else serves it.
  await page.route(`${origin}/terminal-of-the-test.js`, route => route.fulfill({ contentType: 'text/javascript', body: script }));
  await page.route(`${origin}/terminal-of-the-test?*`, route => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto(`${origin}/terminal-of-the-test?${new URLSearchParams({ baseUrl, cluster, namespace, pod, container })}`);
  const ended = closed.then(() => shows('Socket connection closed'));
  await Promise.race([answered, ended]);
  // Until the component has seen that, too.
  await page.evaluate(() => new Promise(resolve => requestAnimationFrame(resolve)));
  if (type) {
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.insertText(type);
    await page.keyboard.press('Enter');
  }

  await Promise.race([ended, ...(until ? [shows(until)] : [])]);
  seen = { screen: await screen(), sockets: [...sockets.values()] };
} finally {
  await browser.close();
}

console.log(JSON.stringify(seen));
