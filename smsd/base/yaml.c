/* yaml - see yaml.h.  libyaml's events become nodes; the recursion is bounded by YAML_DEPTH_MAX. */
#include "base/yaml.h"

#include <stdio.h>
#include <yaml.h>

#include "base/map.h"

struct reader {
	yaml_parser_t parser;
	struct arena *arena;
	yaml_error_fn *fn;
	void *arg;
	struct str content;	/* the arena's copy */
	size_t mark, byte;	/* the same place: libyaml counts characters, raw is cut by bytes */
	unsigned nodes;
};

static void report(const struct reader *r, yaml_mark_t at, const char *text)
{
	if (r->fn)
		r->fn(r->arg, at.line + 1, at.column + 1, text);
}

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Events come in the order of the file, so the walk never goes back. */
static size_t byte_of(struct reader *r, size_t mark)
{
	while (r->mark < mark && r->byte < r->content.len) {
		r->byte++;
		while (r->byte < r->content.len && continues(r->content.ptr[r->byte]))
			r->byte++;
		r->mark++;
	}
	return r->byte;
}

/* What its words ask of somebody who never heard of a scalar. */
static const char *remedy(const char *problem)
{
	static const struct { const char *problem, *remedy; } known[] = {
		{ "found a tab character", " (indent with blanks)" },
		{ "found character that cannot start any token", " (indent with blanks; quote a text that begins with @, ` or %)" },
		{ "UTF-8", " (save the file as UTF-8)" },
		{ "control characters", " (remove the character)" },
		{ "mapping values are not allowed", " (quote a text with a colon in it, and indent as the lines around it)" },
		{ "could not find expected ':'", " (write KEY: VALUE, with an ASCII colon and a blank)" },
		{ "did not find expected key", " (indent as the lines around it; after a quoted text nothing may follow)" },
		{ "unexpected end of stream", " (close the quote)" },
		{ "expected ',' or ']'", " (close the bracket, or put a comma between)" },
		{ "expected ',' or '}'", " (close the brace, or put a comma between)" },
	};

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strstr(problem, known[i].problem))
			return known[i].remedy;
	return "";
}

/* Its own trouble libyaml places by a byte offset when the bytes are no text, by a mark
 * otherwise. */
static void report_syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	yaml_mark_t at = p->problem_mark;
	const char *what = p->problem ? p->problem : "cannot be read";

	if (p->error == YAML_READER_ERROR) {
		at = (yaml_mark_t){ 0 };
		for (size_t i = 0; i < p->problem_offset && i < r->content.len; i++) {
			if (r->content.ptr[i] == '\n')
				at = (yaml_mark_t){ .line = at.line + 1 };
			else if (!continues(r->content.ptr[i]))
				at.column++;
		}
	}
	report(r, at, arena_printf(r->arena, "not valid YAML: %s%s%s%s", what,
				   p->context ? " " : "", p->context ? p->context : "", remedy(what)).ptr);
}

/* False at a syntax error, reported. */
static bool next_event(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return true;
	report_syntax(r);
	return false;
}

static void refuse_extras(struct reader *r, const yaml_event_t *e, const void *anchor,
			  const void *tag)
{
	if (anchor)
		report(r, e->start_mark, "anchors (&name) are not supported (write the text out)");
	if (tag)
		report(r, e->start_mark, "tags (!name) are not supported (remove it)");
}

static void take_scalar(struct reader *r, struct yaml_node *node, const yaml_event_t *e)
{
	static const char style[] = {
		[YAML_SINGLE_QUOTED_SCALAR_STYLE] = '\'',
		[YAML_DOUBLE_QUOTED_SCALAR_STYLE] = '"',
		[YAML_LITERAL_SCALAR_STYLE] = '|',
		[YAML_FOLDED_SCALAR_STYLE] = '>',
	};
	struct str value = { (const char *)e->data.scalar.value, e->data.scalar.length };
	size_t begin = byte_of(r, e->start_mark.index), end = byte_of(r, e->end_mark.index);

	refuse_extras(r, e, e->data.scalar.anchor, e->data.scalar.tag);
	if (memchr(value.ptr, 0, value.len))
		report(r, e->start_mark, "a text cannot hold a NUL character (remove \\0)");
	node->kind = YAML_SCALAR;
	node->value = arena_str(r->arena, value);
	node->style = style[e->data.scalar.style];
	node->plain = !node->style;
	node->raw = str_n(r->content.ptr + begin, end - begin);
}

static struct yaml_node *build(struct reader *r, yaml_event_t *event, unsigned depth);

static bool take_sequence(struct reader *r, struct yaml_node *node, unsigned depth)
{
	struct yaml_node **tail = &node->child;
	yaml_event_t event;

	node->kind = YAML_SEQUENCE;
	for (;;) {
		if (!next_event(r, &event))
			return false;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			break;
		*tail = build(r, &event, depth + 1);
		if (!*tail)
			return false;
		tail = &(*tail)->next;
		node->n++;
	}
	yaml_event_delete(&event);
	return true;
}

/* What cannot be a key is still walked through, so that the search goes on behind it. */
static bool take_pair(struct reader *r, yaml_event_t *event, unsigned depth, struct map *seen,
		      struct yaml_node **value_r)
{
	yaml_mark_t at = event->start_mark;
	struct yaml_node *key = build(r, event, depth + 1), *before;

	if (!key)
		return false;
	if (key->kind != YAML_SCALAR)
		report(r, at, "a key must be a plain word (quote it if it begins with [ or {)");
	if (!next_event(r, event))
		return false;
	*value_r = build(r, event, depth + 1);
	if (!*value_r)
		return false;
	(*value_r)->key = key->kind == YAML_SCALAR ? key->value : STR("");
	(*value_r)->key_line = key->line;
	(*value_r)->key_column = key->column;
	if (key->kind != YAML_SCALAR)
		return true;
	before = map_put(seen, key->value, key);
	if (before)
		report(r, at, arena_printf(r->arena, "key '%s' stands here a second time, first in"
					   " line %u (keep one)", key->value.ptr,
					   before->line).ptr);
	return true;
}

static bool take_pairs(struct reader *r, struct yaml_node *node, unsigned depth, struct map *seen)
{
	struct yaml_node **tail = &node->child;
	yaml_event_t event;

	for (;;) {
		if (!next_event(r, &event))
			return false;
		if (event.type == YAML_MAPPING_END_EVENT)
			break;
		if (!take_pair(r, &event, depth, seen, tail))
			return false;
		tail = &(*tail)->next;
		node->n++;
	}
	yaml_event_delete(&event);
	return true;
}

static bool take_mapping(struct reader *r, struct yaml_node *node, unsigned depth)
{
	struct map *seen = map_new();
	bool ok;

	node->kind = YAML_MAPPING;
	ok = take_pairs(r, node, depth, seen);
	map_free(&seen);
	return ok;
}

static bool within_bounds(struct reader *r, const yaml_event_t *event, unsigned depth)
{
	if (depth >= YAML_DEPTH_MAX)
		report(r, event->start_mark, "nested too deeply (at most 32 levels)");
	else if (r->nodes++ >= YAML_NODES_MAX)
		report(r, event->start_mark, "too many values in one file (split it)");
	else
		return true;
	return false;
}

/* Takes the event over; NULL when the search is over, the reason reported. */
static struct yaml_node *build(struct reader *r, yaml_event_t *event, unsigned depth)
{
	struct yaml_node *node = arena_alloc(r->arena, sizeof(*node));
	bool ok = within_bounds(r, event, depth);

	node->line = event->start_mark.line + 1;
	node->column = event->start_mark.column + 1;
	if (ok && event->type == YAML_SCALAR_EVENT) {
		take_scalar(r, node, event);
	} else if (ok && event->type == YAML_SEQUENCE_START_EVENT) {
		refuse_extras(r, event, event->data.sequence_start.anchor,
			      event->data.sequence_start.tag);
		ok = take_sequence(r, node, depth);
	} else if (ok && event->type == YAML_MAPPING_START_EVENT) {
		refuse_extras(r, event, event->data.mapping_start.anchor,
			      event->data.mapping_start.tag);
		ok = take_mapping(r, node, depth);
	} else if (ok) {	/* an alias: stands for nothing here */
		report(r, event->start_mark,
		       "aliases (*name) are not supported (write the text out)");
		node->value = STR("");
	}
	yaml_event_delete(event);
	return ok ? node : NULL;
}

/* False when the search is over. */
static bool take_document(struct reader *r, const yaml_event_t *event, struct yaml_node **root)
{
	yaml_event_t inner;
	struct yaml_node *node;

	if (event->data.document_start.version_directive ||
	    event->data.document_start.tag_directives.start !=
	    event->data.document_start.tag_directives.end)
		report(r, event->start_mark, "directives (%) are not supported (remove it)");
	if (*root) {
		report(r, event->start_mark,
		       "only one document may stand in a file (remove the line ---)");
		return false;
	}
	if (!next_event(r, &inner))
		return false;
	node = build(r, &inner, 0);
	*root = node;
	return node;
}

static struct yaml_node *read_stream(struct reader *r)
{
	struct yaml_node *root = NULL;
	yaml_event_t event;

	for (;;) {
		if (!next_event(r, &event))
			return NULL;
		yaml_event_type_t type = event.type;
		bool had_root = root, more = type != YAML_DOCUMENT_START_EVENT ||
			take_document(r, &event, &root);
		yaml_event_delete(&event);
		if (!more)
			return had_root ? root : NULL;
		if (type == YAML_STREAM_END_EVENT)
			break;
	}
	if (root)
		return root;
	root = arena_alloc(r->arena, sizeof(*root));
	*root = (struct yaml_node){ .kind = YAML_MAPPING, .line = 1, .column = 1 };
	return root;
}

struct yaml_node *yaml_parse(struct arena *arena, struct str content, yaml_error_fn *fn, void *arg)
{
	struct reader r = { .arena = arena, .fn = fn, .arg = arg };
	struct yaml_node *root;

	if (content.len > YAML_SIZE_MAX) {
		report(&r, (yaml_mark_t){ 0 }, "the file is larger than 16 MiB (split it)");
		return NULL;
	}
	if (str_starts(content, STR("\xef\xbb\xbf")))
		str_skip(&content, 3);
	r.content = arena_str(arena, content.len ? content : STR(""));
	if (!yaml_parser_initialize(&r.parser)) {
		report(&r, (yaml_mark_t){ 0 }, "no memory for the YAML parser");
		return NULL;
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const yaml_char_t *)r.content.ptr, r.content.len);
	root = read_stream(&r);
	yaml_parser_delete(&r.parser);
	return root;
}

struct yaml_node *yaml_get(const struct yaml_node *node, const char *key)
{
	if (!node || node->kind != YAML_MAPPING)
		return NULL;
	for (struct yaml_node *child = node->child; child; child = child->next)
		if (str_eqz(child->key, key))
			return child;
	return NULL;
}

const char *yaml_kind_name(enum yaml_kind kind)
{
	static const char *const name[] = {
		[YAML_SCALAR] = "a text", [YAML_SEQUENCE] = "a list", [YAML_MAPPING] = "a mapping",
	};

	return name[kind];
}

static unsigned characters(struct str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += !continues(s.ptr[i]);
	return n;
}

/* How many bytes of the file made the first `offset` bytes of a quoted value. */
static size_t quoted_bytes(const struct yaml_node *node, size_t offset)
{
	size_t i = 1, made = 0;

	while (made < offset && i < node->raw.len) {
		char c = node->raw.ptr[i], after = i + 1 < node->raw.len ? node->raw.ptr[i + 1] : 0;

		if (c == '\'' && node->style == '\'') {
			i++;
		} else if (c == '\\' && node->style == '"') {
			static const struct { char c; unsigned more; } longer[] = {
				{ 'x', 2 }, { 'u', 4 }, { 'U', 8 },
			};

			for (unsigned k = 0; k < 3; k++)
				if (after == longer[k].c)	/* may make several bytes */
					return i;
			i++;
		}
		i++;
		made++;
	}
	return i;
}

/* Blank lines tell no indentation: that of the first line with something on it. */
static unsigned indentation(struct str block)
{
	unsigned spaces = 0;
	const char *nl = memchr(block.ptr, '\n', block.len);

	for (const char *p = nl, *end = block.ptr + block.len; p && p < end; p++) {
		if (*p == '\n' || *p == '\r')
			spaces = 0;
		else if (*p == ' ')
			spaces++;
		else
			break;
	}
	return spaces;
}

/* A literal block: line by line below its |, all indented alike. */
static void where_literal(const struct yaml_node *node, size_t offset, unsigned *line_r,
			  unsigned *column_r)
{
	struct str before = { node->value.ptr, offset };

	*line_r = node->line + 1;
	for (const char *nl; (nl = memchr(before.ptr, '\n', before.len)); (*line_r)++)
		str_skip(&before, nl + 1 - before.ptr);
	*column_r = indentation(node->raw) + 1 + characters(before);
}

void yaml_where(const struct yaml_node *node, size_t offset, unsigned *line_r, unsigned *column_r)
{
	size_t bytes = offset;

	*line_r = node->line;
	*column_r = node->column;
	if (node->kind != YAML_SCALAR || offset > node->value.len)
		return;
	if (node->style == '|') {
		where_literal(node, offset, line_r, column_r);
		return;
	}
	if (node->style == '>' || memchr(node->raw.ptr, '\n', node->raw.len))
		return;
	if (node->style)
		bytes = quoted_bytes(node, offset);
	if (bytes > node->raw.len)
		bytes = node->raw.len;
	*column_r += characters(str_n(node->raw.ptr, bytes));
}
