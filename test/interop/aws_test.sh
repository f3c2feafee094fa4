# Our AWS signatures and our reading of AWS's streams, beside AWS's own packages, over thousands of
# random cases.
. "$TOP/test/interop/interop.inc"
need_module @smithy/signature-v4
need_module @smithy/eventstream-codec
probe=$GATE_BUILD/interop/awsprobe
[ -x "$probe" ] || fail "$probe is built"

run "$node" "$TOP/test/interop/aws.cjs" sign "$probe"
is "$out" "4000 cases, 0 differ" "@smithy/signature-v4 signs the same"
run "$node" "$TOP/test/interop/aws.cjs" decode "$probe"
is "$out" "4500 cases, 0 differ" "@smithy/eventstream-codec's streams: whole, damaged and cut"
done_testing
