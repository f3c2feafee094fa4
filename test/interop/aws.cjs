/* Thousands of random requests and streams, made and judged by AWS's own packages.
 *   aws.cjs sign AWSPROBE     our signatures, beside @smithy/signature-v4's
 *   aws.cjs decode AWSPROBE   streams of @smithy/eventstream-codec, whole, damaged and cut
 * Prints "N cases, M differ" and the first that do. */
'use strict';
const { execFileSync } = require('child_process');
const { SignatureV4 } = require('@smithy/signature-v4');
const { Sha256 } = require('@aws-crypto/sha256-js');
const { EventStreamCodec } = require('@smithy/eventstream-codec');
const { toUtf8, fromUtf8 } = require('@smithy/util-utf8');
const [what, probe] = process.argv.slice(2);

let seed = 20261123;
const random = (n) => { seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff; return (seed >> 8) % n; };
const pick = (list) => list[random(list.length)];
const times = (n, f) => Array.from({ length: n }, f);
const bytes = (n) => Uint8Array.from(times(n, () => random(256)));
const hex = (b) => Buffer.from(b).toString('hex');
const ask = (lines) => execFileSync(probe, [what], { input: `${lines.join('\n')}\n`,
	maxBuffer: 1 << 28 }).toString().trimEnd().split('\n');
function judge(cases, got) {
	let differ = 0;
	cases.forEach((c, i) => {
		const good = typeof c.want === 'string' ? c.want === got[i] : c.want.test(got[i]);
		if (!good && differ++ < 3)
			console.log(`${JSON.stringify(c)}\n  got ${got[i]}`);
	});
	console.log(`${cases.length} cases, ${differ} differ`);
	process.exitCode = differ || got.length !== cases.length ? 1 : 0;
}

/* --- requests ------------------------------------------------------------------------------ */

const encode = (s) => encodeURIComponent(s).replace(/[!'()*]/g,
	(c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const segment = () => pick(['model', '.', '..', '', 'a.b-v1%3A0', 'a:b', 'x~y_z-', "!$&'()*+,;=@", '%7e%2F',
	'arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprompt%2FP%3A3', 'converse', 'invoke-with-response-stream']);
const word = () => times(1 + random(3), () => pick(['a', 'b-', 'A', 'é', 'x y', '+', '%', '/', ':', '=', '&', '~',
	'世', '*', "'", ''])).join('');
const value = () => pick(['', 'v', ' a  b ', 'a\t b', 'application/json; charset=utf-8', '"x   y"']);

function request() {
	const query = {}, pairs = [], headers = {};
	for (const key of times(random(4), () => word() || 'k')) {
		if (key in query)
			continue;
		query[key] = times(1 + random(2), word);
		pairs.push(...query[key].map((v) => `${encode(key)}=${encode(v)}`));
	}
	pairs.sort(() => random(3) - 1);
	for (const name of times(random(5), () => pick(['content-type', 'x-b', 'x-a-b', 'x-a', 'user-agent',
		'x-amzn-bedrock-trace', 'sec-x', 'referer', 'accept-encoding'])))
		headers[name] = value();
	const tls = random(2) === 1, port = pick(['', ':8443', ':443', ':80', ':8080']);
	const name = pick(['h.example', '127.0.0.1', '[::1]', 'bedrock-runtime.us-east-1.amazonaws.com']);
	const usual = port === (tls ? ':443' : ':80');
	const path = `/${times(random(6), segment).join('/')}`;
	return { method: pick(['GET', 'POST', 'PUT']), body: pick(['', 'x', '{"a":"é"}']), path, query,
		sent: { host: name + (usual ? '' : port), ...headers },
		url: `http${tls ? 's' : ''}://${name}${port}${path}${pairs.length ? `?${pairs.join('&')}` : ''}`,
		headers: Object.entries(headers).map(([n, v]) => [n.replace(/^x/, 'X'), v]),
		id: `AKID${random(99)}`, secret: `s3cr3t/+=${random(99)}`, token: pick([undefined, 'tok/en==']),
		region: pick(['us-east-1', 'eu-west-3']), service: pick(['bedrock', 'sts', 'bedrock-agentcore']),
		ms: 1e12 + random(1 << 22) * 123456 };
}
async function signed(c) {
	const signer = new SignatureV4({ service: c.service, region: c.region, sha256: Sha256, applyChecksum: false,
		credentials: { accessKeyId: c.id, secretAccessKey: c.secret, sessionToken: c.token } });
	const { headers } = await signer.sign({ method: c.method, protocol: 'https:', hostname: 'unused',
		path: c.path, query: c.query, headers: c.sent, body: c.body }, { signingDate: new Date(c.ms) });
	return headers.authorization;
}
async function sign() {
	const cases = times(4000, request);
	for (const c of cases)
		c.want = await signed(c);
	judge(cases, ask(cases.map((c) => JSON.stringify(c))));
}

/* --- streams ------------------------------------------------------------------------------- */

const number = (type, code, v) => [{ type, value: v }, code, v];
const headerKinds = [
	() => [{ type: 'boolean', value: true }, 0, 1],
	() => [{ type: 'boolean', value: false }, 1, 0],
	() => number('byte', 2, random(256) - 128),
	() => number('short', 3, random(65536) - 32768),
	() => number('integer', 4, (random(1 << 22) * 1024) | 0),
	() => { const b = bytes(8); return [{ type: 'long', value: { bytes: b } }, 5, Buffer.from(b).readBigInt64BE()]; },
	() => { const b = bytes(random(40)); return [{ type: 'binary', value: b }, 6, hex(b)]; },
	() => { const s = pick(['', 'x', 'é世😀', 'application/json']);
		return [{ type: 'string', value: s }, 7, hex(Buffer.from(s))]; },
	() => { const ms = random(1 << 22) * 4e5; return [{ type: 'timestamp', value: new Date(ms) }, 8, ms]; },
	() => { const h = hex(bytes(16));
		return [{ type: 'uuid', value: h.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5') }, 9, h]; },
];
const codec = new EventStreamCodec(toUtf8, fromUtf8);

/* One message and the line that stands for it. */
function message() {
	const headers = {}, body = bytes(random(200));
	let text = '';
	for (const name of times(random(8), (_, i) => pick(['a', ':x', 'naïve', `k${i}`, 'b'.repeat(200)]))) {
		if (name in headers)
			continue;
		const [header, type, shown] = pick(headerKinds)();
		headers[name] = header;
		text += `${hex(Buffer.from(name))}:${type}=${shown} `;
	}
	return { bytes: codec.encode({ headers, body }), text: `${text}|${hex(body)} ` };
}
function streams() {
	const list = times(1 + random(4), message), all = Buffer.concat(list.map((m) => m.bytes));
	const line = (b) => Buffer.from(b).toString('base64');
	const damaged = Uint8Array.from(all);
	damaged[random(all.length)] ^= 1 << random(8);
	const end = all.length - list.at(-1).bytes.length;
	const before = list.slice(0, -1).map((m) => m.text).join('');
	return [{ line: line(all), want: `${list.map((m) => m.text).join('')}ok` },
		{ line: line(damaged), want: /bad$/ },
		{ line: line(all.subarray(0, end + 1 + random(all.length - end - 1))), want: `${before}cut` }];
}
function decode() {
	const cases = times(1500, streams).flat();
	judge(cases, ask(cases.map((c) => c.line)));
}

({ sign, decode })[what]();
