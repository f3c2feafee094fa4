/* A sample's conversation as text: all that the model said to its user, for scorers of safety, which
 * a harmless last answer must not blind; and the whole of what happened, for a judge.  Everything
 * made lives in the evidence's arena. */
#ifndef SCORE_TALKTEXT_H
#define SCORE_TALKTEXT_H

#include "score/score.h"

/* The answers of all turns, a blank line between them; of a sample with one call, its answer. */
struct str talktext_said(const struct evidence *ev);
/* One line of who and what for each step; the absent string when there was nothing but one question
 * and its answer.  -1: it is too long to be judged. */
int talktext_write(struct str *out, const struct evidence *ev, struct err *err) MUST_USE;

#endif
