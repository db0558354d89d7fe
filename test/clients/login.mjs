// Signs somebody in by a provider's forms, in a headless Chromium: login.mjs CHROMIUM JSON
// The JSON: start, the URL to open; account, who signs in; until, a regular expression for the URL that it ends at; absent, whether nobody serves
// that URL, so that there is neither status nor page; evaluate, an expression to work out in the page at the end, or a promise of its value.
// Prints one JSON object: the url and the status at the end, the page, the cookies of every site, the URLs that pages went to, and the value.
import { chromium } from 'playwright-core';

// Logins ask who it is and whether that is so; a loop is a failure.
const mostForms = 6;

const [executablePath, text] = process.argv.slice(2);
const { start, account, until, absent = false, evaluate } = JSON.parse(text);
const end = new RegExp(until);
const browser = await chromium.launch({
  executablePath,
  // Without a sandbox of its own: tests run as root too. And pages of providers take their fonts from elsewhere, for which loading would wait.
  args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'],
});
let seen;
try {
  // Everything is on loopback, by an authority that the browser does not know.
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  // A busy machine takes its time; who waits for the program bounds it.
  page.setDefaultTimeout(50000);
  const visited = [];
  const isAtEnd = new Promise(resolve => page.on('request', request => {
    if (!request.isNavigationRequest()) return;
    visited.push(request.url());
    if (end.test(request.url())) resolve(false);
  }));

  // A way to where nobody is ends in an error, which is what was asked for.
  const arrives = navigation => navigation.catch(error => {
    if (absent && end.test(visited.at(-1))) return undefined;
    throw error;
  });
  let response;
  page.on('response', answer => { if (answer.request().isNavigationRequest()) response = answer; });
  await arrives(page.goto(start));
  // Pages of a login go on by themselves; only one with a form waits for somebody.
  const button = page.locator('form button[type=submit]').first();
  const asked = () => Promise.race([isAtEnd, button.waitFor().then(() => true)]);
  for (let forms = 0; await asked(); forms++) {
    if (forms === mostForms) throw new Error(`Not at ${until} but at ${page.url()}: ${await page.content()}`);
    const field = page.locator('form input[type=text]').first();
    if (await field.count()) {
      await field.fill(account);
      await page.locator('form input[type=password]').first().fill('any password is good');
    }

    await Promise.all([arrives(page.waitForNavigation()), button.click()]);
  }

  // Asked for is not there yet.
  if (!absent) await page.waitForURL(end, { waitUntil: 'load' });
  const value = evaluate === undefined ? undefined : await page.evaluate(evaluate);
  seen = { url: visited.at(-1), status: absent ? undefined : response.status(), page: absent ? undefined : await page.content(), cookies: await context.cookies(), visited, value };
} finally {
  await browser.close();
}

console.log(JSON.stringify(seen));
