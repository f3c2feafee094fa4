# Our schemas and everything that they describe, before ajv; our JUnit before xmllint.
. "$TOP/test/interop/interop.inc"
need_module ajv
need_module yaml
need_tool jq
judge() { run "$node" "$TOP/test/interop/judge.cjs" "$@"; }
holds() { # SCHEMA DESC FILE…
	local schema=$1 desc=$2
	shift 2
	judge validate "$TOP/docs/schema/$schema.schema.json" "$@"
	if [ "$rc" = 0 ] && [ "$out" != "0 documents" ]; then pass "$desc ($out)"; else fail "$desc"; tap_show; fi
}

judge schemas "$TOP"/docs/schema/*.schema.json
is "$rc $out" "0 " "ajv: every schema is a valid one of draft 2020-12, and compiles in strict mode"
for name in gate policy record outcome; do
	"$GATE" schema "$name" >"$name.schema.json" || fail "gate schema $name"
done
judge schemas ./*.schema.json
is "$rc $out" "0 " "ajv: so are the ones that the binary prints"

holds gate "every gate.yaml of the project" "$TOP"/fixtures/init/*/gate.yaml "$TOP"/fixtures/demo/repo/gate.yaml
holds gate.policy "every gate.policy.yaml" "$TOP"/fixtures/init/*/gate.policy.yaml \
	"$TOP"/fixtures/demo/repo/gate.policy.yaml
holds record "the committed records" "$TOP"/fixtures/records/*/record.json
holds outcome "their outcomes" "$TOP"/fixtures/records/*/outcomes.jsonl

# Records of runs made now: the demo's, and one with tool calls, failures, repeats and slices.
git_repo demo "$TOP/fixtures/demo/repo"
gate run -C demo -o "$PWD/demo.json" -o "$PWD/demo.xml"
like "$rc" '^[013]$' "the demo's repository was judged"
holds record "the demo's record" "$(record demo)/record.json"
holds outcome "its outcomes" "$(record demo)/outcomes.jsonl"
jq .record demo.json >demo.record.json && jq -c '.outcomes[]' demo.json >demo.outcomes.jsonl
holds record "the record inside of the report json" demo.record.json
holds outcome "the outcomes inside of it" demo.outcomes.jsonl

origin
for path in /v1 /echo/400 /echo/401 /redirect/302/x; do
	project 40
	policy 'right.mean >= 0.5' 'latency.p95 < 10s' 'tokens_out.max < 100 tok' 'unscored.count == 0'
	sed -i "s|$server_url/v1|$server_url$path|; s|^    cases:|    repeats: 2\n    cases:|" proj/gate.yaml
	git_commit proj path
	run_gate --spend-anyway -o "$PWD/out.xml" -o "$PWD/out.json"
	like "$rc" '^[013]$' "a run against $path"
	holds record "its record" "$(record)/record.json"
	holds outcome "its outcomes" "$(record)/outcomes.jsonl"
	cp out.xml "junit-${path//\//-}.xml"
done

# The judge can say no.
jq '.verdict = "passed"' "$(record)/record.json" >bad.json
judge validate "$TOP/docs/schema/record.schema.json" bad.json
is "$rc" 1 "ajv refuses a record whose verdict is no verdict"
sed '3s/"seq":/"sequence":/' "$(record)/outcomes.jsonl" >bad.jsonl
judge validate "$TOP/docs/schema/outcome.schema.json" bad.jsonl
has "$out" "document 3" "ajv refuses an outcome with a misspelt member"

# JUnit, by the schemas that its readers publish.
cp demo.xml junit-demo.xml
if command -v xmllint >/dev/null; then
	ok "xmllint: JUnit is well-formed XML" xmllint --noout junit-*.xml
	if [ -e "$SHARED/vectors/schemas/junit-10.xsd" ]; then
		ok "xmllint: it holds Jenkins' schema" xmllint --noout \
			--schema "$SHARED/vectors/schemas/junit-10.xsd" junit-*.xml
	else skip "Jenkins' schema of JUnit is not beside the project"; fi
else skip "xmllint is not installed"; fi

# Where ajv finds a fault in a configuration, so does gate: each place of a good one, broken.
project 3
cp proj/gate.yaml good.yaml
cp proj/gate.policy.yaml good.policy.yaml
for file in gate gate.policy; do
	judge mutants "$TOP/docs/schema/$file.schema.json" "good${file#gate}.yaml" "mutants.$file"
	lenient= n=0
	while read -r id verdict _; do
		[ "$verdict" = invalid ] || continue
		n=$((n + 1))
		cp good.yaml proj/gate.yaml
		cp good.policy.yaml proj/gate.policy.yaml
		cp "mutants.$file/$id" "proj/$file.yaml"
		gate check -C proj --worktree
		[ "$rc" = 2 ] || lenient+=" $id:$rc"
	done <"mutants.$file/verdicts"
	ok "$n broken copies of $file.yaml were tried" test "$n" -gt 40
	is "$lenient" "" "what ajv refuses in $file.yaml, gate refuses with exit 2"
done
done_testing
