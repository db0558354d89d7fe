// Sends the requests of Headlamp's App Catalog plugin and reads the answers as the front end does: app-catalog.mjs ORIGIN CLUSTER JSON
// The JSON is a list of {namespace, name, request, token}. Prints a list of what each gave: {status, contentType, total, text}, or {status, error}.
const [origin, cluster, text] = process.argv.slice(2);
const seen = [];
for (const { namespace, name, request, token } of JSON.parse(text)) {
  const url = `${origin}/clusters/${cluster}/serviceproxy/${namespace}/${name}?` + new URLSearchParams({ request });
  const response = await fetch(url, { credentials: 'include', headers: token ? { Authorization: `Bearer ${token}` } : {} });
  const { status, headers } = response;
  if (!response.ok) {
    // The message of a JSON body, else the text.
    const body = await response.text();
    let error = body;
    try {
      error = JSON.parse(body).message ?? body;
    } catch {
      // No JSON.
    }

    seen.push({ status, error, reload: headers.get('X-Reload') });
    continue;
  }

  seen.push({ status, contentType: headers.get('Content-Type'), total: headers.get('pagination-total-count'), text: await response.text() });
}

console.log(JSON.stringify(seen));
