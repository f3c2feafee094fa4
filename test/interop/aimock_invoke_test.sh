# Bedrock's InvokeModel with Claude's own form before aimock.
. "$TOP/test/interop/wires.inc"
shape invoke refusal '"stop","stop","stop","length","refused","tool-calls","stop"'
faults invoke
done_testing
