/* blast_press - a blast's messages as smsd will write them (blast.h). */
#include <stdlib.h>

#include "ctl/blast.h"
#include "table/ask.h"
#include "text/optout.h"
#include "text/template.h"

const char *const *blast_names(struct desk *d, const json_t *list, unsigned *n_r)
{
	const char **name = arena_alloc(d->arena, (json_array_size(list) + 1) * sizeof(*name));

	*n_r = json_array_size(list);
	for (unsigned i = 0; i < *n_r; i++)
		name[i] = arena_z(d->arena, str_z(json_string_value(json_array_get(list, i))));
	return name;
}

int blast_press(struct press *p, struct err *err)
{
	struct desk *d = p->desk;
	unsigned n;

	if (blast_call(d, Q_CTL_BLAST_SHOW, 1, &d->blast, &p->blast, NULL, err) < 0)
		return -1;
	blast_texts_of(d->arena, p->blast, &p->texts);
	const char *const *name = blast_names(d, json_object_get(p->blast, "columns"), &n);
	if (!p->texts.n)
		return err_set(err, ERR_INPUT, "%s has no text yet (smsctl blast edit %s --text-zh FILE --text-en FILE)",
			       d->blast, d->blast);
	if (blast_texts_compile(d->arena, &p->texts, name, n, "smsctl blast", stderr))
		return err_set(err, ERR_INPUT, "the texts name columns that the list of %s does not have (smsctl blast edit "
			       "gives it other texts, or another list)", d->blast);
	for (unsigned l = 0; l < BLAST_LANGS; l++)
		p->opt_out[l] = str_z(blast_get(d, json_object_get(p->blast, "opt_out"), blast_lang[l]));
	return 0;
}

static struct str cell(void *arg, unsigned row, unsigned column)
{
	const struct press *p = arg;

	(void)row;
	return column < SHEET_COLUMNS_MAX ? p->data[column] : str_n(NULL, 0);
}

struct str blast_render(struct press *p, struct arena *arena, unsigned variant, unsigned lang)
{
	struct template_data data = { .rows = 1, .get = cell, .arg = p, .lang = blast_lang[lang] };
	struct buf out = { 0 };

	template_render(p->texts.variant[variant].text[lang].template, &data, &out);
	struct str text = arena_str(arena, buf_get(&out));
	buf_free(&out);
	return optout_append(arena, text, p->opt_out[lang]);
}

unsigned blast_lang_of(const char *lang)
{
	return strcmp(lang, "en") == 0 ? BLAST_EN : BLAST_ZH;
}

int blast_variant_of(const struct press *p, const char *name)
{
	for (unsigned v = 0; v < p->texts.n; v++)
		if (strcmp(p->texts.variant[v].name, name) == 0)
			return (int)v;
	return -1;
}

/* The values are joined by U+001F, which none of them holds. */
void blast_fill(struct press *p, struct str joined)
{
	for (unsigned i = 0; i < SHEET_COLUMNS_MAX; i++) {
		const char *end = joined.len ? memchr(joined.ptr, 0x1f, joined.len) : NULL;

		p->data[i] = str_n(joined.ptr, end ? (size_t)(end - joined.ptr) : joined.len);
		str_skip(&joined, p->data[i].len + (end != NULL));
	}
}

PGresult *blast_rows(struct press *p, unsigned most, struct err *err)
{
	char n[12];

	snprintf(n, sizeof(n), "%u", most);
	return ask(p->desk->conn, Q_CTL_BLAST_ROWS, 3, (const char *[]){ p->desk->who, p->desk->blast, n }, err);
}
