# Provider openai with `api: responses`: calls that fail are counted, named, and never a pass.
. "$TOP/test/cli/tap.sh"
. "$TOP/test/cli/project.sh"
. "$TOP/test/cli/provider.sh"
bot_lines='provider: openai
api: responses
base_url: URL/v1'
wire_retries
wire_f1
wire_f2
wire_f14
done_testing
