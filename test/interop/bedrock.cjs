/* Bedrock's runtime by AWS's own packages: each request's signature is computed again by
 * @smithy/signature-v4 from the bytes as they came, streams are framed by @smithy/eventstream-codec.
 *   bedrock.cjs LOG KEYS.json PLAN.json [CLOCK-OFFSET-SECONDS [KEY.pem CERT.pem]]
 * KEYS: {"ACCESS-KEY-ID": {"secret": …, "token": …}, "bearer": KEY}.  PLAN: by the user's words, one
 * answer or a list of them (the last one stays): {text, pieces, tool, reasoning, stop, usage, trace,
 * http: [code, type, message], after, exception: [type, message], error: [code, message], cut, damage,
 * garbage, times (of the text), echo (of the request's headers: "error" or "answer")}. What has no plan is repeated.  LOG gets a line for each request, never a credential. */
'use strict';
const fs = require('fs');
const http = require('http');
const http2 = require('http2');
const { SignatureV4 } = require('@smithy/signature-v4');
const { Sha256 } = require('@aws-crypto/sha256-js');
const { EventStreamCodec } = require('@smithy/eventstream-codec');
const { toUtf8, fromUtf8 } = require('@smithy/util-utf8');
const [log, keysFile, planFile, offset = '0', key, cert] = process.argv.slice(2);
const keys = JSON.parse(fs.readFileSync(keysFile, 'utf8'));
const plan = JSON.parse(fs.readFileSync(planFile, 'utf8'));
const codec = new EventStreamCodec(toUtf8, fromUtf8);
const now = () => Date.now() + Number(offset) * 1000;
const asked = new Map();

/* --- whose request it is ------------------------------------------------------------------- */

const form = new RegExp('^AWS4-HMAC-SHA256 Credential=([^/, ]+)/(\\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, '
	+ 'SignedHeaders=([a-z0-9-]+(?:;[a-z0-9-]+)*), Signature=([0-9a-f]{64})$');
const no = (type, message) => ({ type, message });

/* Header values by lower-case name, those of one name joined as they came. */
function headersOf(req) {
	const all = {};
	for (let i = 0; i < req.rawHeaders.length; i += 2) {
		const name = req.rawHeaders[i].toLowerCase().replace(/^:authority$/, 'host');
		const value = req.rawHeaders[i + 1];
		all[name] = name in all ? `${all[name]},${value}` : value;
	}
	return all;
}
/* {name: [value …]}, percent-decoded; '+' is a plus. */
function queryOf(text) {
	const query = {};
	for (const pair of text.split('&').filter(Boolean)) {
		const [k, ...v] = pair.split('=');
		(query[decodeURIComponent(k)] ??= []).push(decodeURIComponent(v.join('=')));
	}
	return query;
}
function parseDate(text) {
	const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text || '');
	return m && new Date(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}Z`);
}

/* What is wrong with it, or nothing. */
async function refusal(req, body) {
	const headers = headersOf(req), auth = headers.authorization;
	if (!auth)
		return no('MissingAuthenticationTokenException', 'Missing Authentication Token');
	if (auth.startsWith('Bearer '))
		return keys.bearer && auth === `Bearer ${keys.bearer}` ? undefined :
			no('AccessDeniedException', 'Bearer Token has expired or is unknown');
	const m = form.exec(auth);
	if (!m)
		return no('IncompleteSignatureException', 'Authorization header is malformed');
	const [, id, day, region, service, names] = m;
	const date = parseDate(headers['x-amz-date']), list = names.split(';');
	const due = req.url.startsWith('/runtimes/') ? 'bedrock-agentcore' : 'bedrock';
	if (!date || !headers['x-amz-date'].startsWith(day) || region !== 'us-east-1' || service !== due)
		return no('InvalidSignatureException', 'Credential should be scoped to a valid date, region and service');
	if (!keys[id] || (keys[id].token || undefined) !== headers['x-amz-security-token'])
		return no('UnrecognizedClientException', 'The security token included in the request is invalid.');
	for (const must of ['host', 'x-amz-date', 'content-type', 'x-amz-security-token'])
		if (must in headers && !list.includes(must))
			return no('InvalidSignatureException', `'${must}' must be a 'SignedHeader'`);
	if (Math.abs(date - now()) > 300000)
		return no('InvalidSignatureException', `Signature ${date < now() ? 'expired' : 'not yet current'}: ${
			headers['x-amz-date']} is ${date < now() ? 'earlier' : 'later'} than allowed`);
	const [path, query = ''] = req.url.split(/\?(.*)/s);
	const signer = new SignatureV4({ service, region, sha256: Sha256, applyChecksum: false,
		credentials: { accessKeyId: id, secretAccessKey: keys[id].secret, sessionToken: keys[id].token } });
	const again = await signer.sign({ method: req.method, protocol: 'http:', hostname: 'unused', path,
		query: queryOf(query), body, headers: Object.fromEntries(list.map((n) => [n, headers[n]])) },
	{ signingDate: date });
	return again.headers.authorization === auth ? undefined : no('InvalidSignatureException',
		'The request signature we calculated does not match the signature you provided.');
}

/* --- what it answers ----------------------------------------------------------------------- */

const string = (value) => ({ type: 'string', value });
const frame = (headers, body) => Buffer.from(codec.encode({ body: fromUtf8(body),
	headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, string(v)])) }));
const event = (type, json) => frame({ ':event-type': type, ':content-type': 'application/json',
	':message-type': 'event' }, JSON.stringify(json));

function last(body) {
	if (body.promptVariables)
		return Object.values(body.promptVariables)[0].text;
	const content = body.messages.at(-1).content;
	return typeof content === 'string' ? content : content.map((b) => b.text || '').join('');
}
function blocks(p) {
	const list = [];
	if (p.reasoning)
		list.push({ reasoningContent: { reasoningText: { text: p.reasoning, signature: 'c2ln' } } });
	if (p.text !== undefined)
		list.push({ text: p.text });
	for (const [i, t] of (p.tool || []).entries())
		list.push({ toolUse: { toolUseId: `tooluse_${i}`, name: t.name, input: t.input } });
	return list;
}
const tail = (p) => ({ usage: p.usage || { inputTokens: 9, outputTokens: 4, totalTokens: 13 },
	metrics: { latencyMs: 7 }, ...(p.trace && { trace: { guardrail: p.trace } }) });
const stop = (p) => p.stop || (p.tool ? 'tool_use' : 'end_turn');

/* Claude's own form, which InvokeModel carries: a whole answer, or what a stream is made of. */
const reasons = { end_turn: 'end_turn', tool_use: 'tool_use', max_tokens: 'max_tokens' };
function claude(p) {
	const content = blocks(p).map((b) => (b.toolUse ? { type: 'tool_use', id: b.toolUse.toolUseId,
		name: b.toolUse.name, input: b.toolUse.input } : b.reasoningContent ? { type: 'thinking',
		thinking: p.reasoning, signature: 'c2ln' } : { type: 'text', text: b.text }));
	const { inputTokens, outputTokens } = tail(p).usage;
	return { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content, stop_reason: reasons[stop(p)],
		stop_sequence: null, usage: { input_tokens: inputTokens, output_tokens: outputTokens } };
}
function claudeStream(p) {
	const { content, stop_reason, usage, ...rest } = claude(p);
	const out = [{ type: 'message_start', message: { ...rest, content: [], stop_reason: null,
		usage: { ...usage, output_tokens: 1 } } }];
	for (const [index, b] of content.entries()) {
		const cut = (text) => text.match(new RegExp(`.{1,${p.pieces || 3}}`, 'gsu')) || [];
		const put = (delta) => out.push({ type: 'content_block_delta', index, delta });
		const { text, thinking, signature, input, ...start } = b;
		out.push({ type: 'content_block_start', index, content_block: { ...start, ...(input && { input: {} }),
			...(text !== undefined && { text: '' }), ...(thinking && { thinking: '' }) } });
		if (input)
			cut(JSON.stringify(input)).forEach((partial_json) => put({ type: 'input_json_delta', partial_json }));
		else if (thinking)
			cut(thinking).forEach((x) => put({ type: 'thinking_delta', thinking: x }));
		else
			cut(text).forEach((x) => put({ type: 'text_delta', text: x }));
		out.push({ type: 'content_block_stop', index });
	}
	out.push({ type: 'message_delta', delta: { stop_reason, stop_sequence: null },
		usage: { output_tokens: usage.output_tokens } }, { type: 'message_stop',
		'amazon-bedrock-invocationMetrics': { inputTokenCount: usage.input_tokens,
			outputTokenCount: usage.output_tokens, invocationLatency: 7, firstByteLatency: 3 } });
	return out.map((e) => event('chunk', { bytes: Buffer.from(JSON.stringify(e)).toString('base64'), p: 'abc' }));
}

/* The messages of a stream, as Bedrock orders them. */
function stream(p) {
	const out = [event('messageStart', { role: 'assistant' })];
	for (const [contentBlockIndex, b] of blocks(p).entries()) {
		const put = (delta) => out.push(event('contentBlockDelta', { contentBlockIndex, delta, p: 'abcdefg' }));
		const cut = (text, n) => text.match(new RegExp(`.{1,${n}}`, 'gsu')) || [''];
		if (b.toolUse) {
			const { input, ...start } = b.toolUse;
			out.push(event('contentBlockStart', { contentBlockIndex, start: { toolUse: start } }));
			cut(JSON.stringify(input), 5).forEach((x) => put({ toolUse: { input: x } }));
		} else if (b.reasoningContent) {
			cut(p.reasoning, 4).forEach((text) => put({ reasoningContent: { text } }));
			put({ reasoningContent: { signature: 'c2ln' } });
		} else {
			cut(b.text, p.pieces || 3).forEach((text) => put({ text }));
		}
		out.push(event('contentBlockStop', { contentBlockIndex }));
	}
	out.push(event('messageStop', { stopReason: stop(p) }), event('metadata', tail(p)));
	return out;
}
function sendStream(res, p, own) {
	let out = own ? claudeStream(p) : stream(p);
	res.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
	if (p.after !== undefined)
		out = out.slice(0, p.after);
	if (p.exception)
		out.push(frame({ ':exception-type': p.exception[0], ':content-type': 'application/json',
			':message-type': 'exception' }, JSON.stringify({ message: p.exception[1] })));
	if (p.error)
		out.push(frame({ ':message-type': 'error', ':error-code': p.error[0],
			':error-message': p.error[1] }, ''));
	let bytes = Buffer.concat(out);
	if (p.damage !== undefined)
		bytes[p.damage < 0 ? bytes.length + p.damage : p.damage] ^= 1;
	if (p.cut !== undefined) {
		bytes = bytes.subarray(0, bytes.length - p.cut);
		return res.write(bytes, () => setTimeout(() => res.destroy(), 20));
	}
	/* In odd pieces, so that no frame's end is a segment's end. */
	for (let at = 0, n; at < bytes.length; at += n)
		res.write(bytes.subarray(at, at + (n = bytes.length > 1e6 ? 40009 : 61)));
	res.end();
}
function sendError(res, code, type, message) {
	res.writeHead(code, { 'content-type': 'application/json', 'x-amzn-requestid': 'r-1',
		'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` });
	res.end(JSON.stringify({ message }));
}
function answer(req, res, op, body) {
	const words = last(body), steps = [].concat(plan[words] || {});
	const n = asked.get(words) || 0;
	asked.set(words, n + 1);
	const p = { ...steps[Math.min(n, steps.length - 1)] };
	if (p.echo === 'error')
		return sendError(res, 400, 'ValidationException', JSON.stringify(headersOf(req)));
	if (p.text === undefined && !p.tool)
		p.text = p.echo ? JSON.stringify(headersOf(req)) : words;
	if (p.times)
		p.text = p.text.repeat(p.times);
	if (p.http)
		return sendError(res, ...p.http);
	const own = op.startsWith('invoke');
	if (op.endsWith('-stream'))
		return sendStream(res, p, own);
	res.writeHead(200, { 'content-type': 'application/json', ...(own && {
		'x-amzn-bedrock-input-token-count': tail(p).usage.inputTokens,
		'x-amzn-bedrock-output-token-count': tail(p).usage.outputTokens }) });
	const json = JSON.stringify(own ? claude(p) : { output: { message: { role: 'assistant', content: blocks(p) } },
		stopReason: stop(p), ...tail(p) });
	if (p.cut !== undefined)
		return res.write(json.slice(0, -p.cut), () => setTimeout(() => res.destroy(), 20));
	return res.end(p.garbage || json);
}

/* What is no model: the kinds, and what is asked before a run. */
function other(where, id, query, body) {
	const model = 'anthropic.m-v1:0';
	return {
		'knowledgebases': () => ({ retrievalResults: [{ content: { type: 'TEXT', text: body.retrievalQuery.text },
			location: { type: 'S3', s3Location: { uri: 's3://bucket/a' } }, score: 0.9 }] }),
		'runtimes': () => ({ result: body.prompt, qualifier: query.qualifier[0] }),
		'foundation-models': () => ({ modelDetails: { modelId: id, modelLifecycle: { status: 'LEGACY' } } }),
		'inference-profiles': () => ({ inferenceProfileId: id, type: 'SYSTEM_DEFINED',
			models: [{ modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${model}` }] }),
		'prompts': () => ({ id, version: query.promptVersion[0], variants: [{ name: 'one', modelId: model }] }),
	}[where]?.();
}

async function serve(req, res, body) {
	res.setHeader('Date', new Date(now()).toUTCString());
	const [, where, id, op] = req.url.split('/');
	const why = await refusal(req, body);
	fs.appendFileSync(log, `${JSON.stringify({ url: req.url, id: decodeURIComponent(id || ''), op,
		v: req.httpVersion, why: why ? why.type : null, names: /SignedHeaders=([^,]+)/.exec(req.headers.authorization)?.[1],
		body: JSON.parse(body.toString() || 'null') })}\n`);
	if (why)
		return sendError(res, 403, why.type, why.message);
	if (where === 'model')
		return answer(req, res, op, JSON.parse(body));
	const json = other(where, decodeURIComponent(id), queryOf(req.url.split('?')[1] || ''),
		JSON.parse(body.toString() || 'null'));
	if (!json)
		return sendError(res, 404, 'UnknownOperationException', 'no such operation');
	res.writeHead(200, { 'content-type': 'application/json' });
	return res.end(JSON.stringify(json));
}
const options = key && { key: fs.readFileSync(key), cert: fs.readFileSync(cert), allowHTTP1: true };
(key ? http2.createSecureServer(options) : http.createServer()).on('request', (req, res) => {
	const parts = [];
	req.on('data', (d) => parts.push(d));
	req.on('end', () => serve(req, res, Buffer.concat(parts)).catch((e) => {
		console.log(e);
		sendError(res, 500, 'OriginBroke', String(e));
	}));
}).listen(0, '127.0.0.1', function () { console.log(`listening on port ${this.address().port}`); });
