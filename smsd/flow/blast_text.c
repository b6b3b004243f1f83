/* blast_text - see blast.h. */
#include <stdlib.h>

#include "flow/blast.h"
#include "flow/blast_write.h"

enum { TEXTS_MAX = 64 };

struct blast_text {
	struct str variant, opt_out;
	enum lang lang;
	struct template *template;
};

struct blast_texts {
	struct arena *arena;
	struct str id, hash, port;
	struct uuid uuid;
	const char *column[SHEET_COLUMNS_MAX];
	unsigned ncolumns, n;
	struct blast_text text[TEXTS_MAX];
};

struct complaint {
	char *why;
	size_t size;
};

static void complain(void *arg, const struct template_error *error)
{
	const struct complaint *c = arg;

	if (!*c->why)
		snprintf(c->why, c->size, "a text does not compile, at byte %u: %s", error->offset, error->text);
}

static void take_columns(struct blast_texts *t, struct str joined)
{
	char *p = arena_z(t->arena, joined);

	while (*p && t->ncolumns < SHEET_COLUMNS_MAX) {
		char *end = strchr(p, '\n');

		t->column[t->ncolumns++] = p;
		if (!end)
			break;
		*end = '\0';
		p = end + 1;
	}
}

static bool take_text(struct blast_texts *t, const PGresult *rows, int r, struct complaint *c)
{
	struct blast_text *text = &t->text[t->n++];

	text->opt_out = arena_str(t->arena, db_cell(rows, r, 3));
	text->variant = arena_str(t->arena, db_cell(rows, r, 4));
	text->lang = lang_parse(db_cell(rows, r, 5));
	text->template = template_new(t->arena, arena_str(t->arena, db_cell(rows, r, 6)), t->column, t->ncolumns, complain, c);
	return text->template != NULL;
}

struct blast_texts *blast_texts_new(struct str id, struct str hash, const PGresult *rows, char *why, size_t size)
{
	struct blast_texts *t = mem_alloc(sizeof(*t));
	struct complaint c = { why, size };
	bool ok = PQntuples(rows) > 0 && PQntuples(rows) <= TEXTS_MAX;

	*why = '\0';
	t->arena = arena_new();
	t->id = arena_str(t->arena, id);
	t->hash = arena_str(t->arena, hash);
	ok = ok && uuid_parse(db_cell(rows, 0, 0), &t->uuid, NULL) == 0;
	if (ok) {
		t->port = arena_str(t->arena, db_cell(rows, 0, 1));
		take_columns(t, db_cell(rows, 0, 2));
	}
	for (int r = 0; ok && r < PQntuples(rows); r++)
		ok = take_text(t, rows, r, &c);
	if (ok)
		return t;
	if (!*why)
		snprintf(why, size, "it has no texts");
	blast_texts_free(&t);
	return NULL;
}

void blast_texts_free(struct blast_texts **texts)
{
	struct blast_texts *t = *texts;

	*texts = NULL;
	if (!t)
		return;
	arena_free(&t->arena);
	free(t);
}

bool blast_texts_are(const struct blast_texts *texts, struct str id, struct str hash)
{
	return texts && str_eq(texts->id, id) && str_eq(texts->hash, hash);
}

struct uuid blast_texts_uuid(const struct blast_texts *texts)
{
	return texts->uuid;
}

struct str blast_texts_port(const struct blast_texts *texts)
{
	return texts->port;
}

int blast_texts_write(const struct blast_texts *texts, struct str variant, enum lang lang, struct str data, struct arena *arena,
		      struct str *text_r, struct err *err)
{
	struct blast_values values = { 0 };

	for (unsigned i = 0; i < texts->n; i++) {
		const struct blast_text *t = &texts->text[i];

		if (t->lang != lang || !str_eq(t->variant, variant))
			continue;
		blast_values_cut(&values, data, texts->ncolumns);
		*text_r = blast_write(t->template, lang, &values, t->opt_out, arena);
		return 0;
	}
	return err_set(err, ERR_PERM, "there is no text %.*s in %s", STR_ARG(variant), lang_name(lang));
}
