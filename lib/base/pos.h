/* struct pos: a place in an artifact.  `file` is borrowed and lives as long as the arena the
 * artifact was loaded into; line and col count from 1, 0 = unknown.  Columns count code
 * points. */
#ifndef BASE_POS_H
#define BASE_POS_H

struct pos {
	const char *file;
	unsigned line, col;
};

#endif
