// Opens one page in a headless Chromium: browser.mjs CHROMIUM JSON
// The JSON: url; token, a bearer token for the navigation to url and for nothing else; ambient, one that the browser itself adds to every request,
// whoever makes it; cookies to plant, as [{name, value, url}]; without, names of headers that are taken from the page's answer before the browser
// sees it, for the control of a test; until, the line of the console at which the page is done: without it, it is done when it is loaded.
// Prints the lines of the page's console as they come, then one JSON object: the status, the page as it stands, every URL that was asked for, and the cookies.
import { chromium } from 'playwright-core';

const [executablePath, text] = process.argv.slice(2);
const { url, token, ambient, cookies = [], without = [], until } = JSON.parse(text);
// Without a sandbox of its own: tests run as root too.
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
let seen;
try {
  const context = await browser.newContext({ extraHTTPHeaders: ambient ? { authorization: `Bearer ${ambient}` } : {} });
  await context.addCookies(cookies);
  const page = await context.newPage();
  const asked = [];
  page.on('request', request => asked.push(request.url()));
  const done = new Promise(resolve => {
    page.on('console', message => {
      console.log(message.text());
      if (message.text() === until) resolve();
    });
  });
  // Not unless it is needed: with it the driver answers preflights itself.
  if (token) {
    await page.route(url, async route => {
      const headers = { ...route.request().headers(), authorization: `Bearer ${token}` };
      if (without.length === 0) return route.continue({ headers });
      const response = await route.fetch({ headers });
      const kept = Object.entries(response.headers()).filter(([name]) => !without.includes(name));
      return route.fulfill({ response, headers: Object.fromEntries(kept) });
    }, { times: 1 });
  }

  const response = await page.goto(url, { waitUntil: 'load' });
  if (until) await done;
  // The page as the browser holds it, read from outside: a script of ours would not run in it either.
  const devtools = await context.newCDPSession(page);
  const { root } = await devtools.send('DOM.getDocument', { depth: 0 });
  const { outerHTML } = await devtools.send('DOM.getOuterHTML', { nodeId: root.nodeId });
  seen = { status: response.status(), page: outerHTML, asked, cookies: await context.cookies() };
} finally {
  await browser.close();
}

console.log(JSON.stringify(seen));
