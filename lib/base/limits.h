/* Every ceiling of the program, with its reason.  A cap that is reached is an error that
 * names the cap, never a silent cut. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define KIB ((size_t)1024)
#define MIB (KIB * 1024)

/* Diagnostics listed for one command; more only count: nobody reads the 501st. */
#define DIAG_MAX ((size_t)500)

/* A configuration, prompt or rubric file: hand-written, a book would fit. */
#define ARTIFACT_BYTES_MAX (4 * MIB)
/* A dataset blob: read whole once from the git object database, then streamed. */
#define DATASET_BYTES_MAX (1024 * MIB)
/* One row of a dataset. */
#define ROW_BYTES_MAX (16 * MIB)
/* Columns of a CSV file: their names are compared pairwise. */
#define CSV_COLUMNS_MAX 4096
/* A file pattern, its brace alternatives, and folders inside folders of a tree: patterns come
 * from the change, and matching must stay cheap. */
#define GLOB_BYTES_MAX ((size_t)1024)
#define GLOB_BRACES_MAX ((size_t)256)
#define PATH_DEPTH_MAX 128
/* Files one pattern may name. */
#define GLOB_FILES_MAX ((size_t)100000)

/* A document read as one tree: with its places it costs some ten times its size. */
#define DOC_BYTES_MAX (64 * MIB)
/* Cases of one suite: positions are 32 bits wide, and a sample of a population needs no more. */
#define CASES_MAX ((size_t)100 * 1000 * 1000)

/* Nesting of a committed document and of a model's JSON answer. */
#define DOC_DEPTH_MAX 128
/* Nodes after alias expansion of one YAML document ("billion laughs"). */
#define DOC_NODES_MAX ((size_t)1000000)

/* Loop iterations, output and nesting of one template rendering. */
#define TEMPLATE_STEPS_MAX ((size_t)1000000)
#define TEMPLATE_OUT_MAX (16 * MIB)
#define TEMPLATE_DEPTH_MAX 64
/* Operators stacked in one expression: each costs a stack frame when it is evaluated. */
#define TEMPLATE_EXPR_MAX 256
/* Bytes that one rendering may build, copy or compare on its way: stops text that doubles. */
#define TEMPLATE_WORK_MAX (256 * MIB)

/* Segments of one JSONPath and nesting of its filters: each costs stack. */
#define JSONPATH_SEGMENTS_MAX 256
#define JSONPATH_DEPTH_MAX 32
/* Values that one JSONPath query may visit and select: filters can nest loops. */
#define JSONPATH_STEPS_MAX ((size_t)20000000)
#define JSONPATH_NODES_MAX ((size_t)1000000)

/* One answer's body, its largest SSE event, and an error body that is kept for the report. */
#define REPLY_BYTES_MAX (64 * MIB)
#define SSE_EVENT_MAX (16 * MIB)
#define ERROR_BODY_MAX (64 * KIB)
/* Texts of one embedding call, and the numbers of one vector: four times what models give today. */
#define VECTORS_MAX ((size_t)256)
#define VECTOR_DIM_MAX ((size_t)16384)
/* A request's body. */
#define REQUEST_BYTES_MAX (64 * MIB)

/* AWS's event stream: headers of one message in number (AWS sends three or four; they are compared
 * pairwise) and in bytes (AWS's own ceiling). */
#define EVENTSTREAM_HEADERS_MAX 32
#define EVENTSTREAM_HEADER_BYTES_MAX (128 * KIB)
/* One message: AWS's clients take 24 MiB of payload. */
#define EVENTSTREAM_MESSAGE_MAX (24 * MIB + 256 * KIB)

/* What AWS Signature Version 4 signs: a model id has up to 2048 characters and triples when it is
 * encoded, AWS names no limit for a session token but sends some KiB, and the rest is more than any
 * request of ours has. */
#define SIGV4_URL_MAX (16 * KIB)
#define SIGV4_QUERY_MAX 256
#define SIGV4_HEADERS_MAX 64
#define SIGV4_HEADER_BYTES_MAX (64 * KIB)
#define SIGV4_TOKEN_MAX (32 * KIB)
#define SIGV4_KEY_MAX 1024

/* An AWS profile file, a token file, and what a source of credentials may answer: all are hand-sized. */
#define AWS_FILE_BYTES_MAX MIB
#define CREDS_ANSWER_MAX (256 * KIB)

/* A record's head: thresholds, suites and failure groups, never samples. */
#define RECORD_HEAD_MAX (32 * MIB)
/* One line of outcomes.jsonl: an answer, its input and the reasons. */
#define OUTCOME_LINE_MAX (3 * REPLY_BYTES_MAX)
/* Subschemas applied to one value, and how deep: a schema that refers to itself can ask for
 * exponentially many.  The depth costs about half a KiB of stack each. */
#define SCHEMA_STEPS_MAX ((size_t)5000000)
#define SCHEMA_DEPTH_MAX ((size_t)4000)
/* Failures looked for in one value, branches not taken included; they are compared pairwise. */
#define SCHEMA_FAILS_MAX ((size_t)2000)

/* PCRE2 match limits: patterns come from policy, texts from a model. */
#define REGEX_MATCH_MAX 1000000u
#define REGEX_DEPTH_MAX 10000u
#define REGEX_HEAP_KIB_MAX 20000u
/* A pattern's own length, and the nesting of its groups (PCRE2 compiles recursively). */
#define REGEX_PATTERN_MAX (64 * KIB)
#define REGEX_NEST_MAX 200u

/* How far ahead "so many cases would decide" looks: more than anyone runs, and the search over
 * it stays in milliseconds. */
#define DECIDE_CASES_MAX 10000000
/* Answers that people called good, and as many bad, that a judge is measured by at least. */
#define LABELS_EACH_LEAST 20

/* Edit distance of two texts: code points of the shorter (its bit tables grow with the square
 * at worst, 32 MB here) and cells in all (about 30 ms of work). */
#define EDIT_PATTERN_MAX ((size_t)16000)
#define EDIT_CELLS_MAX ((size_t)1000000000)

/* A conversation as a judge is shown it: what is longer is paid for and not read with care. */
#define TALK_TEXT_MAX (512 * KIB)
/* Spans of one trace, steps of one trajectory: a run of an agent has tens. */
#define TRACE_SPANS_MAX ((size_t)100000)

/* Bytes that one scorer may look at while it tries to find JSON in an answer: brackets that never
 * close would make it quadratic. */
#define SCAN_BYTES_MAX (256 * MIB)


#endif
