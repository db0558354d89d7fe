// A page with the URL of a chart repository from its settings: repository.mjs ORIGIN REPOSITORY TOKEN
// Prints {status, charts} for api/charts below it.
const [origin, repository, token] = process.argv.slice(2);
const response = await fetch(`${origin}${repository}api/charts`, { headers: { Authorization: `Bearer ${token}` } });
console.log(JSON.stringify({ status: response.status, charts: await response.json() }));
