# OpenAI's Responses before aimock.
. "$TOP/test/interop/wires.inc"
# aimock says that an answer is incomplete and not why, and calls a filtered one a failure.
shape responses stop '"stop","stop","stop","other","stop","tool-calls","stop"'
faults responses
done_testing
