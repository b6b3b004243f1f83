/* press - a blast's messages before anything is sent: for its preview and its tests, the same for smsctl and the HTTP API.
 * Works on what hall.blast_show(), hall.blast_preview(), hall.blast_rows() and hall.blast_testers() answer, and asks nothing. */
#pragma once
#include <jansson.h>
#include <libpq-fe.h>

#include "base/err.h"
#include "base/mem.h"
#include "text/template.h"

enum { PRESS_TESTS_MAX = 20 };

/* A text that does not compile, and where: called once a problem. */
typedef void press_error_fn(void *arg, const char *variant, const char *lang, const struct template_error *error);

/* blast: as hall.blast_show() tells it, to outlive the press, which lives in the arena.  NULL, told through fn (which may be NULL),
 * when a text does not compile. */
struct press *press_new(struct arena *arena, const json_t *blast, press_error_fn *fn, void *arg);

/* Columns that a text shows bare, so that an empty value would be a gap: an array of names, to be freed. */
json_t *press_needs(const struct press *press);

/* Adds to what hall.blast_preview() told, in place of its sample:
 *   segments		of the rows' messages: how many by segments
 *   counted, counted_all	how many messages that were; whether these are all
 *   segments_all, segments_exact	of the whole blast, in proportion; whether that is exact
 *   cost		of these, at price a segment; absent for a negative price
 *   messages		shown rows at most, evenly chosen: n, msisdn (masked), lang, data, variant (null: control group), segments, text
 * rows: of hall.blast_rows(), with the values joined by U+001F. */
void press_tell(struct press *press, const PGresult *rows, double price, unsigned shown, json_t *preview);

/* Messages to testers (of hall.blast_testers()): each variant to each of them, in his language, with the values of one row: an
 * array of msisdn, lang, variant, segments, text, to be freed.  NULL, with ERR_INPUT, for nobody and for too many. */
json_t *press_tests(struct press *press, const PGresult *testers, const PGresult *rows, struct err *err);
