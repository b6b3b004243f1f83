/* parse - see parse.h. */
#include "table/parse.h"

#include <stdio.h>
#include <stdlib.h>

#include "table/pattern.h"

static const struct field top_fields[] = {
	{ "table", FIELD_TEXT, true },
	{ "about", FIELD_TEXT },
	{ "scope", FIELD_ANY },
	{ "ports", FIELD_LIST },
	{ "commands", FIELD_MAPPING },
	{ "tips", FIELD_MAPPING },
	{ "answers", FIELD_MAPPING },
	{ "courtesy", FIELD_MAPPING },
	{ "reminders", FIELD_MAPPING },
	{ NULL },
};
static const struct field scope_fields[] = { { "province", FIELD_TEXT, true }, { NULL } };
static const struct field tip_fields[] = {
	{ "for", FIELD_LIST, true },
	{ "text", FIELD_MAPPING, true },
	{ "cap", FIELD_TEXT },
	{ "weight", FIELD_TEXT },
	{ "control", FIELD_TEXT },
	{ "who", FIELD_MAPPING },
	{ "valid", FIELD_MAPPING },
	{ "steers", FIELD_TEXT },
	{ NULL },
};
static const struct field courtesy_fields[] = {
	{ "before", FIELD_LIST }, { "after", FIELD_LIST }, { NULL },
};

void parse_remember(struct parse *p, const struct yaml_node *text)
{
	struct tables_own *t = p->tables;

	t->text = private_grow(t->tables.arena, t->text, t->ntexts, sizeof(*t->text));
	t->text[t->ntexts++] = (struct text_node){ text->value.ptr, text };
}

void parse_text2(struct parse *p, const struct yaml_node *node, struct text2 *out)
{
	schema_text2(&p->schema, node, out);
	for (int lang = 0; lang < LANGS; lang++)
		if (out->source[lang].ptr)
			parse_remember(p, schema_get(node, lang_name(lang), YAML_SCALAR));
}

unsigned parse_phrases(struct parse *p, const struct yaml_node *list, struct phrase **out_r)
{
	unsigned n = 0;

	*out_r = NULL;
	if (!list || list->kind != YAML_SEQUENCE)
		return 0;
	*out_r = arena_alloc(p->schema.arena, list->n * sizeof(**out_r));
	for (const struct yaml_node *node = list->child; node; node = node->next) {
		if (node->kind != YAML_SCALAR || !node->value.len)
			schema_error(&p->schema, node, "'%s' must be a list of texts, this is %s",
				     list->key.ptr, node->kind == YAML_SCALAR ? "empty" :
				     yaml_kind_name(node->kind));
		else
			(*out_r)[n++] = (struct phrase){ .node = node, .text = node->value.ptr };
	}
	return n;
}

static void parse_scope(struct parse *p, const struct yaml_node *node)
{
	const struct yaml_node *province;

	if (!node || (node->kind == YAML_SCALAR && str_eqz(node->value, "group")))
		return;
	if (node->kind != YAML_MAPPING) {
		schema_error(&p->schema, node, "'scope' must be group or {province: xx}");
		return;
	}
	schema_check(&p->schema, node, scope_fields, "'scope'");
	province = schema_get(node, "province", YAML_SCALAR);
	for (size_t i = 0; province && i < province->value.len; i++)
		if (province->value.ptr[i] < 'a' || province->value.ptr[i] > 'z') {
			schema_error(&p->schema, province, "'%s' is no province (small letters, as"
				     " js)", province->value.ptr);
			return;
		}
	if (province)
		p->table->province = province->value;
}

static bool port_known(const struct table *table, struct str port)
{
	for (unsigned i = 0; i < table->nports; i++)
		if (str_eq(table->port[i], port))
			return true;
	return false;
}

static void parse_ports(struct parse *p, const struct yaml_node *root)
{
	const struct yaml_node *list = schema_get(root, "ports", YAML_SEQUENCE);
	struct phrase *ports;
	unsigned n = parse_phrases(p, list, &ports);

	p->table->port = arena_alloc(p->schema.arena, n * sizeof(*p->table->port));
	for (unsigned i = 0; i < n; i++) {
		struct str port = str_z(ports[i].text);

		if (!str_digits(port) || port.len > 20)
			schema_error(&p->schema, ports[i].node,
				     "'%s' is no port (a short code of 1 to 20 digits, quoted)",
				     port.ptr);
		else if (port_known(p->table, port))
			schema_error(&p->schema, ports[i].node, "port '%s' stands here twice",
				     port.ptr);
		else
			p->table->port[p->table->nports++] = port;
	}
	if (!list && yaml_get(root, "commands") && !yaml_get(root, "ports"))
		problem_add(p->schema.problems, PROBLEM_ERROR,
			    schema_key_place(&p->schema, yaml_get(root, "commands")),
			    "commands need 'ports' (add the short codes they answer, as"
			    " ports: [\"10086\"])");
}

/* "1 per 7 days"; "1 per day" is the same as 1 days. */
static void parse_cap(struct parse *p, const struct yaml_node *node, struct tip *tip)
{
	char end = '\0';

	if (!node || node->kind != YAML_SCALAR)
		return;
	const char *z = node->value.ptr;
	if (sscanf(z, "%3u per %3u day%c", &tip->cap, &tip->cap_days, &end) >= 2) {
		if (tip->cap >= 1 && tip->cap_days >= 1 &&
		    (str_ends(node->value, STR(" days")) || str_ends(node->value, STR(" day"))))
			return;
	} else if (sscanf(z, "%3u per da%c", &tip->cap, &end) == 2 && tip->cap >= 1 &&
		   str_ends(node->value, STR(" per day"))) {
		tip->cap_days = 1;
		return;
	}
	tip->cap = tip->cap_days = 0;
	schema_error(&p->schema, node, "'cap' must read as: 1 per 7 days");
}

unsigned parse_share(struct parse *p, const struct yaml_node *node)
{
	struct str s;

	if (!node || node->kind != YAML_SCALAR)
		return 0;
	s = node->value;
	if (str_ends(s, STR("%")) && s.len >= 2 && s.len <= 4) {
		s.len--;
		unsigned share = str_digits(s) ? (unsigned)strtoul(s.ptr, NULL, 10) : 101;
		if (share <= 100)
			return share;
	}
	schema_error(&p->schema, node, "'%s' must be a share from 0%% to 100%%, as 10%%", node->key.ptr);
	return 0;
}

/* A channel as it calls itself when it reports a use: hall_api.contact(). */
static void parse_steers(struct parse *p, const struct yaml_node *node, struct tip *tip)
{
	static const char *const known[] = { "app", "web", "kiosk", "hotline", "counter" };
	struct str s;

	if (!node)
		return;
	s = node->value;
	if (str_eqz(s, "sms")) {
		schema_error(&p->schema, node, "who reads a tip uses 'sms' already (name the channel that the tip is to lead to, as app)");
		return;
	}
	bool ok = s.len && s.len <= 32 && s.ptr[0] >= 'a' && s.ptr[0] <= 'z';
	for (size_t i = 0; i < s.len; i++)
		ok = ok && ((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || (s.ptr[i] >= '0' && s.ptr[i] <= '9') || s.ptr[i] == '_');
	if (!ok) {
		schema_error(&p->schema, node, "'steers' must be the name by which a channel reports its use, of at most 32 small letters,"
			     " digits and _ (as app)");
		return;
	}
	tip->steers = s.ptr;
	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (str_eqz(s, known[i]))
			return;
	const char *near = schema_near(s, known, sizeof(known) / sizeof(*known));
	if (near)
		problem_add(p->schema.problems, PROBLEM_WARNING, schema_place(&p->schema, node),
			    "'steers: %s' is none of the usual channels (did you mean '%s'?)", tip->steers, near);
}

static void parse_tip(struct parse *p, const struct yaml_node *node)
{
	struct tables *t = &p->tables->tables;
	struct tip *tip = arena_alloc(p->schema.arena, sizeof(*tip));
	const struct yaml_node *weight = schema_get(node, "weight", YAML_SCALAR),
			       *text = schema_get(node, "text", YAML_MAPPING);
	struct phrase *groups;

	schema_name(&p->schema, node, "a tip");
	schema_check(&p->schema, node, tip_fields, "a tip");
	tip->name = node->key.ptr;
	tip->place = schema_key_place(&p->schema, node);
	tip->nfor = parse_phrases(p, schema_get(node, "for", YAML_SEQUENCE), &groups);
	tip->for_group = arena_alloc(p->schema.arena, tip->nfor * sizeof(*tip->for_group));
	for (unsigned i = 0; i < tip->nfor; i++)
		tip->for_group[i] = groups[i].text;
	if (text)
		parse_text2(p, text, &tip->text);
	parse_cap(p, yaml_get(node, "cap"), tip);
	tip->weight = weight ? schema_number(&p->schema, weight, 1, 1000, 1) : 1;
	tip->control = parse_share(p, yaml_get(node, "control"));
	tip->audience = parse_audience(p, node);
	parse_steers(p, schema_get(node, "steers", YAML_SCALAR), tip);
	t->tip = private_grow(t->arena, t->tip, t->ntips, sizeof(*t->tip));
	t->tip[t->ntips++] = tip;
}

static void parse_answer(struct parse *p, const struct yaml_node *node)
{
	struct tables *t = &p->tables->tables;
	struct answer answer = {
		.name = node->key.ptr, .place = schema_key_place(&p->schema, node),
	};

	schema_name(&p->schema, node, "an answer");
	parse_text2(p, node, &answer.text);
	for (unsigned i = 0; i < t->nanswers; i++)
		if (!strcmp(t->answer[i].name, answer.name))
			problem_add(p->schema.problems, PROBLEM_ERROR, answer.place,
				    "answer '%s' is given in %s:%u:%u too (keep one)", answer.name,
				    t->answer[i].place.file, t->answer[i].place.line,
				    t->answer[i].place.column);
	t->answer = private_grow(t->arena, t->answer, t->nanswers, sizeof(*t->answer));
	t->answer[t->nanswers++] = answer;
}

static void parse_courtesy(struct parse *p, const struct yaml_node *node)
{
	struct tables_own *t = p->tables;

	if (!node)
		return;
	schema_check(&p->schema, node, courtesy_fields, "'courtesy'");
	if (t->courtesy_file) {
		problem_add(p->schema.problems, PROBLEM_ERROR, schema_key_place(&p->schema, node),
			    "'courtesy' is given in %s too (keep one)", t->courtesy_file);
		return;
	}
	t->courtesy_file = p->schema.file;
	t->nbefore = parse_phrases(p, schema_get(node, "before", YAML_SEQUENCE), &t->before);
	t->nafter = parse_phrases(p, schema_get(node, "after", YAML_SEQUENCE), &t->after);
}

static void each(struct parse *p, const struct yaml_node *root, const char *key,
		 void (*fn)(struct parse *, const struct yaml_node *))
{
	const struct yaml_node *list = schema_get(root, key, YAML_MAPPING);

	for (const struct yaml_node *node = list ? list->child : NULL; node; node = node->next)
		fn(p, node);
}

static void parse_table_name(struct parse *p, const struct yaml_node *root, struct str stem)
{
	const struct yaml_node *node = schema_get(root, "table", YAML_SCALAR);

	p->table->place = node ? schema_place(&p->schema, node) :
				 (struct place){ p->schema.file, 1, 1 };
	p->table->name = arena_z(p->schema.arena, stem);
	if (node && node->value.len && !str_eq(node->value, stem))
		schema_error(&p->schema, node, "table '%s' must be named as its file, '%.*s'",
			     node->value.ptr, STR_ARG(stem));
	for (unsigned i = 0; i < p->tables->ntables; i++)
		if (str_eqz(stem, p->tables->table[i]->name))
			problem_add(p->schema.problems, PROBLEM_ERROR, p->table->place,
				    "table '%.*s' is given twice (rename one file)", STR_ARG(stem));
}

static void parse_root(struct parse *p, const struct yaml_node *root, struct str stem)
{
	struct tables_own *t = p->tables;

	schema_check(&p->schema, root, top_fields, "a table");
	if (root->kind != YAML_MAPPING)
		return;
	parse_table_name(p, root, stem);
	t->table = private_grow(t->tables.arena, t->table, t->ntables, sizeof(*t->table));
	t->table[t->ntables++] = p->table;
	parse_scope(p, yaml_get(root, "scope"));
	parse_ports(p, root);
	each(p, root, "commands", parse_command);
	each(p, root, "reminders", parse_reminder);
	each(p, root, "tips", parse_tip);
	each(p, root, "answers", parse_answer);
	parse_courtesy(p, schema_get(root, "courtesy", YAML_MAPPING));
}

static void yaml_error(void *arg, unsigned line, unsigned column, const char *text)
{
	struct parse *p = arg;
	struct place place = { p->schema.file, line, column };

	problem_add(p->schema.problems, PROBLEM_ERROR, place, "%s", text);
}

/* services.yaml, commands/services.yaml → services */
static struct str stem_of(const char *name)
{
	const char *slash = strrchr(name, '/');
	struct str stem = str_z(slash ? slash + 1 : name);

	if (str_ends(stem, STR(".yaml")))
		stem.len -= 5;
	return stem;
}

void parse_source(struct tables_own *tables, const struct source *source,
		  struct problems *problems)
{
	struct arena *arena = tables->tables.arena;
	struct parse p = {
		.schema = { arena, problems, arena_z(arena, str_z(source->name)) },
		.tables = tables,
		.table = arena_alloc(arena, sizeof(*p.table)),
	};
	const struct yaml_node *root;

	p.table->file = p.schema.file;
	root = yaml_parse(arena, source->content, yaml_error, &p);
	if (root)
		parse_root(&p, root, stem_of(p.schema.file));
}
