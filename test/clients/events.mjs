// Reads server-sent events: events.mjs URL TOKEN
// Prints the status and the type of the content when the headers are there, every event as it comes, and "end" where the stream ends as it should.
const [url, token] = process.argv.slice(2);
const response = await fetch(url, { headers: { Accept: 'text/event-stream', Authorization: `Bearer ${token}` } });
console.log(`headers ${response.status} ${response.headers.get('Content-Type')}`);
let text = '';
for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
  text += piece;
  const events = text.split('\n\n');
  text = events.pop();
  for (const event of events) console.log(`event ${event.replace(/^data: /, '')}`);
}

console.log('end');
