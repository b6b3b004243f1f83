/* Tests of base/yaml. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/yaml.h"

static struct arena *arena;
static struct buf errors;	/* "line:column text\n" each */

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(&arena);
	buf_free(&errors);
}

static void note(void *arg, unsigned line, unsigned column, const char *text)
{
	(void)arg;
	buf_printf(&errors, "%u:%u %s\n", line, column, text);
}

static struct yaml_node *parse(const char *text)
{
	errors.len = 0;
	return yaml_parse(arena, str_z(text), note, NULL);
}

START_TEST(tree)
{
	const struct yaml_node *root = parse("# head\n"
					     "table: services\n"
					     "ports: [\"10086\", 0000]\n"
					     "commands:\n"
					     "  on:\n"
					     "    say: ['开通', no]\n"
					     "    none:\n");
	const struct yaml_node *ports, *on, *say;

	ck_assert_ptr_nonnull(root);
	ck_assert_str_eq(buf_cstr(&errors), "");
	ck_assert_int_eq(root->kind, YAML_MAPPING);
	ck_assert_uint_eq(root->n, 3);
	ck_assert_str_eq(yaml_get(root, "table")->value.ptr, "services");
	ck_assert(yaml_get(root, "table")->plain);
	ports = yaml_get(root, "ports");
	ck_assert_int_eq(ports->kind, YAML_SEQUENCE);
	ck_assert_uint_eq(ports->line, 3);
	ck_assert_uint_eq(ports->column, 8);
	ck_assert_uint_eq(ports->key_column, 1);
	ck_assert_str_eq(ports->child->value.ptr, "10086");
	ck_assert(!ports->child->plain);
	/* scalars stay text: neither a number nor a truth value */
	ck_assert_str_eq(ports->child->next->value.ptr, "0000");
	on = yaml_get(yaml_get(root, "commands"), "on");
	ck_assert_uint_eq(on->key_line, 5);
	ck_assert_uint_eq(on->key_column, 3);
	say = yaml_get(on, "say");
	ck_assert_str_eq(say->child->next->value.ptr, "no");
	/* columns count characters, not bytes */
	ck_assert_uint_eq(say->child->next->column, 17);
	ck_assert_uint_eq(yaml_get(on, "none")->value.len, 0);
	ck_assert(yaml_get(on, "none")->plain);
	ck_assert_ptr_null(yaml_get(on, "absent"));
	ck_assert_ptr_null(yaml_get(ports, "say"));
	ck_assert_ptr_null(yaml_get(NULL, "say"));
}
END_TEST

START_TEST(content_may_go)
{
	char *text = mem_dup(STR("a: [x, \"y z\"]"));
	const struct yaml_node *root = parse(text);

	memset(text, '#', strlen(text));
	free(text);
	ck_assert_str_eq(root->child->child->next->value.ptr, "y z");
	ck_assert(str_eqz(root->child->child->next->raw, "\"y z\""));
}
END_TEST

START_TEST(nothing_is_an_empty_mapping)
{
	static const char *const empty[] = { "", "# only a comment\n", "\xef\xbb\xbf", "\n\n" };

	for (unsigned i = 0; i < 4; i++) {
		const struct yaml_node *root = parse(empty[i]);

		ck_assert_ptr_nonnull(root);
		ck_assert_int_eq(root->kind, YAML_MAPPING);
		ck_assert_uint_eq(root->n, 0);
		ck_assert_uint_eq(errors.len, 0);
	}
}
END_TEST

/* What is refused, where, and whether a tree comes back for further checks. */
static const struct { const char *text, *error; bool tree; } refused[] = {
	{ "a: 1\nb: 2\na: 3\n", "3:1 key 'a' stands here a second time, first in line 1 (keep one)\n", true },
	{ "a: &x 1\nb: *x\n",
	  "1:4 anchors (&name) are not supported (write the text out)\n"
	  "2:4 aliases (*name) are not supported (write the text out)\n", true },
	{ "a: !!str 1\n", "1:4 tags (!name) are not supported (remove it)\n", true },
	{ "a: !x {b: 1}\n", "1:4 tags (!name) are not supported (remove it)\n", true },
	{ "%YAML 1.1\n---\na: 1\n", "1:1 directives (%) are not supported (remove it)\n", true },
	{ "a: 1\n---\nb: 2\n", "2:1 only one document may stand in a file (remove the line ---)\n", true },
	{ "[a, b]: 1\n", "1:1 a key must be a plain word (quote it if it begins with [ or {)\n", true },
	{ "a: \"x\\0y\"\n", "1:4 a text cannot hold a NUL character (remove \\0)\n", true },
	{ "a: [1, 2\nb: 3\n", "(close the bracket, or put a comma between)", false },
	{ "a: 1\n  b: 2\n", "not valid YAML", false },
	{ "a: 'open\n", "(close the quote)", false },
	{ "a: b: c\n", "1:5 not valid YAML: mapping values are not allowed in this context (quote a text with a colon", false },
	{ "\tb: 2\n", "(indent with blanks", false },
	{ "a:\n\tb: 2\n", "(indent with blanks", false },
	{ "a: 1\nb: \x80\n", "2:4 not valid YAML: invalid leading UTF-8 octet (save the file as UTF-8)", false },
	{ "a: \x07\n", "1:4 not valid YAML: control characters are not allowed (remove the character)", false },
	{ "a: 1\nb\xef\xbc\x9a 2\nc: 3\n", "(write KEY: VALUE, with an ASCII colon and a blank)", false },
	{ "a: \"b\" c\n", "(indent as the lines around it; after a quoted text nothing may follow)", false },
	{ "a: {b: 1\n", "(close the brace", false },
};

START_TEST(refuses)
{
	const struct yaml_node *root = parse(refused[_i].text);

	ck_assert_msg(!!root == refused[_i].tree, "%s", refused[_i].text);
	ck_assert_msg(strstr(buf_cstr(&errors), refused[_i].error) != NULL, "got %s", errors.ptr);
	if (refused[_i].tree)
		ck_assert_str_eq(errors.ptr, refused[_i].error);
	ck_assert(!!yaml_parse(arena, str_z(refused[_i].text), NULL, NULL) == refused[_i].tree);
}
END_TEST

START_TEST(bounds)
{
	struct buf deep = { 0 };
	char *large = malloc(YAML_SIZE_MAX + 2);

	for (unsigned i = 0; i < YAML_DEPTH_MAX + 1; i++)
		buf_char(&deep, '[');
	for (unsigned i = 0; i < YAML_DEPTH_MAX + 1; i++)
		buf_char(&deep, ']');
	ck_assert_ptr_null(parse(buf_cstr(&deep)));
	ck_assert_str_eq(buf_cstr(&errors), "1:33 nested too deeply (at most 32 levels)\n");
	deep.len = 0;
	for (unsigned i = 0; i < YAML_DEPTH_MAX - 1; i++)
		buf_char(&deep, '[');
	for (unsigned i = 0; i < YAML_DEPTH_MAX - 1; i++)
		buf_char(&deep, ']');
	ck_assert_ptr_nonnull(parse(buf_cstr(&deep)));
	buf_free(&deep);
	memset(large, '#', YAML_SIZE_MAX + 1);
	large[YAML_SIZE_MAX + 1] = '\0';
	ck_assert_ptr_null(parse(large));
	ck_assert_str_eq(buf_cstr(&errors), "1:1 the file is larger than 16 MiB (split it)\n");
	free(large);
}
END_TEST

/* The place of the first '#' in the value, wherever the style of the scalar puts it. */
static const struct { const char *text; unsigned line, column; } places[] = {
	{ "a: x#y", 1, 5 },
	{ "a: 余额#", 1, 6 },
	{ "a: 'it''s #'", 1, 11 },
	{ "a: \"x\\n余#\"", 1, 9 },
	{ "a: {b: \"\\\"#\"}", 1, 11 },
	{ "a: |\n  one\n  tw#o\n", 3, 5 },
	{ "a: |\n\n    one\n     #\n", 4, 6 },
	{ "a: >\n  one\n  #\n", 1, 4 },		/* only where it begins */
	{ "a: \"one\n  #\"", 1, 4 },
};

START_TEST(where)
{
	const struct yaml_node *value = parse(places[_i].text)->child;
	unsigned line, column;

	if (value->kind == YAML_MAPPING)
		value = value->child;
	yaml_where(value, strchr(value->value.ptr, '#') - value->value.ptr, &line, &column);
	ck_assert_uint_eq(line, places[_i].line);
	ck_assert_uint_eq(column, places[_i].column);
	yaml_where(value, value->value.len + 100, &line, &column);
	ck_assert_uint_eq(line, value->line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("yaml");
	TCase *tc = tcase_create("yaml");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, tree);
	tcase_add_test(tc, content_may_go);
	tcase_add_test(tc, nothing_is_an_empty_mapping);
	tcase_add_loop_test(tc, refuses, 0, sizeof(refused) / sizeof(*refused));
	tcase_add_test(tc, bounds);
	tcase_add_loop_test(tc, where, 0, sizeof(places) / sizeof(*places));
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
