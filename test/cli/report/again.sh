# What `gate report` writes is byte for byte what the run wrote, in every format.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/report/project.inc"
make_project p && cd p || exit 1

exits 0 "the run passes" "$GATE" run -o ../run.xml -o ../run.md -o ../run.json -o ../run.txt
cp "$tap_dir/out" ../run.screen
exits 0 "the last run is rendered again" "$GATE" report last -o ../again.xml -o ../again.md \
	-o ../again.json -o ../again.txt
cp "$tap_dir/out" ../again.screen
ok "the screen is the same" cmp ../again.screen ../run.screen
for ext in xml md json txt; do
	ok "the $ext is the same" cmp ../run.$ext ../again.$ext
done
for format in json junit markdown; do
	ext=$(sed 's/junit/xml/; s/markdown/md/' <<<"$format")
	exits 0 "--format $format" "$GATE" report last --format "$format"
	cp "$tap_dir/out" ../again.screen
	ok "--format $format is the file" cmp ../again.screen "../run.$ext"
done

folder=$(echo .gate/runs/*)
id=${folder##*/}
exits 0 "a folder" "$GATE" report "$folder"
exits 0 "its record.json" "$GATE" report "$folder/record.json"
exits 0 "a run id" "$GATE" report "$id"
exits 0 "the beginning of a run id" "$GATE" report "${id:0:10}"
exits 0 "from elsewhere" "$GATE" report -C .. --store p/.gate last
exits 0 "the summary" "$GATE" report last --format summary
has "$out" "PASS" "the summary has the verdict"
unlike "$out" $'\033' "nothing steers a terminal"
unlike "$out" $'(^|\n)[[:space:]]*::' "no line is a CI command"

exits 2 "no such run" "$GATE" report 19990101
like "$err" "gate log" "says where the runs are listed"
exits 2 "no such path" "$GATE" report ./nowhere
exits 2 "no such format" "$GATE" report last --format junitt
has "$err" "did you mean 'junit'" "suggests the format"
exits 2 "no record named" "$GATE" report
exits 2 "an unknown flag" "$GATE" report last --decied
exits 2 "an output that cannot be written" "$GATE" report last -o /nowhere/x.xml
cd .. && mkdir empty && cd empty || exit 1
exits 2 "no store" "$GATE" report last
ok "looking made no store" test ! -e .gate
done_testing
