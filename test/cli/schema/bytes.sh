# gate schema prints the bytes of docs/schema.
. "$TOP/test/cli/tap.sh"
gate schema
list=$(awk '{ print $1 }' <<<"$out")
is "$(sort <<<"$list")" "$(cd "$TOP/docs/schema" && for f in *.schema.json; do
	f=${f%.schema.json}; echo "${f#gate.}"; done | sort)" "every schema is listed"
for name in $list; do
	file=$TOP/docs/schema/$name.schema.json
	[ -e "$file" ] || file=$TOP/docs/schema/gate.$name.schema.json
	ok "gate schema $name" cmp <("$GATE" schema "$name") "$file"
done
for word in gate.policy gate.policy.yaml gate.policy.schema.json; do
	ok "gate schema $word" cmp <("$GATE" schema "$word") "$TOP/docs/schema/gate.policy.schema.json"
done
gate schema --help
has "$out" '# yaml-language-server: $schema=' "--help says how an editor uses it"
done_testing
