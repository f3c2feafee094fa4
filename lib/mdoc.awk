# A manual page (mdoc) as plain text of 78 columns, for `gate help` where no man(1) is.  It knows
# the macros our pages use; `make lint` has mandoc judge the pages themselves.
BEGIN {
	width = 78
	split("Nm Fl Ar Op Oo Oc Cm Ic Sy Em Ev Pa Li Ql Dq Sq Pq Aq Bq Xr Ns No Ap Va An Lk Ux Qq Tn", list, " ")
	for (i in list) callable[list[i]] = 1
	quotes["Ql"] = "'|'"; quotes["Sq"] = "'|'"; quotes["Dq"] = "\"|\""; quotes["Qq"] = "\"|\""
	quotes["Pq"] = "(|)"; quotes["Aq"] = "<|>"; quotes["Op"] = "[|]"; quotes["Bq"] = "[|]"
}

# Escapes: fonts go, named characters become themselves.
function plain(s) {
	gsub(/\\f[BIRP]|\\&/, "", s)
	gsub(/\\-/, "-", s); gsub(/\\e/, "\\", s); gsub(/\\\(aq/, "'", s); gsub(/\\\(dq/, "\"", s)
	gsub(/\\\(bu/, "•", s); gsub(/\\\(em/, "—", s); gsub(/\\\(en/, "–", s); gsub(/\\ /, "\001", s)
	gsub(/\\\(>=/, "≥", s); gsub(/\\\(<=/, "≤", s); gsub(/\\\(ti/, "~", s); gsub(/\\\(ha/, "^", s)
	gsub(/\\\(->/, "→", s); gsub(/\\\(mu/, "×", s); gsub(/\\\(ga/, "`", s)
	return s
}
# Arguments of a macro line, "quoted ones" as one.
function tokens(line, into,    n, s) {
	n = 0
	while (line != "") {
		sub(/^[ \t]+/, "", line)
		if (line == "") break
		if (line ~ /^"/) {
			s = substr(line, 2)
			if (!match(s, /"/)) RSTART = length(s) + 1
			into[++n] = substr(s, 1, RSTART - 1)
			line = substr(s, RSTART + 1)
		} else {
			if (!match(line, /[ \t]/)) RSTART = length(line) + 1
			into[++n] = substr(line, 1, RSTART - 1)
			line = substr(line, RSTART)
		}
	}
	return n
}
function join(a, b) {
	if (a == "" || glue) { glue = 0; return a b }
	if (b ~ /^[.,;:?!)\]]$/ || a ~ /[(\[]$/) return a b
	return a " " b
}
# The text of macro tokens i … n.
function inline(t, i, n,    out, m, part, q, head, last) {
	out = ""
	while (i <= n) {
		m = t[i]
		if (!(m in callable)) { out = join(out, plain(m)); i++; continue }
		i++
		if (m == "Ns") { glue = 1; continue }
		if (m == "Ap") { out = out "'"; glue = 1; continue }
		if (m == "No" || m == "Tn") continue
		if (m == "Oo") { out = join(out, "["); glue = 1; continue }
		if (m == "Oc") { out = out "]"; continue }
		if (m == "Nm") {
			if (i <= n && !(t[i] in callable) && t[i] !~ /^[.,;:)\]|]+$/) part = plain(t[i++])
			else part = name
			if (name == "") name = part
			out = join(out, part)
			continue
		}
		if (m == "Xr") { part = t[i] "(" t[i + 1] ")"; i += 2; out = join(out, part); continue }
		if (m in quotes) {
			split(quotes[m], q, "|")
			last = n
			while (last >= i && t[last] ~ /^[.,;:?!)]$/) last--
			part = inline_sub(t, i, last)
			out = join(out, q[1] part q[2])
			i = last + 1
			continue
		}
		# Fl and the plain words: up to the next macro or stop.
		head = m == "Fl" ? "-" : ""
		if (i > n || t[i] in callable || t[i] ~ /^[.,;:|)\]]+$/) {
			if (m == "Fl") out = join(out, "-")
			else if (m == "Ar") out = join(out, "file ...")
		}
		while (i <= n && !(t[i] in callable)) {
			part = t[i] ~ /^[.,;:|)\](\[]$/ ? t[i] : head plain(t[i])
			out = join(out, part)
			i++
		}
	}
	return out
}
function inline_sub(t, i, n,    kept, out) {
	kept = glue; glue = 0
	out = inline(t, i, n)
	glue = kept
	return out
}

function pad(n) { return sprintf("%" n "s", "") }
# Columns, not bytes: a continuation byte of UTF-8 has none (mawk counts bytes).
function columns(s) { gsub(/[\200-\277]/, "", s); return length(s) }
function blank() { if (!was_blank) print ""; was_blank = 1 }
function put(line) { gsub(/\001/, " ", line); print line; was_blank = 0 }
function flush(    n, w, i, line, first) {
	if (para == "") { if (tag != "") { put(pad(indent - hang) tag); tag = "" } return }
	n = split(para, w, /[ \t]+/)
	line = ""
	first = pad(indent)
	if (tag != "") {
		if (columns(tag) + 1 <= hang) first = pad(indent - hang) tag pad(hang - columns(tag))
		else put(pad(indent - hang) tag)
		tag = ""
	}
	for (i = 1; i <= n; i++) {
		if (w[i] == "") continue
		if (line != "" && indent + columns(line) + 1 + columns(w[i]) > width) {
			put(first line); first = pad(indent); line = ""
		}
		line = line == "" ? w[i] : line " " w[i]
	}
	if (line != "") put(first line)
	para = ""
}
function add(text) { para = para == "" ? text : glue_para(para, text) }
function glue_para(a, b) { return b ~ /^[.,;:?!)\]]/ && b !~ /^\.[.a-z\/]/ ? a b : a " " b }

/^\.\\"/ || /^'\\"/ { next }
literal && !/^\.(Ed)/ { put(pad(indent) plain($0)); next }
/^\./ {
	line = substr($0, 2)
	sub(/^[ \t]+/, "", line)
	delete t
	n = tokens(line, t)
	m = t[1]
	if (m == "Dd" || m == "Os") next
	if (m == "Dt") { title = t[2] "(" t[3] ")"; next }
	if (m == "Sh") {
		flush()
		if (section == "") put(title)
		section = ""
		for (i = 2; i <= n; i++) section = section (i > 2 ? " " : "") t[i]
		blank(); put(section); was_blank = 1; indent = 4; depth = 0
		next
	}
	if (m == "Ss") { flush(); blank(); put("  " inline(t, 2, n)); next }
	if (m == "Pp") { flush(); blank(); next }
	if (m == "Nd") { add("—"); para = para " " inline(t, 2, n); next }
	if (m == "Bl") {
		flush()
		depth++
		kind[depth] = t[2]; compact[depth] = line ~ /-compact/; base[depth] = indent
		step[depth] = t[2] ~ /tag|hang/ ? 12 : t[2] == "-column" || t[2] == "-item" ? 0 : 2
		indent += step[depth]
		items[depth] = 0
		next
	}
	if (m == "It") {
		flush()
		if (!compact[depth]) blank()
		indent = base[depth] + step[depth]
		items[depth]++
		hang = step[depth]
		if (kind[depth] == "-bullet") { tag = "•" ; hang = 2 }
		else if (kind[depth] == "-dash") { tag = "-" }
		else if (kind[depth] == "-enum") { tag = items[depth] "." ; indent++; hang = 3 }
		else if (kind[depth] == "-column" || kind[depth] == "-item") {
			text = inline(t, 2, n)
			gsub(/ Ta /, "   ", text)
			if (text != "") put(pad(indent) text)
		} else tag = inline(t, 2, n)
		next
	}
	if (m == "El") { flush(); indent = base[depth]; if (depth > 0) depth--; next }
	if (m == "Bd") { flush(); blank(); literal = line ~ /-literal|-unfilled/; indent += 4; next }
	if (m == "Ed") { flush(); literal = 0; indent -= 4; next }
	if (m == "Dl") { flush(); put(pad(indent + 4) inline(t, 2, n)); next }
	if (m == "Ex") { add("The exit status is 0 on success, and nonzero otherwise."); next }
	if (m == "Bk" || m == "Ek" || m == "sp" || m == "br") { if (m == "br" || m == "sp") flush(); next }
	if (section == "SYNOPSIS" && m == "Nm" && para != "") flush()
	glue = 0
	add(inline(t, 1, n))
	next
}
/^[ \t]*$/ { flush(); blank(); next }
{ add(plain($0)) }
END { flush() }
