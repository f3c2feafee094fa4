/* What is worth knowing of a run's targets before their first call, as their providers ask for it: which version of a
 * prompt, which models behind a profile, where a model stands in its life.  It is kept in the record's head
 * by target; what cannot be learnt is a note, and never stops a run by itself. */
#ifndef RUN_FACTS_H
#define RUN_FACTS_H

#include "run/fetch.h"
#include "run/run.h"

/* Fill in head.facts and its notes.  -1: a target may not be called as it is (ERR_ARTIFACT).  The run is
 * `refused`, with head.stopped saying why, when the stage's `model_lifecycle` blocks a model. */
int facts_fetch(struct run *r, const struct fetch *f, struct err *err) MUST_USE;
/* The model that answers for this target, where its own name does not say (a profile, a prompt): "model.id" of
 * its facts; absent when they are not known. */
struct str facts_model(const struct record *head, const char *target);

#endif
