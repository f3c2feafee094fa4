/* tree.cjs CASES.yaml OUTCOMES.jsonl: each case's `doc`, as npm's yaml reads it, against the JSON
 * that gate rendered into the prompt.  Prints what differs. */
'use strict';
const fs = require('fs');
const YAML = require('yaml');
const sorted = (v) => (Array.isArray(v) ? v.map(sorted) : v && typeof v === 'object' ?
	Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])])) : v);
const text = (v) => JSON.stringify(sorted(v));
const theirs = YAML.parse(fs.readFileSync(process.argv[2], 'utf8'), { version: '1.2', merge: true });
const ours = fs.readFileSync(process.argv[3], 'utf8').split('\n').filter(Boolean).map(JSON.parse);
if (theirs.length !== ours.length)
	console.log(`${theirs.length} documents, ${ours.length} outcomes`);
theirs.forEach((c, i) => {
	const mine = text(JSON.parse(ours[i].input));
	if (mine !== text(c.doc))
		console.log(`document ${i + 1}:\n gate ${mine}\n yaml ${text(c.doc)}`);
});
