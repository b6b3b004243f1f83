/* blast_press - a blast's messages as smsd will write them (blast.h, flow/press.h). */
#include <stdio.h>

#include "ctl/blast.h"
#include "table/ask.h"

const char *const *blast_names(struct desk *d, const json_t *list, unsigned *n_r)
{
	const char **name = arena_alloc(d->arena, (json_array_size(list) + 1) * sizeof(*name));

	*n_r = json_array_size(list);
	for (unsigned i = 0; i < *n_r; i++)
		name[i] = arena_z(d->arena, str_z(json_string_value(json_array_get(list, i))));
	return name;
}

struct press *blast_press(struct desk *d, json_t **blast_r, struct err *err)
{
	struct blast_texts texts;
	unsigned n;

	if (blast_call(d, Q_CTL_BLAST_SHOW, 1, &d->blast, blast_r, NULL, err) < 0)
		return NULL;
	blast_texts_of(d->arena, *blast_r, &texts);
	const char *const *name = blast_names(d, json_object_get(*blast_r, "columns"), &n);
	struct press *press = press_new(d->arena, *blast_r, NULL, NULL);
	if (!texts.n)
		err_set(err, ERR_INPUT, "%s has no text yet (smsctl blast edit %s --text-zh FILE --text-en FILE)", d->blast,
			d->blast);
	else if (blast_texts_compile(d->arena, &texts, name, n, "smsctl blast", stderr) || !press)
		err_set(err, ERR_INPUT, "the texts name columns that the list of %s does not have (smsctl blast edit "
			"gives it other texts, or another list)", d->blast);
	else
		return press;
	json_decref(*blast_r);
	*blast_r = NULL;
	return NULL;
}

PGresult *blast_rows(struct desk *d, unsigned most, struct err *err)
{
	char n[12];

	snprintf(n, sizeof(n), "%u", most);
	return ask(d->conn, Q_CTL_BLAST_ROWS, 3, (const char *[]){ d->who, d->blast, n }, err);
}
