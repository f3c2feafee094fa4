# Without --stage every stage that runs suites is checked, and the worst is said.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"

project 60
stages() { # THRESHOLD THRESHOLD
	cat >proj/gate.policy.yaml <<-END
	version: 1
	stages:
	  pre: {suites: [main], thresholds: ['$1']}
	  prod: {suites: [main], thresholds: ['$2']}
	  later: {needs: prod}
	END
	git_commit proj stages
}
stages 'right.mean >= 0.5' 'right.mean >= 0.6'
gate check -C proj
is "$rc" 0 "two stages" || tap_show
has "$out" "ok: pre: 1 suite, 60 samples, 1 threshold" "the first is named"
has "$out" "ok: prod: 1 suite" "and the second"
gate check -C proj --stage prod
hasnt "$out" "pre:" "--stage checks that one alone"
stages 'right.mean >= 0.5' 'wrong.mean >= 0.6'
gate check -C proj
ends 2 "a mistake in the second"
stages 'right.mean >= 0.99' 'right.mean >= 0.6'
gate check -C proj
ends 3 "a threshold of the first that cannot be reached"
gate run -C proj
ends 2 "run still asks which"
done_testing
