/* api_body_test - what the API takes and refuses, with the place and the reason; paths; addresses that guess tokens. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/api_route.h"
#include "admin/guard.h"

static const struct api_field inner[] = {
	{ "a", API_INT, true, 1, 9, .about = "a digit" },
	{ 0 },
};

static const struct api_field fields[] = {
	{ "name", API_NAME, true, 1, 10, .about = "its name" },
	{ "key", API_TEXT, false, 1, 5 },
	{ "who", API_MSISDN },
	{ "n", API_INT, false, -3, 100 },
	{ "price", API_NUMBER, false, 0, 9 },
	{ "yes", API_BOOL },
	{ "at", API_TIME },
	{ "any", API_OBJECT, .max = 20 },
	{ "one", API_OBJECT, .sub = inner },
	{ "list", API_LIST, false, 1, 2, .sub = inner },
	{ "words", API_LIST, false, 0, 2 },
	{ "kind", API_TEXT, false, 1, 10, .choices = "red|green" },
	{ "texts", API_MAP, .max = 3 },
	{ 0 },
};

/* "" when it is right, else code, field */
static const char *check(const char *z)
{
	static char said[200];
	struct api_problem p = { 0 };
	json_t *body = api_body_parse(str_z(z), &p);

	said[0] = '\0';
	if (!body || api_body_check(body, fields, "", &p) < 0) {
		snprintf(said, sizeof(said), "%s %s", p.code, p.field);
		ck_assert_msg(*p.message, "%s", z);
	}
	json_decref(body);
	return said;
}

START_TEST(bodies)
{
	static const struct { const char *body, *said; } cases[] = {
		{ "{\"name\": \"a.b_c-1\"}", "" },
		{ "{\"name\": \"a\", \"key\": null, \"n\": null}", "" },
		{ "{}", "missing_field name" },
		{ "", "no_body " },
		{ "[]", "not_an_object " },
		{ "{\"name\": \"a\"", "not_json " },
		{ "{\"name\": \"a\"} x", "not_json " },
		{ "{\"name\": \"a\", \"name\": \"b\"}", "not_json " },
		{ "{\"name\": \"\xff\"}", "not_utf8 " },
		{ "{\"name\": \"\\u0000\"}", "not_json " },
		{ "{\"name\": \"\\ud800\"}", "not_json " },
		{ "{\"name\": null}", "wrong_value name" },
		{ "{\"name\": \"a b\"}", "wrong_value name" },
		{ "{\"name\": \"\"}", "wrong_value name" },
		{ "{\"name\": \"12345678901\"}", "wrong_value name" },
		{ "{\"nam\": \"a\"}", "unknown_field nam" },
		{ "{\"name\": \"a\", \"key\": \"中文中文中\"}", "" },
		{ "{\"name\": \"a\", \"key\": \"中文中文中文\"}", "wrong_value key" },
		{ "{\"name\": \"a\", \"key\": 5}", "wrong_value key" },
		{ "{\"name\": \"a\", \"who\": \"10086\"}", "wrong_value who" },
		{ "{\"name\": \"a\", \"who\": 13800138000}", "wrong_value who" },
		{ "{\"name\": \"a\", \"n\": -3}", "" },
		{ "{\"name\": \"a\", \"n\": -4}", "wrong_value n" },
		{ "{\"name\": \"a\", \"n\": 101}", "wrong_value n" },
		{ "{\"name\": \"a\", \"n\": 1.5}", "wrong_value n" },
		{ "{\"name\": \"a\", \"price\": 1.5}", "" },
		{ "{\"name\": \"a\", \"price\": 9}", "" },
		{ "{\"name\": \"a\", \"price\": 9.01}", "wrong_value price" },
		{ "{\"name\": \"a\", \"price\": \"1\"}", "wrong_value price" },
		{ "{\"name\": \"a\", \"n\": 99999999999999999999}", "not_json " },
		{ "{\"name\": \"a\", \"yes\": false}", "" },
		{ "{\"name\": \"a\", \"yes\": \"true\"}", "wrong_value yes" },
		{ "{\"name\": \"a\", \"at\": \"2026-11-22T20:00:00+08:00\"}", "" },
		{ "{\"name\": \"a\", \"at\": \"2028-02-29T20:00:00.5Z\"}", "" },
		{ "{\"name\": \"a\", \"at\": \"2026-02-29T20:00:00Z\"}", "wrong_value at" },
		{ "{\"name\": \"a\", \"at\": \"2026-11-22T24:00:00Z\"}", "wrong_value at" },
		{ "{\"name\": \"a\", \"at\": \"2026-11-22T20:00:00\"}", "wrong_value at" },
		{ "{\"name\": \"a\", \"at\": \"2026-11-22\"}", "wrong_value at" },
		{ "{\"name\": \"a\", \"at\": \"2026-11-22T20:00:00+08:0\"}", "wrong_value at" },
		{ "{\"name\": \"a\", \"at\": \"infinity\"}", "wrong_value at" },
		{ "{\"name\": \"a\", \"any\": {\"x\": [1, {}]}}", "" },
		{ "{\"name\": \"a\", \"any\": {\"x\": \"12345678901234567890\"}}", "too_large any" },
		{ "{\"name\": \"a\", \"any\": []}", "wrong_value any" },
		{ "{\"name\": \"a\", \"one\": {\"a\": 1}}", "" },
		{ "{\"name\": \"a\", \"one\": {\"a\": 10}}", "wrong_value one.a" },
		{ "{\"name\": \"a\", \"one\": {}}", "missing_field one.a" },
		{ "{\"name\": \"a\", \"list\": [{\"a\": 1}, {\"a\": 0}]}", "wrong_value list[1].a" },
		{ "{\"name\": \"a\", \"list\": [1]}", "wrong_value list[0]" },
		{ "{\"name\": \"a\", \"list\": []}", "wrong_value list" },
		{ "{\"name\": \"a\", \"words\": [\"x\", \"\"]}", "wrong_value words[1]" },
		{ "{\"name\": \"a\", \"words\": [\"x\", \"y\", \"z\"]}", "wrong_value words" },
		{ "{\"name\": \"a\", \"kind\": \"green\"}", "" },
		{ "{\"name\": \"a\", \"kind\": \"gree\"}", "wrong_value kind" },
		{ "{\"name\": \"a\", \"kind\": \"\"}", "wrong_value kind" },
		{ "{\"name\": \"a\", \"kind\": \"red|green\"}", "wrong_value kind" },
		{ "{\"name\": \"a\", \"texts\": {\"zh\": \"您\", \"en\": \"you\"}}", "" },
		{ "{\"name\": \"a\", \"texts\": {\"zh\": \"\"}}", "wrong_value texts.zh" },
		{ "{\"name\": \"a\", \"texts\": {\"zh\": 1}}", "wrong_value texts.zh" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(strcmp(check(cases[i].body), cases[i].said) == 0, "%s: \"%s\"", cases[i].body, check(cases[i].body));
}
END_TEST

START_TEST(numbers_get_their_one_form)
{
	struct api_problem p;
	json_t *body = api_body_parse(STR("{\"name\": \"a\", \"who\": \"+86 138-0013-8000\"}"), &p);

	ck_assert_int_eq(api_body_check(body, fields, "", &p), 0);
	ck_assert_str_eq(json_string_value(json_object_get(body, "who")), "13800138000");
	json_decref(body);
}
END_TEST

START_TEST(did_you_mean)
{
	struct api_problem p;
	json_t *body = api_body_parse(STR("{\"nmae\": \"a\"}"), &p);

	ck_assert_int_eq(api_body_check(body, fields, "", &p), -1);
	ck_assert_str_eq(p.remedy, "did you mean \"name\"?");
	json_decref(body);
}
END_TEST

/* The outcomes of the items, and how many are bad; "-" and the field when all is refused. */
static const char *bulk(const char *z)
{
	static char said[300];
	struct api_problem p = { 0 };
	json_t *body = api_body_parse(str_z(z), &p), *items = NULL, *item;
	unsigned bad = 0;
	size_t i, n = 0;

	ck_assert_ptr_nonnull(body);
	if (api_body_bulk(body, "items", 3, fields, &items, &bad, &p) < 0) {
		ck_assert_ptr_null(items);
		snprintf(said, sizeof(said), "- %s", p.field);
	} else {
		json_array_foreach(items, i, item) {
			const char *field = json_string_value(json_object_get(json_object_get(item, "error"), "field"));

			n += snprintf(said + n, sizeof(said) - n, "%s ", field ? field : "good");
		}
		snprintf(said + n, sizeof(said) - n, "%u", bad);
	}
	json_decref(items);
	json_decref(body);
	return said;
}

START_TEST(bulks)
{
	ck_assert_str_eq(bulk("{\"name\": \"a\"}"), "good 0");
	ck_assert_str_eq(bulk("{\"name\": 1}"), "- name");
	ck_assert_str_eq(bulk("{\"items\": [{\"name\": \"a\"}, {\"name\": 2}, 3]}"), "good items[1].name items[2] 2");
	ck_assert_str_eq(bulk("{\"items\": [{\"name\": \"a\"}, {}], \"atomic\": true}"), "- items[1].name");
	ck_assert_str_eq(bulk("{\"items\": [{\"name\": \"a\"}, {}], \"atomic\": false}"), "good items[1].name 1");
	ck_assert_str_eq(bulk("{\"items\": []}"), "- items");
	ck_assert_str_eq(bulk("{\"items\": {}}"), "- items");
	ck_assert_str_eq(bulk("{\"items\": [{}, {}, {}, {}]}"), "- items");
	ck_assert_str_eq(bulk("{\"items\": [{\"name\": \"a\"}], \"atomic\": 1}"), "- atomic");
	ck_assert_str_eq(bulk("{\"items\": [{\"name\": \"a\"}], \"x\": 1}"), "- x");
}
END_TEST

START_TEST(query_strings)
{
	struct api_problem p;
	json_t *query = json_pack("{s:s, s:s, s:s}", "name", "a", "n", "100", "yes", "true");

	ck_assert_int_eq(api_body_check_texts(query, fields, &p), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(query, "n")), 100);
	ck_assert(json_is_true(json_object_get(query, "yes")));
	json_object_set_new(query, "n", json_string("1e2"));
	ck_assert_int_eq(api_body_check_texts(query, fields, &p), -1);
	ck_assert_str_eq(p.field, "n");
	json_decref(query);
}
END_TEST

START_TEST(decimals)
{
	static const struct { const char *text; double value; } given[] = {
		{ "0", 0 }, { "0.055", 0.055 }, { "9.0", 9 }, { "9.1", -1 }, { "1.", -1 }, { ".5", -1 }, { "1e0", -1 }, { "-1", -1 },
		{ "1 ", -1 }, { "", -1 }, { "0x1", -1 }, { "nan", -1 }, { "1.2.3", -1 },
	};

	for (unsigned i = 0; i < sizeof(given) / sizeof(*given); i++) {
		struct api_problem p;
		json_t *query = json_pack("{s:s, s:s}", "name", "a", "price", given[i].text);

		ck_assert_msg(api_body_check_texts(query, fields, &p) == (given[i].value < 0 ? -1 : 0), "%s", given[i].text);
		if (given[i].value >= 0)
			ck_assert_double_eq(json_number_value(json_object_get(query, "price")), given[i].value);
		json_decref(query);
	}
}
END_TEST

START_TEST(decoding)
{
	char out[40];

	ck_assert(api_decode(STR("a%2Fb%E4%B8%AD"), out));
	ck_assert_str_eq(out, "a/b中");
	ck_assert(!api_decode(STR("%00"), out));
	ck_assert(!api_decode(STR("%2"), out));
	ck_assert(!api_decode(STR("%"), out));
	ck_assert(!api_decode(STR("%zz"), out));
	ck_assert(!api_decode(STR("%ff"), out));
	ck_assert(api_decode(STR(""), out));
}
END_TEST

START_TEST(paths)
{
	struct str value[2] = { 0 };

	ck_assert(api_path_match("/a/{x}/b/{y}", "/a/1/b/2%2F3", value, 2));
	ck_assert(str_eqz(value[0], "1") && str_eqz(value[1], "2%2F3"));
	ck_assert(!api_path_match("/a/{x}/b/{y}", "/a/1/b/", value, 2));
	ck_assert(!api_path_match("/a/{x}/b/{y}", "/a/1/b/2/", value, 2));
	ck_assert(!api_path_match("/a/{x}/b/{y}", "/a//b/2", value, 2));
	ck_assert(!api_path_match("/a/{x}", "/a", value, 2));
	ck_assert(api_path_match("/a", "/a", value, 2));
	ck_assert(!api_path_match("/a", "/a/", value, 2));
}
END_TEST

/* What stands in the table can be found by its own path, alone, and is described. */
START_TEST(routes)
{
	json_t *description = api_describe(), *paths = json_object_get(description, "paths");
	const struct route *route;
	unsigned n = 0;
	char path[200];

	for (; (route = route_at(n)) != NULL; n++) {
		static const char *const key[API_METHODS] = { "get", "post", "patch" };
		struct str value[ROUTE_VALUES];
		size_t len = 0;

		for (const char *p = route->path; *p; p++) {	/* {name} becomes name */
			if (*p != '{' && *p != '}')
				path[len++] = *p;
		}
		path[len] = '\0';
		ck_assert_msg(route_find(path, route->method, value) == route, "%s", path);
		json_t *operation = json_object_get(json_object_get(paths, route->path), key[route->method]);
		ck_assert_msg(json_is_object(operation), "%s is described", route->path);
		ck_assert(json_is_object(json_object_get(operation, "responses")));
		ck_assert_int_eq(json_is_array(json_object_get(operation, "security")), route->roles != 0);
		ck_assert_int_eq(json_is_object(json_object_get(operation, "requestBody")), route->body != NULL);
	}
	ck_assert_uint_ge(n, 3);
	char *text = json_dumps(description, 0);
	ck_assert_ptr_nonnull(text);
	free(text);
	json_decref(description);
}
END_TEST

START_TEST(roles)
{
	char out[80];

	ck_assert_uint_eq(role_parse(STR("channel,admin")), ROLE_CHANNEL | ROLE_ADMIN);
	ck_assert_uint_eq(role_parse(STR("")), 0);
	ck_assert_uint_eq(role_parse(STR("king,channe,channels,")), 0);
	role_names(ROLE_AUTHOR | ROLE_ADMIN, " or ", out, sizeof(out));
	ck_assert_str_eq(out, "author or admin");
}
END_TEST

START_TEST(guessing)
{
	struct guard *guard = guard_new();
	unsigned char bad[GUARD_HASH] = { 1 }, good[GUARD_HASH] = { 2 };
	uint64_t now = 1000000;

	for (unsigned i = 0; i < 10; i++) {
		ck_assert_uint_eq(guard_wait(guard, "192.0.2.1", bad, now), 0);
		guard_failed(guard, "192.0.2.1", now);
	}
	unsigned wait = guard_wait(guard, "192.0.2.1", bad, now);
	ck_assert_uint_gt(wait, 0);
	ck_assert_uint_eq(guard_wait(guard, "192.0.2.2", bad, now), 0);
	ck_assert_uint_eq(guard_wait(guard, "192.0.2.1", bad, now + wait * 1000), 0);
	guard_passed(guard, good, now);
	ck_assert_uint_eq(guard_wait(guard, "192.0.2.1", good, now), 0);
	for (unsigned i = 0; i < 1000; i++) {	/* many addresses push each other out, never the worst one */
		char from[20];

		snprintf(from, sizeof(from), "198.51.100.%u", i);
		guard_failed(guard, from, now);
	}
	ck_assert_uint_gt(guard_wait(guard, "192.0.2.1", bad, now), 0);
	guard_free(&guard);
	ck_assert_ptr_null(guard);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("api_body");
	Suite *suite = suite_create("api_body");

	tcase_add_test(tc, bodies);
	tcase_add_test(tc, numbers_get_their_one_form);
	tcase_add_test(tc, did_you_mean);
	tcase_add_test(tc, bulks);
	tcase_add_test(tc, query_strings);
	tcase_add_test(tc, decimals);
	tcase_add_test(tc, decoding);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, routes);
	tcase_add_test(tc, roles);
	tcase_add_test(tc, guessing);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
