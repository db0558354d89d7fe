// Opens a page in a headless Chromium and asks it something: evaluate.mjs CHROMIUM JSON
// The JSON: url; hosts, a pattern of host names that lead to 127.0.0.1; expect, a selector that has to appear; script, the body of an async
// function that runs in the page; screenshot, a file for a picture of the page.
// Prints one JSON object: the URL and title that the page has in the end, its cookies as the browser keeps them, and what the script gave.
import { chromium } from 'playwright-core';

const [executablePath, text] = process.argv.slice(2);
const { url, hosts, expect, script, screenshot } = JSON.parse(text);
// Without a sandbox of its own: tests run as root too. The certificates are those of the tests.
const args = ['--no-sandbox', ...(hosts ? [`--host-resolver-rules=MAP ${hosts} 127.0.0.1`] : [])];
const browser = await chromium.launch({ executablePath, args });
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const response = await page.goto(url, { waitUntil: 'load' });
  if (expect) await page.waitForSelector(expect, { timeout: 20_000 });
  const value = script ? await page.evaluate(`(async () => { ${script} })()`) : null;
  if (screenshot) await page.screenshot({ path: screenshot });
  console.log(JSON.stringify({ status: response.status(), url: page.url(), title: await page.title(), cookies: await context.cookies(), value }));
} finally {
  await browser.close();
}
