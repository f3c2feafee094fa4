/* ajv's word on our schemas and on what we write.
 *   judge.cjs schemas FILE…             each is a valid draft 2020-12 schema
 *   judge.cjs validate SCHEMA FILE…     JSON, JSON Lines (.jsonl) or YAML (by npm's yaml) holds
 *   judge.cjs mutants SCHEMA FILE DIR   write broken copies of FILE to DIR, one change each, with
 *                                       ajv's verdict and the change in DIR/verdicts */
'use strict';
const fs = require('fs');
const path = require('path');
const Ajv = require('ajv/dist/2020').default;
const formats = require('ajv-formats').default;
const YAML = require('yaml');

function ajv() {
	const a = new Ajv({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
	formats(a);
	return a;
}
const read = (f) => JSON.parse(fs.readFileSync(f, 'utf8'));
function documents(file) {
	const text = fs.readFileSync(file, 'utf8');
	if (file.endsWith('.jsonl'))
		return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
	return [/\.ya?ml$/.test(file) ? YAML.parse(text, { version: '1.2', merge: true }) : JSON.parse(text)];
}
const fail = (text) => { console.log(text); process.exitCode = 1; };

function schemas(files) {
	for (const file of files) {
		const a = ajv();
		if (!a.validateSchema(read(file)))
			fail(`${file}: ${a.errorsText(a.errors)}`);
		else
			a.compile(read(file));
	}
}
function validate(schema, files) {
	const check = ajv().compile(read(schema));
	let n = 0;
	for (const file of files)
		for (const [i, doc] of documents(file).entries()) {
			n++;
			if (!check(doc))
				fail(`${file}: document ${i + 1}: ${JSON.stringify(check.errors.slice(0, 3))}`);
		}
	console.log(`${n} documents`);
}

/* Every place of a tree, as [holder, key]. */
function places(doc) {
	const out = [];
	(function walk(v) {
		if (v && typeof v === 'object')
			for (const k of Object.keys(v)) {
				out.push([v, k]);
				walk(v[k]);
			}
	})(doc);
	return out;
}
function mutants(schema, file, dir) {
	const check = ajv().compile(read(schema));
	const [start] = documents(file);
	const changes = {
		drop: (h, k) => { if (Array.isArray(h)) h.splice(k, 1); else delete h[k]; },
		number: (h, k) => { h[k] = 7.25; },
		text: (h, k) => { h[k] = 'some text'; },
		list: (h, k) => { h[k] = []; },
		object: (h, k) => { h[k] = {}; },
		null: (h, k) => { h[k] = null; },
		misspell: (h, k) => { if (!Array.isArray(h)) { h[`${k}x`] = h[k]; delete h[k]; } },
	};
	const lines = [];
	fs.mkdirSync(dir, { recursive: true });
	for (let i = 0; i < places(start).length; i++)
		for (const [name, change] of Object.entries(changes)) {
			const copy = structuredClone(start);
			const [holder, key] = places(copy)[i];
			change(holder, key);
			const id = `${i}-${name}`;
			fs.writeFileSync(path.join(dir, id), JSON.stringify(copy, null, 1));
			lines.push(`${id} ${check(copy) ? 'valid' : 'invalid'} ${key}`);
		}
	fs.writeFileSync(path.join(dir, 'verdicts'), `${lines.join('\n')}\n`);
}

const [what, ...rest] = process.argv.slice(2);
if (what === 'schemas') schemas(rest);
else if (what === 'validate') validate(rest[0], rest.slice(1));
else if (what === 'mutants') mutants(...rest);
else fail('usage: judge.cjs schemas|validate|mutants …');
