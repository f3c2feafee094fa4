/* A server on node's own http, https and http2: answers in the OpenAI wire with the user's words,
 * logs every request it sees, and misbehaves by path.
 *   origin.cjs LOG [KEY.pem CERT.pem [h1|h2]]
 * /v1 answers; /redirect/CODE/URL sends away; /echo/CODE quotes the Authorization header in an
 * error (also in base64); /parrot answers with it. */
'use strict';
const fs = require('fs');
const [log, key, cert, protocol] = process.argv.slice(2);

function answer(res, body, text) {
	const base = { id: 'x', created: 1, model: body.model };
	if (!body.stream) {
		res.writeHead(200, { 'content-type': 'application/json' });
		return res.end(JSON.stringify({ ...base, object: 'chat.completion', choices: [{ index: 0,
			message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
			usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }));
	}
	const chunk = (delta, finish) => res.write(`data: ${JSON.stringify({ ...base,
		object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
	res.writeHead(200, { 'content-type': 'text/event-stream' });
	chunk({ role: 'assistant', content: '' }, null);
	chunk({ content: text }, null);
	chunk({}, 'stop');
	res.end('data: [DONE]\n\n');
}

function serve(req, res) {
	let text = '';
	req.on('data', (d) => { text += d; });
	req.on('end', () => {
		const auth = req.headers.authorization || '';
		if (req.method === 'GET')
			return res.end('up');
		fs.appendFileSync(log, `${JSON.stringify({ v: req.httpVersion, method: req.method,
			path: req.url, headers: req.headers, text })}\n`);
		const [, mode, code, ...rest] = req.url.split('/');
		const said = `marker-4711 ${auth} ${Buffer.from(auth).toString('base64')} ${Buffer.from(
			auth.replace(/^Bearer /, '')).toString('base64')}`;
		if (mode === 'redirect') {
			res.writeHead(Number(code), { location: decodeURIComponent(rest[0]) });
			return res.end();
		}
		if (mode === 'echo') {
			res.writeHead(Number(code), { 'content-type': 'application/json', 'x-request-id': auth });
			return res.end(JSON.stringify({ error: { message: `bad header: ${said}`, code: auth } }));
		}
		const body = JSON.parse(text);
		answer(res, body, mode === 'parrot' ? said : body.messages.at(-1).content);
	});
}

const options = key && { key: fs.readFileSync(key), cert: fs.readFileSync(cert), allowHTTP1: true };
const server = !key ? require('http').createServer(serve) :
	protocol === 'h2' ? require('http2').createSecureServer(options, serve) :
		require('https').createServer(options, serve);
server.listen(0, '127.0.0.1', () => console.log(`listening on port ${server.address().port}`));
