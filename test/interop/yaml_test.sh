# Datasets that others read too: YAML as npm's yaml reads it, CSV as python's csv does.  gate shows
# its tree by rendering it into the prompt.
. "$TOP/test/interop/interop.inc"
need_tool jq
setup() { # CASES-FILE PROMPT
	rm -rf proj
	git_repo proj
	printf '%s' "$2" >proj/prompt.txt
	cp "$1" proj/
	cat >proj/gate.yaml <<-END
	version: 1
	targets:
	  t: {provider: recorded, answer: ok, prompt: prompt.txt}
	suites:
	  s: {target: t, cases: ${1##*/}, metrics: {m: {scorer: equals, expected: ok}}}
	END
	git_commit proj data
	run_gate --measure
}
if [ -e "$NODE_PATH/yaml/package.json" ] && [ -x "$node" ]; then
	setup "$TOP/test/interop/cases.yaml" '{{doc | dump}}'
	ends 0 "the tricky documents are read" || true
	run "$node" "$TOP/test/interop/tree.cjs" "$TOP/test/interop/cases.yaml" "$(record)/outcomes.jsonl"
	is "$rc $out$err" "0 " "gate's trees are those of npm's yaml"
	sed 's/$/\r/' "$TOP/test/interop/cases.yaml" >crlf.yaml
	{ printf '\xef\xbb\xbf'; cat "$TOP/test/interop/cases.yaml"; } >bom.yaml
	for kind in crlf bom; do
		setup $kind.yaml '{{doc | dump}}'
		run "$node" "$TOP/test/interop/tree.cjs" $kind.yaml "$(record)/outcomes.jsonl"
		is "$rc $out$err" "0 " "with $kind too"
	done
else
	skip "npm's yaml could not be fetched"
fi

if command -v python3 >/dev/null; then
	python3 - >want.jsonl <<-'END'
	import csv, json, random
	r = random.Random(7)
	parts = ['a', '"', ',', '\n', '\r\n', ' ', 'é', '日本', '', "'", '""', ';', '\t', '=1+1', '{{x}}', '12', '# no']
	rows = [[''.join(r.choice(parts) for _ in range(r.randint(0, 6))) for _ in range(3)] for _ in range(200)]
	rows = [row for row in rows if any(row)]
	with open('tricky.csv', 'w', newline='', encoding='utf-8') as f:
	    csv.writer(f).writerows([['a', 'b', 'c'], *rows])
	for row in csv.reader(open('tricky.csv', newline='', encoding='utf-8')):
	    print(json.dumps(row))
	END
	setup tricky.csv '{{ [a, b, c] | dump }}'
	ends 0 "two hundred rows that python's csv wrote"
	jq -c '.input | fromjson' "$(record)/outcomes.jsonl" >got.jsonl
	sed 1d want.jsonl | jq -c . >rows.jsonl
	is "$(diff rows.jsonl got.jsonl | head -n 6)" "" "gate's cells are python's"
else
	skip "python3 is not installed"
fi
done_testing
