#include "run/replies.h"

#include "base/fs.h"
#include "base/limits.h"
#include "doc/jsonx.h"

#include <stdlib.h>

static int by_digest(const void *a, const void *b)
{
	const struct replay_entry *x = a, *y = b;
	return memcmp(x->call.b, y->call.b, DIGEST_BYTES);
}

/* A line begins {"call":"<64 hex>", and the reply is parsed only when it is asked for. */
static bool read_entry(struct replay_entry *out, struct str line, size_t offset)
{
	static const char head[] = "{\"call\":\"";
	struct str hex = str_sub(line, sizeof(head) - 1, sizeof(head) - 1 + 2 * DIGEST_BYTES);
	*out = (struct replay_entry){ .offset = offset, .length = line.n };
	return str_starts(line, STR("{\"call\":\"")) && hex_decode(hex, out->call.b, DIGEST_BYTES);
}

static int load_replay(struct replies *r, const char *folder, struct err *err)
{
	const char *path = arena_fmt(r->arena, "%s/replies.jsonl", folder);
	if (fs_read(&r->text, path, DATASET_BYTES_MAX, r->arena, err))
		return err_wrap(err, "--replay");
	struct str rest = r->text, line;
	for (size_t n = 1; str_line(&rest, &line); n++) {
		struct replay_entry e;
		if (!line.n)
			continue;
		if (!read_entry(&e, line, (size_t)(line.p - r->text.p)))
			return err_set(err, ERR_USAGE, "%s:%zu: not a line that --record wrote", path, n);
		*vec_push(&r->entry, r->arena) = e;
	}
	if (r->entry.n)
		qsort(r->entry.v, r->entry.n, sizeof(*r->entry.v), by_digest);
	return 0;
}

int replies_open(struct replies *r, struct store *store, bool fresh, const char *folder,
		 bool replay, struct arena *a, struct err *err)
{
	*r = (struct replies){ .store = store, .arena = a, .replay = replay };
	buf_init(&r->recorded, DATASET_BYTES_MAX);
	if (fresh && store_reply_hide(store, err))
		return -1;
	if (folder && replay)
		return load_replay(r, folder, err);
	if (!folder)
		return 0;
	r->record_path = arena_fmt(a, "%s/replies.jsonl", folder);
	return fs_mkdirs(folder, err) || fs_check_writable(r->record_path, err) ? -1 : 0;
}

static int record_reply(struct replies *r, const struct digest *call, const struct reply *reply,
			struct err *err)
{
	char hex[DIGEST_HEX];
	size_t from = r->recorded.n;
	if (!r->record_path)
		return 0;
	buf_addf(&r->recorded, "{\"call\":\"%s\",\"reply\":", digest_hex(call, hex));
	reply_write(&r->recorded, reply);
	buf_adds(&r->recorded, "}\n");
	if (r->recorded.over)
		return err_set(err, ERR_SYSTEM, "--record: more than %zu bytes of replies", r->recorded.max);
	*vec_push(&r->line, r->arena) = (struct replay_entry){
		.call = *call, .offset = from, .length = r->recorded.n - from
	};
	return 0;
}

static int get_replay(struct replies *r, const struct digest *call, struct reply *out, struct arena *a)
{
	struct replay_entry key = { .call = *call };
	const struct replay_entry *e = r->entry.n ? bsearch(&key, r->entry.v, r->entry.n,
							    sizeof(key), by_digest) : NULL;
	const char *why = "";
	json_t *j = e ? json_lenient(a, str_sub(r->text, e->offset, e->offset + e->length), &why) : NULL;
	if (!j || reply_from_json(out, json_object_get(j, "reply"), a))
		reply_fail(out, FAIL_NOT_CALLED, false, "--replay has no reply for this call");
	out->reused = true;
	return 1;
}

int replies_get(struct replies *r, const struct digest *call, const struct digest *key, struct reply *out,
		struct arena *a, struct err *err)
{
	if (r->replay)
		return get_replay(r, call, out, a);
	int found = store_reply_get(r->store, key, out, a, err);
	return found > 0 && record_reply(r, call, out, err) ? -1 : found;
}

int replies_put(struct replies *r, const struct digest *call, const struct digest *key,
		const struct reply *reply, struct err *err)
{
	return store_reply_put(r->store, key, reply, err) || record_reply(r, call, reply, err) ? -1 : 0;
}

int replies_close(struct replies *r, struct err *err)
{
	int bad = 0;
	if (r->record_path) {
		struct sink_file f;
		bad = sink_file_open(&f, r->record_path, err);
		if (!bad) {
			if (r->line.n)
				qsort(r->line.v, r->line.n, sizeof(*r->line.v), by_digest);
			for (size_t i = 0; i < r->line.n; i++)
				if (!i || by_digest(&r->line.v[i - 1], &r->line.v[i]))
					sink_write(&f.sink, str_sub(buf_str(&r->recorded), r->line.v[i].offset,
								    r->line.v[i].offset + r->line.v[i].length));
			bad = sink_file_commit(&f, err);
		}
	}
	buf_release(&r->recorded);
	return bad;
}
