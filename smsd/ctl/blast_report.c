/* blast_report - `smsctl blast report`: what came of a blast (blast.h). */
#include "ctl/blast.h"
#include "ctl/ctl.h"

/* Of a part, as percent of the whole; "" where there is no whole. */
static const char *share(struct desk *d, long long part, long long whole)
{
	return whole ? arena_printf(d->arena, "%.1f%%", 100.0 * part / whole).ptr : "";
}

static void print_again(const json_t *report)
{
	const json_t *why = json_object_get(report, "again_whys");

	if (blast_number(report, "again"))
		printf("at most %lld perhaps sent twice: %lld after a smsd died, %lld after a gateway's link was lost\n",
		       blast_number(report, "again"), blast_number(why, "restart"), blast_number(why, "link"));
}

static void print_funnel(struct desk *d, const json_t *report)
{
	static const struct { const char *key, *of; } step[] = {
		{ "recipients", NULL }, { "control", "recipients" }, { "sent", "recipients" }, { "delivered", "sent" },
		{ "answered", "sent" }, { "converted", "sent" }, { "opted_out", "sent" },
	};
	const json_t *funnel = json_object_get(report, "funnel");

	printf("%s (%s, %s)", d->blast, blast_get(d, report, "class"), blast_get(d, report, "state"));
	printf(", begun %s", blast_time(d, blast_get(d, report, "started_at")));
	if (*blast_get(d, report, "finished_at"))
		printf(", over %s", blast_time(d, blast_get(d, report, "finished_at")));
	puts("\n");
	for (unsigned i = 0; i < sizeof(step) / sizeof(*step); i++) {
		long long n = blast_number(funnel, step[i].key);

		printf("%-12s %12s", step[i].key, blast_thousands(d, n));
		if (step[i].of)
			printf("  %6s of %s", share(d, n, blast_number(funnel, step[i].of)), step[i].of);
		if (strcmp(step[i].key, "converted") == 0 && *blast_get(d, report, "steers"))
			printf(", to %s", blast_get(d, report, "steers"));
		putchar('\n');
	}
	print_again(report);
}

/* A table of an array of objects whose keys are the columns; nothing of an empty one. */
static void print_rows(struct desk *d, const struct ctl_column *column, unsigned n, const json_t *array,
		       const char *missing)
{
	struct ctl_table *table;
	const char *cell[n];
	json_t *row;
	size_t i;

	if (json_array_size(array) == 0)
		return;
	table = ctl_table_new(column, n, false);
	json_array_foreach(array, i, row) {
		for (unsigned c = 0; c < n; c++) {
			cell[c] = blast_get(d, row, column[c].name);
			if (c == 0 && !*cell[c])
				cell[c] = missing;
		}
		ctl_table_row(table, cell);
	}
	putchar('\n');
	ctl_table_print(&table, "", stdout);
}

int blast_report(struct desk *d, struct err *err)
{
	static const struct ctl_column fate[] = { { "fate" }, { "why" }, { "n", CTL_NUMBER } };
	static const struct ctl_column variant[] = {
		{ "variant" }, { "recipients", CTL_NUMBER }, { "sent", CTL_NUMBER }, { "delivered", CTL_NUMBER },
		{ "answered", CTL_NUMBER }, { "converted", CTL_NUMBER }, { "opted_out", CTL_NUMBER },
	};
	static const struct ctl_column province[] = {
		{ "province" }, { "sent", CTL_NUMBER }, { "delivered", CTL_NUMBER }, { "answered", CTL_NUMBER },
		{ "converted", CTL_NUMBER }, { "opted_out", CTL_NUMBER },
	};
	json_t *report;

	if (blast_call(d, Q_CTL_BLAST_REPORT, 1, &d->blast, &report, NULL, err) < 0)
		return -1;
	if (d->args->json) {
		blast_print_json(report);
	} else {
		print_funnel(d, report);
		print_rows(d, fate, 3, json_object_get(report, "fates"), "");
		print_rows(d, variant, 7, json_object_get(report, "variants"), "(control)");
		print_rows(d, province, 6, json_object_get(report, "provinces"), "-");
	}
	json_decref(report);
	return 0;
}
