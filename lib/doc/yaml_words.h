/* Our own words for libyaml's complaints.  For doc_yaml.c only. */
#ifndef DOC_YAML_WORDS_H
#define DOC_YAML_WORDS_H

struct yaml_words {
	const char *problem; /* the start of libyaml's text */
	const char *msg, *hint;
};

/* Never NULL.  `context` is libyaml's own (may be NULL); `at` is the byte at the mistake. */
const struct yaml_words *yaml_words(const char *problem, const char *context, char at);

#endif
