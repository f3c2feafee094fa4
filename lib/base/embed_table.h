/* The table behind base/embed.h, as the build generates it: $(B)/gen/embed_data.c is a list of
 * EMBED_BYTES and EMBED_ROW lines made by this header.  The assembler reads the files (.incbin), so
 * a large one costs the compiler nothing.  Nobody but embed.c and that file includes it. */
#ifndef BASE_EMBED_TABLE_H
#define BASE_EMBED_TABLE_H

#include <stddef.h>

struct embed_row {
	const char *name;
	const char *from, *to;
};

/* Sorted by name, bytewise. */
extern const struct embed_row embed_table[];
extern const size_t embed_count;

#ifdef __APPLE__
#define EMBED_SECTION ".const_data\n"
#define EMBED_SYMBOL(n) "_embed_" #n
#else
#define EMBED_SECTION ".section .rodata\n"
#define EMBED_SYMBOL(n) "embed_" #n
#endif

/* embed_<n> … embed_<n>_end are the bytes of the file at `path`. */
#define EMBED_BYTES(n, path)                                                                  \
	extern const char embed_##n[], embed_##n##_end[];                                     \
	__asm__(EMBED_SECTION ".globl " EMBED_SYMBOL(n) "\n" EMBED_SYMBOL(n) ":\n"            \
		".incbin \"" path "\"\n"                                                      \
		".globl " EMBED_SYMBOL(n) "_end\n" EMBED_SYMBOL(n) "_end:\n"                  \
		".byte 0\n.text\n")

#define EMBED_ROW(n, label) { .name = (label), .from = embed_##n, .to = embed_##n##_end }

#endif
