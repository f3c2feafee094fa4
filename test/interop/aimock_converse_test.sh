# Bedrock's Converse and ConverseStream before aimock.
. "$TOP/test/interop/wires.inc"
shape bedrock guardrail_intervened '"stop","stop","stop","length","blocked","tool-calls","stop"'
faults bedrock
done_testing
