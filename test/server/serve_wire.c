#include "serve_wire.h"

#include "doc/jsonx.h"

bool wire_token(struct str *rest, struct str *token)
{
	size_t i = 0;
	if (!rest->n)
		return false;
	while (i < rest->n && (rest->p[i] == ' ' || rest->p[i] == '\n'))
		i++;
	while (i < rest->n && rest->p[i] != ' ' && rest->p[i] != '\n')
		i++;
	*token = str_sub(*rest, 0, i);
	*rest = str_sub(*rest, i, rest->n);
	return true;
}

int64_t wire_count(struct str text)
{
	int64_t n = 0;
	struct str token;
	while (wire_token(&text, &token))
		n++;
	return n;
}

struct str wire_model(const struct rule *r)
{
	return r->model.p ? r->model : STR("test-model");
}

struct str wire_tool_name(const json_t *call)
{
	return json_get_str(json_object_get(call, "function"), "name");
}

struct str wire_tool_arguments(const json_t *call)
{
	return json_get_str(json_object_get(call, "function"), "arguments");
}

void wire_whole(struct plan *p, const struct rule *r, struct str body)
{
	if (r->fault == FAULT_MALFORMED)
		body.n = body.n * 2 / 3;
	bool drip = r->fault == FAULT_DRIP;
	int64_t length = (int64_t)body.n + (r->fault == FAULT_SHORT_BODY ? 100 : 0);
	plan_head(p, r->status, "application/json", r->headers ? r->headers : "", drip ? -1 : length);
	size_t head = p->bytes.n;
	plan_body(p, body);
	size_t at = head + (r->after >= 0 ? (size_t)r->after : body.n / 2);
	if (r->fault == FAULT_CUT || r->fault == FAULT_STALL || r->fault == FAULT_RESET_MIDWAY)
		plan_cut(p, at);
	if (drip) {
		plan_cut(p, head);
		p->drip = "1\r\n \r\n";
	}
}

/* True when the fault ends the stream here. */
static bool stream_fault(struct plan *p, const struct rule *r, const struct wire_stream *s)
{
	switch ((int)r->fault) {
	case FAULT_STALL:
	case FAULT_RESET_MIDWAY:
		return true;
	case FAULT_CUT:
		plan_body(p, str_c(s->half));
		plan_cut(p, p->bytes.n - 7); /* in the middle of a chunk */
		return true;
	case FAULT_DRIP:
		p->drip = "4\r\n: .\n\r\n";
		return true;
	case FAULT_NO_FINISH:
		plan_end(p);
		return true;
	case FAULT_MALFORMED:
		plan_body(p, str_c(s->bad));
		return false;
	case FAULT_ERROR_IN_STREAM:
		plan_body(p, str_c(s->error));
		plan_end(p);
		return true;
	default:
		return false;
	}
}

bool wire_tokens(struct plan *p, struct buf *b, const struct rule *r, struct str text,
		 const struct wire_stream *s)
{
	int64_t n = 0, after = r->after >= 0 ? r->after : (wire_count(text) + 1) / 2;
	struct str token;
	while (wire_token(&text, &token)) {
		if (n == after && stream_fault(p, r, s))
			return false;
		if (n++)
			plan_pause(p, r->token_ms);
		s->token(p, b, r, token);
	}
	return n > after || !stream_fault(p, r, s);
}

void wire_tail(struct plan *p, const struct rule *r)
{
	if (r->fault == FAULT_CUT || r->fault == FAULT_SHORT_BODY)
		p->tail = TAIL_CLOSE;
	if (r->fault == FAULT_STALL)
		p->tail = TAIL_HANG;
	if (r->fault == FAULT_RESET_MIDWAY)
		p->tail = TAIL_RESET;
	if (r->fault == FAULT_DRIP) {
		p->tail = TAIL_DRIP;
		p->drip_ms = r->drip_ms;
	}
}
