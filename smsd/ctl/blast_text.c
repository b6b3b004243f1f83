/* blast_text - what a blast says: from files or the database, each variant in both languages, checked
 * against the columns of its list (blast.h). */
#include <stdlib.h>

#include "base/yaml.h"
#include "ctl/blast.h"
#include "text/fold.h"
#include "text/template.h"
#include "text/template_names.h"

const char *const blast_lang[BLAST_LANGS] = { "zh", "en" };

static const char only_variant[] = "A";

static int read_plain(struct arena *arena, const char *path, struct blast_text *out, struct err *err)
{
	struct str content;

	if (blast_file(path, &content, err) < 0)
		return -1;
	if (str_starts(content, STR("\xEF\xBB\xBF")))
		str_skip(&content, 3);
	if (!fold_utf8_ok(content))
		return err_set(err, ERR_INPUT, "%s: is not UTF-8 (save it as UTF-8)", path);
	while (content.len && strchr(" \t\r\n", content.ptr[content.len - 1]))
		content.len--;
	if (!content.len)
		return err_set(err, ERR_INPUT, "%s: holds no text", path);
	*out = (struct blast_text){ .file = path, .line = 1, .column = 1,
				    .source = arena_str(arena, content) };
	return 0;
}

/* ---- YAML ---- */

struct yaml_reader {
	const char *path;
	struct err *err;
	bool failed;
};

/* The first is told. */
static void yaml_wrong(void *arg, unsigned line, unsigned column, const char *text)
{
	struct yaml_reader *reader = arg;

	if (!reader->failed)
		err_set(reader->err, ERR_INPUT, "%s:%u:%u: %s", reader->path, line, column, text);
	reader->failed = true;
}

static int wrong(const char *path, const struct yaml_node *node, struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, "%s:%u:%u: %s", path, node->line, node->column, what);
}

static struct yaml_node *read_yaml(struct arena *arena, const char *path, struct err *err)
{
	struct yaml_reader reader = { path, err };
	struct str content;

	if (blast_file(path, &content, err) < 0)
		return NULL;
	struct yaml_node *root = yaml_parse(arena, content, yaml_wrong, &reader);
	if (reader.failed || !root)
		return NULL;
	if (root->kind == YAML_MAPPING && root->n)
		return root;
	wrong(path, root, err, "no texts (write zh: and en:, or variants with both)");
	return NULL;
}

/* {zh, en}; other keys may stand beside them where `more` names them. */
static int read_langs(const char *path, const struct yaml_node *node, const char *more,
		      struct blast_text text[BLAST_LANGS], struct err *err)
{
	for (const struct yaml_node *c = node->child; c; c = c->next)
		if (!str_eqz(c->key, "zh") && !str_eqz(c->key, "en") && !(more && str_eqz(c->key, more)))
			return err_set(err, ERR_INPUT, "%s:%u:%u: unknown key %.*s (a text has zh and en%s)",
				       path, c->key_line, c->key_column, STR_ARG(c->key),
				       more ? ", a variant share too" : "");
	for (unsigned l = 0; l < BLAST_LANGS; l++) {
		const struct yaml_node *value = yaml_get(node, blast_lang[l]);

		if (!value || value->kind != YAML_SCALAR || !str_trim(value->value).len)
			return err_set(err, ERR_INPUT, "%s:%u:%u: no text in %s (both languages are "
				       "needed: write %s: and the text)", path,
				       value ? value->line : node->line,
				       value ? value->column : node->column, blast_lang[l], blast_lang[l]);
		text[l] = (struct blast_text){ .file = path, .node = value, .source = value->value,
					       .line = value->line, .column = value->column };
	}
	return 0;
}

static int read_share(const char *path, const struct yaml_node *variant, unsigned *share_r,
		      struct err *err)
{
	const struct yaml_node *share = yaml_get(variant, "share");

	*share_r = 1;
	if (!share)
		return 0;
	if (share->kind != YAML_SCALAR || !str_digits(share->value) || share->value.len > 3 ||
	    !(*share_r = atoi(share->value.ptr)))
		return wrong(path, share, err, "share is no number from 1 to 999");
	return 0;
}

static int add_variant(struct arena *arena, struct blast_texts *out, struct str name, unsigned share,
		       struct err *err)
{
	if (out->n == BLAST_VARIANTS_MAX)
		return err_set(err, ERR_INPUT, "more than %d variants", BLAST_VARIANTS_MAX);
	for (unsigned i = 0; i < out->n; i++)
		if (str_eqz(name, out->variant[i].name))
			return err_set(err, ERR_INPUT, "the variant %s stands there twice",
				       out->variant[i].name);
	out->variant[out->n].name = arena_z(arena, name);
	out->variant[out->n++].share = share;
	return 0;
}

static int read_file(struct arena *arena, const char *path, struct blast_texts *out, struct err *err)
{
	struct yaml_node *root = read_yaml(arena, path, err);
	unsigned share;

	if (!root)
		return -1;
	if (yaml_get(root, "zh") || yaml_get(root, "en")) {
		if (add_variant(arena, out, str_z(only_variant), 1, err) < 0)
			return -1;
		return read_langs(path, root, NULL, out->variant[out->n - 1].text, err);
	}
	for (const struct yaml_node *v = root->child; v; v = v->next) {
		if (v->kind != YAML_MAPPING)
			return wrong(path, v, err, "a variant is a mapping of share, zh and en");
		if (read_share(path, v, &share, err) < 0 ||
		    add_variant(arena, out, v->key, share, err) < 0 ||
		    read_langs(path, v, "share", out->variant[out->n - 1].text, err) < 0)
			return -1;
	}
	return 0;
}

/* A=a.yaml:50,B=b.yaml:50 */
static int read_ab(struct arena *arena, const char *ab, struct blast_texts *out, struct err *err)
{
	struct str rest = str_z(ab);

	while (rest.len) {
		const char *comma = memchr(rest.ptr, ',', rest.len);
		struct str item = str_n(rest.ptr, comma ? (size_t)(comma - rest.ptr) : rest.len);
		const char *is = memchr(item.ptr, '=', item.len), *colon = memrchr(item.ptr, ':', item.len);
		struct str share = colon ? str_n(colon + 1, item.ptr + item.len - colon - 1) : STR("");

		str_skip(&rest, item.len + (comma != NULL));
		if (!is || is == item.ptr || !colon || colon < is || !str_digits(share) || share.len > 3 ||
		    !atoi(arena_z(arena, share)))
			return err_set(err, ERR_INPUT, "--ab \"%.*s\" is no NAME=FILE:SHARE (as A=a.yaml:50)",
				       STR_ARG(item));
		const char *path = arena_z(arena, str_n(is + 1, colon - is - 1));
		if (add_variant(arena, out, str_n(item.ptr, is - item.ptr), atoi(arena_z(arena, share)),
				err) < 0)
			return -1;
		const struct yaml_node *root = read_yaml(arena, path, err);
		if (!root || read_langs(path, root, NULL, out->variant[out->n - 1].text, err) < 0)
			return -1;
	}
	return 0;
}

int blast_texts_read(struct arena *arena, const struct blast_texts_from *from, struct blast_texts *out,
		     struct err *err)
{
	*out = (struct blast_texts){ 0 };
	if (from->ab)
		return read_ab(arena, from->ab, out, err);
	if (from->yaml)
		return read_file(arena, from->yaml, out, err);
	out->n = 1;
	out->variant[0].name = only_variant;
	out->variant[0].share = 1;
	if (read_plain(arena, from->zh, &out->variant[0].text[BLAST_ZH], err) < 0)
		return -1;
	return read_plain(arena, from->en, &out->variant[0].text[BLAST_EN], err);
}

/* ---- the database ---- */

void blast_texts_of(struct arena *arena, const json_t *detail, struct blast_texts *out)
{
	const json_t *shares = json_object_get(detail, "variants");
	const char *name;
	json_t *langs;

	*out = (struct blast_texts){ 0 };
	json_object_foreach((json_t *)json_object_get(detail, "texts"), name, langs) {
		if (out->n == BLAST_VARIANTS_MAX)
			break;
		out->variant[out->n].name = arena_z(arena, str_z(name));
		out->variant[out->n].share = json_integer_value(json_object_get(shares, name));
		for (unsigned l = 0; l < BLAST_LANGS; l++) {
			const char *text = json_string_value(json_object_get(langs, blast_lang[l]));

			out->variant[out->n].text[l] = (struct blast_text){
				.line = 1, .column = 1, .source = arena_str(arena, str_z(text ? text : "")),
			};
		}
		out->n++;
	}
}

void blast_texts_json(const struct blast_texts *texts, json_t *changes)
{
	json_t *all = json_object(), *shares = json_object();

	for (unsigned v = 0; v < texts->n; v++) {
		json_t *langs = json_object();

		for (unsigned l = 0; l < BLAST_LANGS; l++) {
			struct str source = texts->variant[v].text[l].source;

			json_object_set_new(langs, blast_lang[l], json_stringn(source.ptr, source.len));
		}
		json_object_set_new(all, texts->variant[v].name, langs);
		json_object_set_new(shares, texts->variant[v].name, json_integer(texts->variant[v].share));
	}
	json_object_set_new(changes, "texts", all);
	json_object_set_new(changes, "variants", shares);
}

/* ---- checking ---- */

struct complaint {
	const struct blast_text *text;
	const char *argv0;
	FILE *out;
	unsigned n;
};

/* Lines and characters of a file that is nothing but the text. */
static void place(const struct blast_text *text, size_t offset, unsigned *line_r, unsigned *column_r)
{
	*line_r = text->line;
	*column_r = text->column;
	for (size_t i = 0; i < offset && i < text->source.len; i++)
		if (text->source.ptr[i] == '\n')
			++*line_r, *column_r = 1;
		else
			*column_r += ((unsigned char)text->source.ptr[i] & 0xC0) != 0x80;
}

static void complain(void *arg, const struct template_error *error)
{
	struct complaint *c = arg;
	unsigned line, column;

	c->n++;
	if (c->text->node)
		yaml_where(c->text->node, error->offset, &line, &column);
	else
		place(c->text, error->offset, &line, &column);
	if (c->text->file)
		fprintf(c->out, "%s:%u:%u: error: %s\n", c->text->file, line, column, error->text);
	else
		fprintf(c->out, "%s: line %u, character %u: error: %s\n", c->argv0, line, column,
			error->text);
}

unsigned blast_texts_compile(struct arena *arena, struct blast_texts *texts, const char *const *column,
			     unsigned n, const char *argv0, FILE *problems)
{
	struct complaint c = { .argv0 = argv0, .out = problems };

	for (unsigned v = 0; v < texts->n; v++)
		for (unsigned l = 0; l < BLAST_LANGS; l++) {
			c.text = &texts->variant[v].text[l];
			texts->variant[v].text[l].template =
				template_new(arena, c.text->source, column, n, complain, &c);
		}
	return c.n;
}

bool blast_texts_need(const struct blast_texts *texts, const char *column)
{
	for (unsigned v = 0; v < texts->n; v++)
		for (unsigned l = 0; l < BLAST_LANGS; l++)
			if (template_shows_bare(texts->variant[v].text[l].source, str_z(column)))
				return true;
	return false;
}
