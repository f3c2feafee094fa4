# The tables that parse the command line and the manual pages say the same; gate(1) has the exit codes
# of gate/exit.h; every command and every schema has its page.
. "$TOP/test/cli/tap.sh"

gate help commands
commands=$(awk '/^  [a-z]/ { print $1 }' <<<"$out")
ok "commands are listed" test "$(wc -l <<<"$commands")" -ge 8

for c in $commands; do
	page=$TOP/docs/man/gate-$c.1
	gate "$c" --help
	is "$rc" 0 "gate $c --help"
	is "$(awk 'length($0) > 100' <<<"$out")" "" "gate $c --help is narrow"
	awk '/^Options:$/ { on = 1; next } /^$/ { on = 0 }
		on && /^ +-/ { for (i = 1; i <= 2; i++) if ($i ~ /^-/) { sub(/,$/, "", $i); print $i } }' \
		"$tap_dir/out" | sort >"$tap_dir/table"
	awk '/^\.It Fl/ { for (i = 2; i < NF; i++) if ($i == "Fl") print "-" $(i + 1) }' "$page" |
		sort >"$tap_dir/page"
	is "$(cat "$tap_dir/page")" "$(cat "$tap_dir/table")" "gate-$c.1 has the options of gate $c, and no other"
	gate help "$c"
	has "$out" "GATE-${c^^}(1)" "gate help $c is its manual page"
	has "$(cat "$TOP/docs/man/gate.1")" ".It Ic $c" "gate(1) names $c"
done

# PASS 0, FAIL 1 … in the order of both.
header=$(sed -n 's/^\tEXIT_\([A-Z]*\) = \([0-9]*\),.*/\2 \L\1/p' "$TOP/gate/exit.h")
ok "exit codes are read from gate/exit.h" test "$(wc -l <<<"$header")" -ge 6
page=$(awk '/^\.Sh EXIT STATUS/ { on = 1 } /^\.El/ { on = 0 }
	on && /^\.It/ { code = $2; getline; gsub(/[:,]/, " "); print code " " $0 }' "$TOP/docs/man/gate.1")
doc=$(awk -F'|' '/^\| .[0-9]/ { gsub(/[ `]/, "", $2); print $2 " " $3 }' "$TOP/docs/exit-codes.md")
is "$(cut -d' ' -f1 <<<"$page" | xargs)" "$(cut -d' ' -f1 <<<"$header" | xargs)" "gate(1) has these codes"
is "$(cut -d' ' -f1 <<<"$doc" | xargs)" "$(cut -d' ' -f1 <<<"$header" | xargs)" "docs/exit-codes.md has these codes"
while read -r code word; do
	has "$(grep "^$code " <<<"$page")" "$word" "gate(1): $code is $word"
	has "$(grep "^$code " <<<"$doc")" "$word" "docs/exit-codes.md: $code is $word"
done <<<"$header"
done_testing
