/* blast_preview - `smsctl blast preview`: what a blast would do if it went now, and what that costs (blast.h). */
#include <stdlib.h>

#include "base/conf.h"
#include "ctl/blast.h"
#include "ctl/ctl.h"
#include "table/ask.h"

enum { COUNTED_MAX = 20000 };	/* segments are counted of so many messages, or of all */
static const char looked_max[] = "100000";	/* recipients are judged, or all with --all */

/* ---- for people ---- */

static void print_count(struct desk *d, const json_t *preview, long long n, const char *what, const char *why)
{
	long long looked = blast_number(preview, "looked_at"), all = blast_number(preview, "recipients");

	if (!n)
		return;
	printf("%12s  %s%s", blast_thousands(d, n), what, why);
	if (looked && looked < all)
		printf(" (about %s of all)", blast_thousands(d, (long long)((double)n * all / looked + 0.5)));
	putchar('\n');
}

static void print_counts(struct desk *d, const json_t *preview)
{
	static const struct { const char *key, *what; } part[] = {
		{ "wait", "would wait: " }, { "refuse", "would be refused: " },
	};
	long long looked = blast_number(preview, "looked_at"), all = blast_number(preview, "recipients");
	const char *why;
	json_t *n;

	printf("%s (%s, %s) at %s: %s recipients", d->blast, blast_get(d, preview, "class"), blast_get(d, preview, "state"),
	       blast_time(d, blast_get(d, preview, "at")), blast_thousands(d, all));
	if (looked < all)
		printf(", of which %s were looked at (--all takes longer)", blast_thousands(d, looked));
	putchar('\n');
	print_count(d, preview, blast_number(preview, "go"), "would go", "");
	for (unsigned i = 0; i < 2; i++)
		json_object_foreach(json_object_get(preview, part[i].key), why, n)
			print_count(d, preview, json_integer_value(n), part[i].what, why);
	print_count(d, preview, blast_number(preview, "control"), "control group, never sent it", "");
}

static void print_time(struct desk *d, const json_t *preview)
{
	const json_t *seconds = json_object_get(preview, "seconds");

	const char *opens = blast_get(d, preview, "opens"), *closes = blast_get(d, preview, "closes");

	if (strcmp(opens, closes) == 0)
		printf("at any hour");
	else
		printf("from %.5s to %.5s", opens, closes);
	if (json_is_number(seconds))
		printf("; %s at %.4g a second, until %s", blast_span(d, json_number_value(seconds)),
		       json_number_value(json_object_get(preview, "rate")), blast_time(d, blast_get(d, preview, "ends")));
	if (json_is_true(json_object_get(preview, "late")))
		printf("; AFTER ITS END %s: %s would not go", blast_time(d, blast_get(d, preview, "ends_at")),
		       blast_thousands(d, blast_number(preview, "not_in_time")));
	putchar('\n');
}

static void print_segments(struct desk *d, const json_t *preview)
{
	const json_t *cost = json_object_get(preview, "cost");
	bool exact = json_is_true(json_object_get(preview, "segments_exact"));
	const char *key;
	json_t *n;

	printf("segments of %s messages%s:", blast_thousands(d, blast_number(preview, "counted")),
	       json_is_true(json_object_get(preview, "counted_all")) ? "" : ", evenly chosen");
	json_object_foreach(json_object_get(preview, "segments"), key, n)
		printf("  %s × %s", blast_thousands(d, json_integer_value(n)), key);
	printf("\n%s%s segments would go", exact ? "" : "about ",
	       blast_thousands(d, blast_number(preview, "segments_all")));
	if (json_is_number(cost))
		printf(", %.2f yuan", json_number_value(cost));
	putchar('\n');
}

static void print_messages(struct desk *d, const json_t *preview)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(preview, "messages"), i, one) {
		printf("\n%s  %s", blast_get(d, one, "msisdn"), blast_get(d, one, "lang"));
		if (*blast_get(d, one, "variant"))
			printf("  %s  %s segment%s\n%s\n", blast_get(d, one, "variant"), blast_get(d, one, "segments"),
			       blast_number(one, "segments") == 1 ? "" : "s", blast_get(d, one, "text"));
		else
			printf("  control group\n");
	}
}

/* ---- the whole ---- */

/* What a smsd gives, as it is configured; NULL where that cannot be read: then only the blast's own rate counts. */
static const char *door_rate(struct desk *d)
{
	struct conf conf;

	if (d->args->rate)
		return d->args->rate;
	if (!blast_conf(&conf))
		return NULL;
	const char *rate = arena_printf(d->arena, "%u", conf.door_rate).ptr;
	conf_free(&conf);
	return rate;
}

static int number(const char *option, const char *text, double *out_r, struct err *err)
{
	char *end;

	*out_r = strtod(text, &end);
	return *text && !*end && *out_r >= 0 && *out_r < 1e6 ? 0 :
	       err_set(err, ERR_INPUT, "%s \"%s\" is no number", option, text);
}

static int add_segments(struct desk *d, struct press *press, json_t *preview, struct err *err)
{
	const struct blast_args *a = d->args;
	double price = -1, shown = 5;

	if ((a->price && number("--price", a->price, &price, err) < 0) ||
	    (a->sample && number("--sample", a->sample, &shown, err) < 0))
		return -1;
	PGresult *rows = blast_rows(d, COUNTED_MAX, err);
	if (!rows)
		return -1;
	press_tell(press, rows, price, (unsigned)shown, preview);
	PQclear(rows);
	return 0;
}

int blast_preview(struct desk *d, struct err *err)
{
	json_t *blast = NULL, *preview = NULL;

	const char *now = d->args->now;
	struct press *press = blast_press(d, &blast, err);
	int failed = !press || blast_moment(d, "--now", &now, err) < 0;
	const char *param[] = { d->blast, now, failed ? NULL : door_rate(d),
				d->args->all ? NULL : looked_max };
	if (!failed)
		failed = blast_call(d, Q_CTL_BLAST_PREVIEW, 4, param, &preview, NULL, err) < 0 ||
			 add_segments(d, press, preview, err) < 0;
	if (!failed && d->args->json) {
		blast_print_json(preview);
	} else if (!failed) {
		print_counts(d, preview);
		print_time(d, preview);
		print_segments(d, preview);
		print_messages(d, preview);
	}
	json_decref(preview);
	json_decref(blast);
	return failed ? -1 : 0;
}
