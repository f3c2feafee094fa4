# Anthropic's Messages before aimock.
. "$TOP/test/interop/wires.inc"
shape anthropic refusal '"stop","stop","stop","length","refused","tool-calls","stop"'
faults anthropic
done_testing
