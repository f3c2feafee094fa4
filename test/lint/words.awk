# Words of the house: awk -f words.awk FILE.[ch]…
# Comments and the insides of strings are set aside first, so only code is judged; error texts
# are judged apart (R17: lower case start, no full stop, one line).
function complain(what) { print FILENAME ":" FNR ": " what; bad = 1 }
function has(word) { return code ~ "(^|[^A-Za-z0-9_>.])" word "[ \t]*[(]" }

# The line's code without comments, strings emptied; keeps whether a comment stays open.
function strip(line,    out, c, two, i, n) {
	n = length(line)
	for (i = 1; i <= n; i++) {
		c = substr(line, i, 1)
		two = substr(line, i, 2)
		if (open_comment) {
			if (two == "*/") { open_comment = 0; i++ }
		} else if (two == "/*") {
			open_comment = 1
			i++
		} else if (two == "//") {
			complain("write /* */ comments")
			break
		} else if (c == "\"" || c == "'") {
			out = out c
			for (i++; i <= n && substr(line, i, 1) != c; i++)
				if (substr(line, i, 1) == "\\") i++
			out = out c
		} else
			out = out c
	}
	return out
}

FNR == 1 {
	open_comment = 0
	expect_text = 0
	split(FILENAME, path, "/")
	lib = path[1] == "lib"
	module = lib ? path[2] : path[1]
	# The new process between fork and exec.
	forked = FILENAME ~ /net\/child_spawn\.c$/
	# These hold foreign libraries' memory or die for want of memory.
	allocates = module ~ /^(base|crypto|doc|repo|net|store)$/
}

{
	code = strip($0)
	if (code ~ /(^|[^A-Za-z0-9_])goto[ \t]/) complain("no goto: AUTO() and an early return")
	if (code ~ /^[ \t]*typedef[ \t]+(struct|enum|union)/) complain("no typedef of a " $2)
	if ($0 ~ /(TODO|FIXME|XXX)/ && module != "test") complain("unfinished work has an issue, not a mark")
	if (lib && module != "base" && (has("exit") || (has("_exit") && !forked) || has("abort")))
		complain("a library never exits: return -1 with an err")
	if (lib && (has("printf") || has("fprintf") || has("vprintf") || has("vfprintf") ||
		has("puts") || has("fputs") || has("putchar") || has("perror")) && FILENAME !~ /base\/arena\.c$/)
		complain("a library never prints: return text, or write to a sink")
	if (lib && !allocates && (has("malloc") || has("calloc") || has("realloc") || has("free") ||
		has("strdup") || has("asprintf")))
		complain("memory comes from an arena here")
	if (lib && module != "base" && (has("getenv") || has("secure_getenv")))
		complain("environment comes in by parameter")
	if (lib && module !~ /^(base|net)$/ && (has("time") || has("clock_gettime") || has("gettimeofday")))
		complain("time comes in by parameter")

	# Error texts: the first literal after err_set( and its kin, on this line or the next.
	if (code ~ /(^|[^A-Za-z0-9_])(err_set|err_at|err_wrap|diag_add)[ \t]*\(/) expect_text = 3
	if (expect_text > 0 && match($0, /"([^"\\]|\\.)*"/)) {
		text = substr($0, RSTART + 1, RLENGTH - 2)
		after = substr($0, RSTART + RLENGTH)
		if (text !~ /^[a-z]+(-[a-z]+)*$/ || after !~ /^,[ \t]*$/) {
			if (text ~ /^[A-Z][a-z]+ /) complain("error text starts in lower case: \"" text "\"")
			if (text ~ /[a-z]\.$/ && after ~ /^[,)]/) complain("error text ends without a full stop")
			if (text ~ /\\n/) complain("error text is one line")
		}
		expect_text = 0
	} else if (expect_text > 0)
		expect_text--
}

END { exit bad }
