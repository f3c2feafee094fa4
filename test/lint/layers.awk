# Layering: awk -f layers.awk layers.txt FILE.[ch]…
# A module includes its own files and those of modules its line in the table names; a line names only
# lines above it, so the table cannot hold a cycle.  A header that some line owns is for its owners.
function complain(what) { print where ": " what; bad = 1 }

FILENAME == ARGV[1] {
	where = FILENAME ":" FNR
	sub(/^#.*/, "")
	if ($0 ~ /^[ \t]*$/) next
	if (split($0, part, /[:;]/) != 3) { complain("expected 'module : modules ; headers'"); next }
	gsub(/[ \t]/, "", part[1])
	if (part[1] in known) complain("module '" part[1] "' is listed twice")
	n = split(part[2], names, " ")
	for (i = 1; i <= n; i++) {
		if (!(names[i] in known))
			complain("'" part[1] "' names '" names[i] "', which is not a line above it")
		may[part[1], names[i]] = 1
	}
	known[part[1]] = may[part[1], part[1]] = 1
	n = split(part[3], names, " ")
	for (i = 1; i <= n; i++) owned[names[i]] = owners[names[i]] = owners[names[i]] " " part[1]
	next
}

FNR == 1 {
	split(FILENAME, path, "/")
	module = path[1] == "lib" ? path[2] : path[1]
	where = FILENAME ":1"
	if (!(module in known)) complain("module '" module "' has no line in " ARGV[1])
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	where = FILENAME ":" FNR
	split($0, quoted, "\"")
	n = split(quoted[2], inc, "/")
	if (n < 2) complain("write \"" module "/" quoted[2] "\" with its module")
	else if (!(inc[1] in known)) complain("'" inc[1] "' is not a module of the house")
	else if (!((module, inc[1]) in may)) complain("'" module "' may not include '" quoted[2] "'")
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	where = FILENAME ":" FNR
	header = $0
	sub(/^[^<]*</, "", header)
	sub(/>.*/, "", header)
	for (o in owners) {
		match_it = o ~ /\/$/ ? index(header, o) == 1 : header == o
		if (match_it && index(owners[o] " ", " " module " ") == 0)
			complain("<" header "> belongs to" owners[o] ", not to '" module "'")
	}
}

END { exit bad }
