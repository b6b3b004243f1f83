/* schema - see schema.h. */
#include "table/schema.h"

#include <stdio.h>

#include "base/mem.h"

struct place schema_place(const struct schema *schema, const struct yaml_node *node)
{
	return (struct place){ schema->file, node->line, node->column };
}

struct place schema_key_place(const struct schema *schema, const struct yaml_node *node)
{
	if (!node->key.ptr)
		return schema_place(schema, node);
	return (struct place){ schema->file, node->key_line, node->key_column };
}

struct place schema_place_at(const struct schema *schema, const struct yaml_node *node,
			     size_t offset)
{
	struct place place = { .file = schema->file };

	yaml_where(node, offset, &place.line, &place.column);
	return place;
}

void schema_error(const struct schema *schema, const struct yaml_node *node,
		  const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	problem_add(schema->problems, PROBLEM_ERROR, schema_place(schema, node), "%s", text);
}

/* Two letters swapped are the commonest slip, and two edits. */
static bool same_letters(struct str a, struct str b)
{
	int count[256] = { 0 };

	for (size_t i = 0; i < a.len; i++)
		count[(unsigned char)a.ptr[i]]++;
	for (size_t i = 0; i < b.len; i++)
		count[(unsigned char)b.ptr[i]]--;
	for (unsigned c = 0; c < 256; c++)
		if (count[c])
			return false;
	return true;
}

const char *schema_near(struct str name, const char *const *names, unsigned n)
{
	const char *best = NULL;
	unsigned least = name.len < 3 ? 2 : 3;

	for (unsigned i = 0; i < n; i++) {
		unsigned distance = str_distance(name, str_z(names[i]), least);

		if (distance == 2 && same_letters(name, str_z(names[i])))
			distance = 1;
		if (distance < least) {
			least = distance;
			best = names[i];
		}
	}
	return best;
}

const char *schema_hint(struct arena *arena, const char *near, const char *remedy)
{
	return near ? arena_printf(arena, " (did you mean '%s'?)", near).ptr :
		      arena_printf(arena, " (%s)", remedy).ptr;
}

static const struct field *field_of(const struct field *fields, struct str key)
{
	for (; fields->key; fields++)
		if (str_eqz(key, fields->key))
			return fields;
	return NULL;
}

static void unknown_key(const struct schema *schema, const struct yaml_node *node,
			const struct field *fields, const char *what)
{
	const char *names[64], *list = "";
	unsigned n = 0;

	for (; fields->key && n < 64; fields++)
		if (fields->type != FIELD_LATER)
			names[n++] = fields->key;
	for (unsigned i = 0; i < n; i++)
		list = arena_printf(schema->arena, "%s%s%s", list, i ? ", " : "", names[i]).ptr;
	problem_add(schema->problems, PROBLEM_ERROR, schema_key_place(schema, node),
		    "unknown key '%s'%s", node->key.ptr,
		    schema_hint(schema->arena, schema_near(node->key, names, n),
				arena_printf(schema->arena, "%s has: %s", what, list).ptr));
}

static bool type_fits(enum field_type type, const struct yaml_node *node)
{
	static const enum yaml_kind kind[] = {
		[FIELD_TEXT] = YAML_SCALAR, [FIELD_LIST] = YAML_SEQUENCE,
		[FIELD_MAPPING] = YAML_MAPPING,
	};

	return type == FIELD_ANY || node->kind == kind[type];
}

static const char *type_name(enum field_type type)
{
	static const char *const name[] = {
		[FIELD_TEXT] = "a text", [FIELD_LIST] = "a list [ , ]",
		[FIELD_MAPPING] = "a mapping {name: value}",
	};

	return name[type];
}

static bool is_empty(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR ? !node->value.len : !node->n;
}

static void check_child(const struct schema *schema, const struct yaml_node *child,
			const struct field *fields, const char *what)
{
	const struct field *field = field_of(fields, child->key);

	if (!field)
		unknown_key(schema, child, fields, what);
	else if (field->type == FIELD_LATER)
		problem_add(schema->problems, PROBLEM_ERROR, schema_key_place(schema, child),
			    "'%s' is not available in this version (remove it)", field->key);
	else if (field->required && is_empty(child))
		schema_error(schema, child, "'%s' is empty, %s must give it", field->key, what);
	else if (!type_fits(field->type, child) && !(child->plain && !child->value.len))
		schema_error(schema, child, "'%s' must be %s, not %s", field->key,
			     type_name(field->type), yaml_kind_name(child->kind));
}

void schema_check(const struct schema *schema, const struct yaml_node *node,
		  const struct field *fields, const char *what)
{
	if (node->kind != YAML_MAPPING) {
		schema_error(schema, node, "%s must be a mapping {name: value}, not %s", what,
			     yaml_kind_name(node->kind));
		return;
	}
	for (const struct yaml_node *child = node->child; child; child = child->next)
		check_child(schema, child, fields, what);
	for (; fields->key; fields++)
		if (fields->required && !yaml_get(node, fields->key))
			problem_add(schema->problems, PROBLEM_ERROR, schema_key_place(schema, node),
				    "%s lacks '%s' (add it)", what, fields->key);
}

const struct yaml_node *schema_get(const struct yaml_node *node, const char *key,
				   enum yaml_kind kind)
{
	const struct yaml_node *child = yaml_get(node, key);

	return child && child->kind == kind ? child : NULL;
}

const char *schema_text(const struct yaml_node *node, const char *key)
{
	const struct yaml_node *child = schema_get(node, key, YAML_SCALAR);

	return child && child->value.len ? child->value.ptr : NULL;
}

unsigned schema_number(const struct schema *schema, const struct yaml_node *node, unsigned low,
		       unsigned high, unsigned fallback)
{
	unsigned long n = 0;

	if (node->kind == YAML_SCALAR && str_digits(node->value) && node->value.len <= 9) {
		for (size_t i = 0; i < node->value.len; i++)
			n = n * 10 + (node->value.ptr[i] - '0');
		if (n >= low && n <= high)
			return n;
	}
	schema_error(schema, node, "'%s' must be a whole number from %u to %u", node->key.ptr, low,
		     high);
	return fallback;
}

int schema_enum(const struct schema *schema, const struct yaml_node *node, const char *what,
		const char *const *names, unsigned n)
{
	const char *list = "";

	for (unsigned i = 0; i < n; i++)
		if (str_eqz(node->value, names[i]))
			return (int)i;
	for (unsigned i = 0; i < n; i++)
		list = arena_printf(schema->arena, "%s%s%s", list, i ? ", " : "", names[i]).ptr;
	const char *near = schema_near(node->value, names, n);
	schema_error(schema, node, "unknown %s '%s'%s%s%s (allowed: %s)", what, node->value.ptr,
		     near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "", list);
	return -1;
}

bool schema_name(const struct schema *schema, const struct yaml_node *node, const char *what)
{
	struct str name = node->key;
	bool ok = name.len >= 1 && name.len <= 63 && *name.ptr >= 'a' && *name.ptr <= 'z';

	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		ok = ok && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
	}
	if (!ok)
		problem_add(schema->problems, PROBLEM_ERROR, schema_key_place(schema, node),
			    "'%s' is no name for %s (small letters, digits and _, a letter first,"
			    " at most 63)", name.ptr, what);
	return ok;
}

void schema_text2(const struct schema *schema, const struct yaml_node *node, struct text2 *out)
{
	static const struct field fields[] = {
		{ "zh", FIELD_TEXT, true }, { "en", FIELD_TEXT, true }, { NULL },
	};

	schema_check(schema, node, fields, arena_printf(schema->arena, "'%s'", node->key.ptr).ptr);
	for (int lang = 0; lang < LANGS; lang++) {
		const struct yaml_node *text = schema_get(node, lang_name(lang), YAML_SCALAR);

		if (!text || !text->value.len)
			continue;
		out->source[lang] = text->value;
		out->place[lang] = schema_place(schema, text);
	}
}
