# Odd machines and hostile bytes that a pipeline meets: a clear line, the right code, never green,
# never a crash, never a hang.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

echo '{"rules":[{"answer":"{{user}}"}]}' >script.json
server_start script.json
project 30
here=$(pwd)

# odd CODE DESC PART… -- CMD…: ends with CODE, says every PART, in an error line, without a request.
odd() {
	local code=$1 desc=$2 part parts=()
	shift 2
	while [ "$1" != -- ]; do parts+=("$1"); shift; done
	shift
	seen_mark
	run timeout -k 2 120 "$@"
	ends "$code" "$desc"
	for part in "${parts[@]}"; do has "$err" "$part" "$desc: says $part"; done
	like "$err" '(^|
|: )error: ' "$desc: an error line"
	unlike "$err" 'bug in gate|Sanitizer|Assertion' "$desc: no bug"
	is "$(since)" 0 "$desc: no request"
}

# --- repositories ---
git_repo empty
odd 2 "a repository without a commit" "HEAD" -- "$GATE" run -C empty
mkdir plain
odd 2 "no repository at all" "repository" -- "$GATE" run -C plain
odd 2 "a folder that is not there" "nowhere" -- "$GATE" run -C nowhere
git_repo other && echo x >other/README && git_commit other
odd 2 "a repository without gate.yaml" "gate.yaml" -- "$GATE" run -C other
cp -R proj nopolicy && git -C nopolicy rm -q gate.policy.yaml && git_commit nopolicy
odd 2 "no policy anywhere" "gate.policy.yaml" "--measure" -- "$GATE" run -C nopolicy
git init -q --object-format=sha256 sha256 2>/dev/null && cp proj/gate.yaml sha256/ && git_commit sha256 &&
	odd 2 "SHA-256 object ids" "SHA-256" -- "$GATE" run -C sha256
cp -R proj dangling && echo 'ref: refs/heads/gone' >dangling/.git/HEAD
odd 2 "a HEAD that points nowhere" "HEAD" -- "$GATE" run -C dangling
cp -R proj badhead && head -c 64 /dev/urandom >badhead/.git/HEAD
odd 2 "a HEAD of garbage" "HEAD" -- "$GATE" run -C badhead
cp -R proj badconf && printf '[core\n\trepositoryformatversion = zero' >badconf/.git/config
odd 2 "a git configuration that cannot be read" "config" -- "$GATE" run -C badconf
odd 2 "a blob where a commit is asked" "cases.jsonl" -- "$GATE" run -C proj --commit HEAD:cases.jsonl

git -C proj checkout -q --detach
run_gate --store s1
ends 0 "a detached HEAD"
git -C proj checkout -q main
git clone -q --bare proj bare.git 2>/dev/null
run timeout 120 "$GATE" run --repo bare.git --store s2 --commit main
ends 0 "a bare repository"
git -C proj worktree add -q "$here/linked" -b side 2>/dev/null
run timeout 120 "$GATE" run -C linked --store "$here/s3"
ends 0 "a linked work tree"
echo 'rubbish: [' >proj/gate.yaml
run_gate --store "$here/s4"
ends 0 "a work tree that is broken where the commit is sound"
odd 2 "the same judged with --worktree" "gate.yaml" -- "$GATE" run -C proj --worktree
git -C proj checkout -q gate.yaml

# --- bytes ---
# spoiled FILE DESC PART…: FILE (new bytes on stdin) committed.
spoiled() {
	local file=$1 desc=$2
	shift 2
	cat >spoiled.bytes && mv spoiled.bytes "proj/$file"
	git_commit proj "$desc"
	odd 2 "$desc" "$file" "$@" -- "$GATE" run -C proj
	git -C proj reset -q --hard HEAD~1
}
head -c 4096 /dev/urandom | spoiled gate.yaml "random bytes as gate.yaml"
printf '\0\0\0\0' | spoiled gate.yaml "NUL bytes as gate.yaml"
: | spoiled gate.yaml "an empty gate.yaml"
printf '%s' '# only a comment' | spoiled gate.policy.yaml "an empty policy"
printf -- '- a\n- b\n' | spoiled gate.yaml "a list as gate.yaml"
printf 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n' |
	spoiled gate.yaml "a billion laughs"
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "[" }' | spoiled gate.yaml "a hundred thousand brackets"
awk 'BEGIN { printf "{\"id\":\"a\",\"question\":"; for (i = 0; i < 100000; i++) printf "["; print "" }' |
	spoiled cases.jsonl "a case of a hundred thousand brackets" "cases.jsonl:1"
{ printf '\377'; head -c 4096 /dev/urandom; } | spoiled cases.jsonl "random bytes as dataset" "cases.jsonl:1"
printf '\377\376{\0"\0i\0d\0"\0:\0001\0}\0\n\0' | spoiled cases.jsonl "a dataset in UTF-16" "UTF-8"
{ cat proj/cases.jsonl; printf '{"id":"x","question":"\303\050","expected":"y"}\n'; } |
	spoiled cases.jsonl "bad UTF-8 in the last case" "cases.jsonl:31"
{ cat proj/cases.jsonl; printf '{"id":"x","question":"?","expected":'; } |
	spoiled cases.jsonl "a dataset cut in its last line" "cases.jsonl:31"
{ cat proj/cases.jsonl; echo 'null'; } | spoiled cases.jsonl "a case that is null" "cases.jsonl:31"
{ cat proj/cases.jsonl; sed -n 3p proj/cases.jsonl; } |
	spoiled cases.jsonl "the same id twice" "cases.jsonl:31" "q3"
awk 'BEGIN { s = "x"; while (length(s) < 17500000) s = s s; printf "{\"id\":\"a\",\"question\":\"%s\"}\n", s }' |
	spoiled cases.jsonl "a line of seventeen megabytes" "cases.jsonl:1"
printf '{{question' | spoiled prompt.txt "a template that does not close" "prompt.txt:1"
cases 2 && git_commit proj few
printf '{%% for i in range(1000000000) %%}{{question}}{%% endfor %%}' |
	spoiled prompt.txt "a template that never ends"
git -C proj reset -q --hard HEAD~1
ln -sf /etc/passwd proj/prompt.txt && git_commit proj link
odd 2 "a symbolic link out of the tree" "prompt.txt" "link" -- "$GATE" run -C proj
git -C proj reset -q --hard HEAD~1
sed -i 's#prompt.txt#../../etc/passwd#' proj/gate.yaml && git_commit proj up
odd 2 "a path out of the tree" "gate.yaml:6:13" ".." -- "$GATE" run -C proj
git -C proj reset -q --hard HEAD~1

# --- the process's surroundings ---
run env -i "$GATE" run -C proj --store "$here/s5"
isnt "$rc" 0 "no environment at all, so no key: not green"
has "$out$err" "BOT_KEY" "... and the variable is named"
run env -u HOME -u TMPDIR timeout 120 "$GATE" run -C proj --store "$here/s6"
ends 0 "no HOME and no TMPDIR"
run bash -c "'$GATE' run -C proj --store '$here/s7' >&-"
ends 0 "closed standard output: the verdict is still in the code"
run bash -c "'$GATE' run -C proj --store '$here/s8' <&- >&- 2>&-"
ends 0 "all three closed"
run bash -c "ulimit -n 12; exec timeout 120 '$GATE' run -C proj --fresh --store '$here/s9'"
[ "$rc" = 0 ] && accounts 30 30 0 || ends "2 3" "hardly a descriptor"
[ "$rc" = 0 ] || like "$err$out" '(error|unscored)' "... is said"
run bash -o pipefail -c "timeout 120 '$GATE' run -C proj --store '$here/s10' | head -c 1 >/dev/null"
isnt "$rc" 141 "a reader that goes away kills nobody"
run bash -c "ulimit -v 30000; exec timeout 120 '$GATE' run -C proj --store '$here/s11'"
isnt "$rc" 139 "little memory: no crash"
cat >wall.sh <<END
ulimit -t 20
exec "$GATE" run -C proj --store "$here/s12"
END
run env TZ=Nowhere/Atall LC_ALL=xx_XX.bad bash wall.sh 2>/dev/null
ends 0 "a time zone and a locale that do not exist"

# --- the network ---
elsewhere() { # BASE_URL HOST
	config
	sed -i "s#base_url: .*/v1#base_url: $1#" proj/gate.yaml
	sed -i "s#hosts: .*#hosts: ['$2']#; /credentials/d" proj/gate.policy.yaml
	git_commit proj "$1"
	seen_mark
	run_gate --timeout 1s --store "$here/net.$RANDOM"
}
elsewhere http://127.0.0.1:1/v1 127.0.0.1:1
ends 3 "nobody listens"
accounts 30 0 30
like "$out" 'network: [^
]*(refused|connect)' "... is named"
elsewhere https://gate-test.invalid/v1 gate-test.invalid
ends 3 "a host that no name server knows"
accounts 30 0 30
like "$out" '(network: [^
]*gate-test.invalid|deadline: no connection)' "... is named"
elsewhere "https://127.0.0.1:$server_port/v1" "127.0.0.1:$server_port"
ends 3 "TLS to a port that speaks plain HTTP"
accounts 30 0 30
like "$out" '(TLS|SSL|tls|ssl|deadline: no connection)' "... is named"
elsewhere "http://169.254.169.254/v1" "http://169.254.169.254:80"
ends "2 3 4" "the machine's metadata service"
has "$out$err" "169.254.169.254" "... is named"
git -C proj checkout -q -B main HEAD~4 2>/dev/null
sed -i "s#hosts: .*#hosts: ['api.example.com']#" proj/gate.policy.yaml && git_commit proj host
run_gate --store "$here/s13"
ends "2 3 4" "a host that the policy does not list"
has "$out$err" "127.0.0.1:$server_port" "... is named"
has "$out$err" "trust.hosts" "... with the list it is missing from"
is "$(since)" 0 "... and nothing was sent there"
git -C proj reset -q --hard HEAD~1

# --- several gates at one store ---
echo '{"rules":[{"contains":"1.","answer":"wrong","latency_ms":5},{"answer":"{{user}}","latency_ms":5}]}' \
	>script.json
server_start script.json
project 100
cp -R proj proj2
sed -i 's/right.mean >= 0.5/right.mean >= 0.85/' proj2/gate.policy.yaml
sed -i 's/"say \([0-9]*\)5\."}/"never \15"}/' proj2/cases.jsonl
git_commit proj2 stricter
pids=()
for i in 1 2 3; do
	"$GATE" run -C proj -j 4 --store "$here/shared" --fresh >"a$i" 2>&1 & pids+=($!)
	"$GATE" run -C proj2 -j 4 --store "$here/shared" --fresh >"b$i" 2>&1 & pids+=($!)
done
codes=
for pid in "${pids[@]}"; do wait "$pid"; codes="$codes $?"; done
diag "codes of six gates at one store: $codes"
for i in 1 2 3; do
	if grep -q 'in use' "a$i"; then pass "gate a$i was told that the store is in use"; else
		has "$(cat "a$i")" "90/100" "gate a$i saw its own scores"
	fi
	if grep -q 'in use' "b$i"; then pass "gate b$i was told that the store is in use"; else
		has "$(cat "b$i")" "80/100" "gate b$i saw its own scores"
	fi
done
for r in shared/runs/*/; do
	[ -e "$r/record.json" ] || continue
	is "$(wc -l <"$r/outcomes.jsonl")" 100 "${r#shared/}: a hundred outcomes"
	want=90
	grep -q '>= 0.85' "$r/record.json" && want=80
	is "$(grep -c '"right":{"value":1' "$r/outcomes.jsonl")" "$want" "${r#shared/}: and they are its own"
done
done_testing
