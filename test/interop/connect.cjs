/* A proxy that knows CONNECT and nothing else, on node's http: connect.cjs LOG [USER:PASSWORD].
 * Any name leads to 127.0.0.1, as a proxy resolves names and its client does not. */
'use strict';
const fs = require('fs');
const net = require('net');
const [log, login] = process.argv.slice(2);
const proxy = require('http').createServer((req, res) => {
	fs.appendFileSync(log, `${req.method} ${req.url}\n`);
	res.writeHead(405).end();
});
proxy.on('connect', (req, client, head) => {
	fs.appendFileSync(log, `CONNECT ${req.url} ${JSON.stringify(req.headers)}\n`);
	const want = login && `Basic ${Buffer.from(login).toString('base64')}`;
	if (want && req.headers['proxy-authorization'] !== want)
		return client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
	const up = net.connect(Number(req.url.split(':').pop()), '127.0.0.1', () => {
		client.write('HTTP/1.1 200 Connection established\r\n\r\n');
		up.write(head);
		up.pipe(client).pipe(up);
	});
	up.on('error', () => client.destroy());
	client.on('error', () => up.destroy());
	return undefined;
});
proxy.listen(0, '127.0.0.1', () => console.log(`listening on port ${proxy.address().port}`));
