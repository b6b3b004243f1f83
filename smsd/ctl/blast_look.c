/* blast_look - `smsctl blast list`, `show`, `log` and `export`: what there is to read of blasts (blast.h). */
#include <stdlib.h>

#include "ctl/blast.h"
#include "ctl/ctl.h"
#include "table/ask.h"

/* Rows of an array of objects: the keys are the columns' names; times as people write them in tables. */
static void rows(struct desk *d, struct ctl_table *table, const struct ctl_column *column, unsigned n,
		 const json_t *array)
{
	const char *cell[n];
	json_t *row;
	size_t i;

	json_array_foreach(array, i, row) {
		for (unsigned c = 0; c < n; c++) {
			cell[c] = json_is_null(json_object_get(row, column[c].name)) ? NULL :
				  blast_get(d, row, column[c].name);
			if (cell[c] && column[c].where == CTL_TABLE_ONLY &&
			    str_ends(str_z(column[c].name), STR("_at")))
				cell[c] = blast_time(d, cell[c]);
		}
		ctl_table_row(table, cell);
	}
}

int blast_list(struct desk *d, struct err *err)
{
	static const struct ctl_column column[] = {
		{ "id", CTL_NUMBER }, { "name" }, { "class" }, { "state" }, { "recipients", CTL_NUMBER },
		{ "done", CTL_NUMBER }, { "author" }, { "approver" },
		{ "starts_at", CTL_TEXT, CTL_TABLE_ONLY }, { "ends_at", CTL_TEXT, CTL_TABLE_ONLY },
		{ "finished_at", CTL_TEXT, CTL_TABLE_ONLY },
	};
	enum { COLUMNS = sizeof(column) / sizeof(*column) };
	json_t *detail;

	if (blast_call(d, Q_CTL_BLAST_LIST, 1, &d->args->state, &detail, NULL, err) < 0)
		return -1;
	if (d->args->json) {
		blast_print_json(json_object_get(detail, "blasts"));
	} else {
		struct ctl_table *table = ctl_table_new(column, COLUMNS, false);

		rows(d, table, column, COLUMNS, json_object_get(detail, "blasts"));
		ctl_table_print(&table, "there is no blast (smsctl blast new makes one)", stdout);
	}
	json_decref(detail);
	return 0;
}

static void print_texts(struct desk *d, const json_t *detail)
{
	struct blast_texts texts;

	blast_texts_of(d->arena, detail, &texts);
	for (unsigned v = 0; v < texts.n; v++)
		for (unsigned l = 0; l < BLAST_LANGS; l++)
			printf("text %s %s%s  %.*s\n", texts.variant[v].name, blast_lang[l],
			       texts.n > 1 && l == 0 ?
			       arena_printf(d->arena, " (share %u)", texts.variant[v].share).ptr : "",
			       STR_ARG(texts.variant[v].text[l].source));
	const json_t *lines = json_object_get(detail, "opt_out");
	if (*blast_get(d, lines, "zh"))
		printf("appended where a text lacks it: %s | %s\n", blast_get(d, lines, "zh"), blast_get(d, lines, "en"));
}

int blast_show(struct desk *d, struct err *err)
{
	static const char *const key[] = {
		"id", "name", "class", "state", "author", "submitter", "approver", "made_at", "submitted_at", "approved_at",
		"starts_at", "started_at", "ends_at", "finished_at", "sends_from", "rate", "spread", "columns",
		"recipients", "control", "over_cap", "steers", "note", "content_hash", "again",
	};
	json_t *detail;

	if (blast_call(d, Q_CTL_BLAST_SHOW, 1, &d->blast, &detail, NULL, err) < 0)
		return -1;
	if (d->args->json) {
		blast_print_json(detail);
	} else {
		for (unsigned i = 0; i < sizeof(key) / sizeof(*key); i++) {
			const char *value = blast_get(d, detail, key[i]);

			if (*value)
				printf("%-12s  %s\n", key[i], str_ends(str_z(key[i]), STR("_at")) ?
				       blast_time(d, value) : value);
		}
		print_texts(d, detail);
	}
	json_decref(detail);
	return 0;
}

int blast_log(struct desk *d, struct err *err)
{
	static const struct ctl_column column[] = {
		{ "at" }, { "who" }, { "action" }, { "detail" },
	};
	json_t *detail;

	if (blast_call(d, Q_CTL_BLAST_LOG, 1, &d->blast, &detail, NULL, err) < 0)
		return -1;
	json_t *log = json_object_get(detail, "log"), *row;
	size_t i;
	if (d->args->json) {
		blast_print_json(log);
	} else {
		struct ctl_table *table = ctl_table_new(column, 4, false);

		json_array_foreach(log, i, row)
			ctl_table_row(table, (const char *[]){ blast_time(d, blast_get(d, row, "at")),
				      blast_get(d, row, "who"), blast_get(d, row, "action"), blast_get(d, row, "detail") });
		ctl_table_print(&table, "nothing was done with it", stdout);
	}
	json_decref(detail);
	return 0;
}
