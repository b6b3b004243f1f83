/* Tests of table/tables: what is said of broken tables, and what good ones become. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table/kind.h"
#include "table/match.h"
#include "table/problems.h"
#include "table/sql_params.h"
#include "table/tables.h"
#include "table/tables_dir.h"
#include "text/fold.h"
#include "text/template_names.h"

static struct arena *arena;
static struct problems problems;
static struct tables *tables;

static void load(void)
{
	struct err err;

	ck_assert_msg(fold_init(&err) == 0, "%s", err.text);
}

static void set_up(void)
{
	arena = arena_new();
	problems = (struct problems){ .arena = arena };
}

static void tear_down(void)
{
	tables_unref(&tables);
	ck_assert_ptr_null(tables);
	arena_free(&arena);
}

static const char *printed(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	problems_print(out, &problems);
	fclose(out);
	const char *copy = arena_z(arena, str_n(text, size));
	free(text);
	return copy;
}

#define ANSWERS "answers:\n  unknown: {zh: 问, en: ask}\n  error: {zh: 错, en: sorry}\n"
#define HEAD "table: x\nports: [\"10086\"]\ncommands:\n"
#define REST									\
	"    risk: query\n    sql: SELECT f(:msisdn)\n    reply: {ok: {zh: 好, en: ok}}\n"	\
	"    examples: [{text: YE}]\n"
#define TAIL "    about: y\n" REST ANSWERS

static void parse(const char *text)
{
	struct source source = { "x.yaml", str_z(text) };

	tables_unref(&tables);
	problems = (struct problems){ .arena = arena };
	tables = tables_parse(&source, 1, &problems);
}

/* One file with all that authors do wrong at once: every mistake is told, at its place. */
static const char broken[] =
	"tabel: services\n"						/* 1 */
	"scope: {province: JS}\n"					/* 2 */
	"ports: [\"10086\", 100a, \"10086\"]\n"				/* 3 */
	"reminders: {}\n"						/* 4 */
	"commands:\n"							/* 5 */
	"  service_on:\n"						/* 6 */
	"    about: Turn a service on\n"				/* 7 */
	"    say: [\"KT {coed}\", \"[开通\", \"KT\", 开通]\n"		/* 8 */
	"    match: ['(?<other>a)', '(a+)+b', '(x']\n"			/* 9 */
	"    args:\n"							/* 10 */
	"      code: {is: service, patern: x}\n"			/* 11 */
	"      when: {is: mounth, secret: maybe}\n"			/* 12 */
	"      msisdn: {is: msisdn}\n"					/* 13 */
	"    risk: chrage\n"						/* 14 */
	"    sql: SELECT outcome FROM hall_api.on(:msisdm, ':x', :code)\n"	/* 15 */
	"    replay: {}\n"						/* 16 */
	"    confrim: {sql: x}\n"					/* 17 */
	"    limits: {timeout: 1h, rows: 0, per_subscriber: 3}\n"	/* 18 */
	"    tip: serivces\n"						/* 19 */
	"    usage: {zh: \"发{{code}}\"}\n"				/* 20 */
	"  service_off:\n"						/* 21 */
	"    about: ''\n"						/* 22 */
	"    say: [KT]\n"						/* 23 */
	"    risk: change\n"						/* 24 */
	"    sql: DELETE FROM bss.subscription\n"			/* 25 */
	"    reply:\n"							/* 26 */
	"      ok: {zh: \"{{name|yaun}}好{{#x}}\", en: ok}\n"		/* 27 */
	"      bad: {zh: 坏}\n"						/* 28 */
	"    examples:\n"						/* 29 */
	"      - {text: QX, expect: okk}\n"				/* 30 */
	"      - {text: KT, from: \"12345\", to: \"95555\"}\n"		/* 31 */
	"  Bad_Name: x\n"						/* 32 */
	"tips:\n"							/* 33 */
	"  app: {for: [services], text: {zh: 用, en: \"{{name}}\"}, cap: often, control: 200%}\n"
	"answers:\n"							/* 35 */
	"  unknown: {zh: \"{{coed}}\", en: ask}\n"			/* 36 */
	"  unknwon: {zh: 错, en: sorry}\n"				/* 37 */
	"courtesy: {befor: [请]}\n";					/* 38 */

static const char golden[] =
	"services.yaml:1:1: error: a table lacks 'table' (add it)\n"
	"services.yaml:1:1: error: no file has the answer 'error' (add it to answers)\n"
	"services.yaml:1:1: error: unknown key 'tabel' (did you mean 'table'?)\n"
	"services.yaml:2:19: error: 'JS' is no province (small letters, as js)\n"
	"services.yaml:3:18: error: '100a' is no port (a short code of 1 to 20 digits, quoted)\n"
	"services.yaml:3:24: error: port '10086' stands here twice\n"
	"services.yaml:6:3: error: a command lacks 'examples' (add it)\n"
	"services.yaml:6:3: error: a command lacks 'reply' (add it)\n"
	"services.yaml:8:16: error: unknown argument 'coed' (did you mean 'code'?)\n"
	"services.yaml:8:24: error: '[' is not closed (add ']')\n"
	"services.yaml:9:13: error: the group 'other' is no argument (add it to args, or write (?:…))\n"
	"services.yaml:9:29: error: the pattern can backtrack without end: a repeated part can take the"
	" same text in many ways (write the inner repetition possessive, as [0-9]++, or bounded, as"
	" {1,9}, and make alternatives differ)\n"
	"services.yaml:9:41: error: PCRE2 refuses the pattern: missing closing parenthesis at offset 2\n"
	"services.yaml:11:27: error: unknown key 'patern' (did you mean 'pattern'?)\n"
	"services.yaml:12:7: error: the argument 'when' is bound nowhere (write :when in the SQL, or"
	" remove it)\n"
	"services.yaml:12:18: error: unknown kind 'mounth' (did you mean 'month'?)\n"
	"services.yaml:12:34: error: unknown value 'maybe' (allowed: false, true)\n"
	"services.yaml:13:7: error: the argument 'msisdn' is bound nowhere (write :msisdn in the SQL,"
	" or remove it)\n"
	"services.yaml:13:7: error: the name 'msisdn' has a meaning already (choose another)\n"
	"services.yaml:14:11: error: unknown risk 'chrage', did you mean 'charge'? (allowed: query,"
	" change, charge, money, identity)\n"
	"services.yaml:15:42: error: unknown parameter ':msisdm' (did you mean 'msisdn'?)\n"
	"services.yaml:16:5: error: unknown key 'replay' (did you mean 'reply'?)\n"
	"services.yaml:17:5: error: unknown key 'confrim' (did you mean 'confirm'?)\n"
	"services.yaml:18:23: error: 'timeout' must be from 1ms to 30s, as 2s or 500ms\n"
	"services.yaml:18:33: error: 'rows' must be a whole number from 1 to 1000\n"
	"services.yaml:18:52: error: 'per_subscriber' must be as 20/hour (1 to 1000 a minute, hour or day)\n"
	"services.yaml:19:10: warning: no tip is for the group 'serivces'\n"
	"services.yaml:20:5: error: 'usage' lacks 'en' (add it)\n"
	"services.yaml:20:21: error: unknown name \"code\": use one of msisdn, now, port\n"
	"services.yaml:22:12: error: 'about' is empty, a command must give it\n"
	"services.yaml:23:11: error: wording 'KT' is claimed by services.service_on too, as 'KT' in"
	" services.yaml:8:31 (remove one of them, or make one longer)\n"
	"services.yaml:25:10: error: the SQL must be one SELECT (call a function for anything else)\n"
	"services.yaml:27:24: error: unknown filter \"yaun\": did you mean \"yuan\"?\n"
	"services.yaml:27:34: error: {{#x}} is not closed: write {{/x}}\n"
	"services.yaml:28:7: error: 'bad' lacks 'en' (add it)\n"
	"services.yaml:30:16: error: the example 'QX' is not understood by any command\n"
	"services.yaml:30:28: error: 'okk' is no outcome with a reply (did you mean 'ok'?)\n"
	"services.yaml:31:16: error: the example 'KT' reaches services.service_on instead, by 'KT'\n"
	"services.yaml:31:26: error: 'from' must be a subscriber's number, as \"13800138000\"\n"
	"services.yaml:31:39: error: 'to' must be a port of this table, or one that extends it\n"
	"services.yaml:32:3: error: 'Bad_Name' is no name for a command (small letters, digits and _, a"
	" letter first, at most 63)\n"
	"services.yaml:32:13: error: a command must be a mapping {name: value}, not a text\n"
	"services.yaml:34:3: warning: no command has a group of the tip 'app': it is never shown\n"
	"services.yaml:34:47: error: unknown name \"name\": use one of msisdn, now, port\n"
	"services.yaml:34:62: error: 'cap' must read as: 1 per 7 days\n"
	"services.yaml:34:78: error: 'control' must be a share from 0% to 100%, as 10%\n"
	"services.yaml:36:20: error: unknown name \"coed\": did you mean \"code\"?\n"
	"services.yaml:37:3: error: the engine has no answer 'unknwon' (did you mean 'unknown'?)\n"
	"services.yaml:38:12: error: unknown key 'befor' (did you mean 'before'?)\n";

static const char *line_of(struct str *text)
{
	const char *nl = memchr(text->ptr, '\n', text->len);
	struct str line = { text->ptr, nl ? (size_t)(nl - text->ptr) : text->len };

	str_skip(text, line.len + (nl != NULL));
	return arena_z(arena, line);
}

START_TEST(every_mistake_at_once)
{
	struct source source = { "services.yaml", str_z(broken) };

	tables = tables_parse(&source, 1, &problems);
	struct str got = str_z(printed()), want = str_z(golden);
	while (got.len && want.len) {	/* line by line: libcheck bounds a message's length */
		const char *line = line_of(&got);

		ck_assert_str_eq(line, line_of(&want));
	}
	ck_assert_uint_eq(got.len, want.len);
	ck_assert_uint_ge(problems.errors, 40);
	ck_assert_uint_eq(problems.n, problems.errors + 2);
}
END_TEST

/* Single mistakes; file is x.yaml.  An empty string: nothing is wrong. */
static const struct { const char *text, *told; } cases[] = {
	{ HEAD "  a:\n    say: [YE]\n" TAIL, "" },
	{ "table: y\n" ANSWERS, "1:8: error: table 'y' must be named as its file, 'x'" },
	{ "- a\n", "1:1: error: a table must be a mapping {name: value}, not a list" },
	{ "table: x\nports: 10086\n" ANSWERS, "2:8: error: 'ports' must be a list [ , ], not a text" },
	{ "table: x\nports: [[1]]\n" ANSWERS,
	  "2:9: error: 'ports' must be a list of texts, this is a list" },
	{ "table: x\nscope: all\n" ANSWERS, "2:8: error: 'scope' must be group or {province: xx}" },
	{ "table: x\ncommands:\n  a:\n    say: [YE]\n" TAIL,
	  "2:1: error: commands need 'ports' (add the short codes they answer, as ports: [\"10086\"])" },
	{ "table: x\ncommands: []\n" ANSWERS,
	  "2:11: error: 'commands' must be a mapping {name: value}, not a list" },
	{ "table: x\nabout: [a\n", "3:1: error: not valid YAML: did not find expected ',' or ']'" },
	{ HEAD "  a:\n" TAIL, "4:3: error: a command needs wordings (add say, or match)" },
	{ HEAD "  a:\n    say: [YE, '']\n" TAIL, "5:15: error: 'say' must be a list of texts, this is empty" },
	{ HEAD "  a:\n    say: [YE]\n  a:\n    say: [YE]\n" TAIL, "key 'a' stands here a second time" },
	/* patterns: the place within the text that PCRE2 tells */
	{ HEAD "  a:\n    say: [YE]\n    match: [\"ab[z-a]\"]\n" TAIL,
	  "6:19: error: PCRE2 refuses the pattern: range out of order in character class at offset 5" },
	/* examples */
	{ HEAD "  a:\n    say: [YE]\n" TAIL "", "" },
	{ HEAD "  a:\n    say: [HF]\n" TAIL, "error: the example 'YE' is not understood by any command" },
	{ HEAD "  a:\n    say: [HF]\n" TAIL, "x.yaml:10:23" },
	{ HEAD "  a:\n    say: [HF]\n" TAIL "courtesy: {before: [YE]}\n", "is not understood" },
	{ HEAD "  a:\n    say: [YE, X]\n    about: y\n" REST "  b:\n    say: [HF]\n" TAIL,
	  "error: the example 'YE' reaches x.a instead, by 'YE'" },
	{ HEAD "  a:\n    say: ['YE {n}']\n    args: {n: {is: number}}\n    about: y\n    risk: query\n"
	  "    usage: {zh: 用, en: use}\n    sql: SELECT f(:n)\n    reply: {ok: {zh: 好, en: ok}}\n"
	  "    examples: [{text: YE}]\n" ANSWERS,
	  "error: the example 'YE' reaches only the usage text of x.a, by 'YE {n}'" },
	/* arguments */
	{ HEAD "  a:\n    say: [YE]\n    args: {n: {is: number}}\n" TAIL,
	  "6:12: error: no wording or pattern names the argument 'n' (write {n} in say, or remove it)" },
	{ HEAD "  a:\n    say: ['YE[{n}]']\n    args: {n: {is: number}}\n" TAIL,
	  "6:12: error: the argument 'n' is bound nowhere (write :n in the SQL, or remove it)" },
	{ HEAD "  a:\n    say: ['YE[{n}]']\n    args: {n: {is: word, pattern: '['}}\n" TAIL,
	  "6:37: error: PCRE2 refuses the pattern: missing terminating ] for character class at offset 1" },
	{ HEAD "  a:\n    say: [YE]\n    args: {now: {is: number}}\n" TAIL,
	  "6:12: error: the name 'now' has a meaning already (choose another)" },
	{ HEAD "  a:\n    say: [YE]\n    args: {n: number}\n" TAIL,
	  "6:15: error: an argument must be a mapping {name: value}, not a text" },
	{ HEAD "  a:\n    say: [YE]\n    args: {n: {is: 'Big One'}}\n" TAIL,
	  "'Big One' is no kind (msisdn, month, money, digits, number, items, password, new_password, word, text, or a kind of the"
	  " vocabulary: small letters and _)" },
	/* SQL */
	{ HEAD "  a:\n    say: [YE]\n    about: y\n    risk: query\n    sql: |\n      SELECT f(:msisdn,\n"
	  "        :mo_di)\n    reply: {ok: {zh: 好, en: ok}}\n    examples: [{text: YE}]\n" ANSWERS,
	  "10:9: error: unknown parameter ':mo_di' (did you mean 'mo_id'?)" },
	{ HEAD "  a:\n    say: [YE]\n    about: y\n    risk: query\n    sql: SELECT 1; SELECT 2\n"
	  "    reply: {ok: {zh: 好, en: ok}}\n    examples: [{text: YE}]\n" ANSWERS,
	  "8:18: error: one SELECT is wanted, not several statements (remove what follows)" },
	/* claims: the longest prefix of the port, the same province, overlapping arguments */
	{ HEAD "  a:\n    say: [查余额, YE]\n    about: y\n" REST "  b:\n    say: [查 餘額, YE2]\n" TAIL,
	  "error: wording '查 餘額' is claimed by x.a too, as '查余额' in x.yaml:5:11" },
	{ HEAD "  a:\n    say: [YE, 'KT {n}']\n    args: {n: {is: service}}\n    about: y\n    risk: query\n"
	  "    sql: SELECT f(:n)\n    reply: {ok: {zh: 好, en: ok}}\n    examples: [{text: YE}]\n"
	  "  b:\n    say: [YE2, 'KT {m}']\n    args: {m: {is: word}}\n    about: y\n    risk: query\n"
	  "    sql: SELECT f(:m)\n    reply: {ok: {zh: 好, en: ok}}\n    examples: [{text: YE2}]\n" ANSWERS,
	  "13:16: error: wording 'KT {m}' is claimed by x.a too, as 'KT {n}' in x.yaml:5:15" },
	{ HEAD "  a:\n    say: [YE, 'KT {n}']\n    args: {n: {is: number}}\n    about: y\n    risk: query\n"
	  "    sql: SELECT f(:n)\n    reply: {ok: {zh: 好, en: ok}}\n    examples: [{text: YE}]\n"
	  "  b:\n    say: [YE2, 'KT {m}']\n    args: {m: {is: msisdn}}\n    about: y\n    risk: query\n"
	  "    sql: SELECT f(:m)\n    reply: {ok: {zh: 好, en: ok}}\n    examples: [{text: YE2}]\n" ANSWERS,
	  "" },		/* a subscriber's number is no number from 1 to 9 digits */
	{ HEAD "  a:\n    say: [YE, 'KT {n!}']\n    args: {n: {is: service}}\n    about: y\n    risk: query\n"
	  "    sql: SELECT f(:n)\n    reply: {ok: {zh: 好, en: ok}}\n    examples: [{text: YE}]\n"
	  "  b:\n    say: [YE2, 'KT {m!}']\n    args: {m: {is: event}}\n    about: y\n    risk: query\n"
	  "    sql: SELECT f(:m)\n    reply: {ok: {zh: 好, en: ok}}\n    examples: [{text: YE2}]\n" ANSWERS,
	  "" },
	/* tips, answers, courtesies */
	{ "table: x\n", "1:1: error: no file has the answer 'unknown' (add it to answers)" },
	{ "table: x\ntips:\n  t: {for: [a], text: {zh: a, en: a}, cap: 2 per 30 days, weight: 0}\n" ANSWERS,
	  "3:67: error: 'weight' must be a whole number from 1 to 1000" },
	{ "table: x\ntips:\n  t: {for: [a], text: {zh: a, en: a}, cap: 1 per week}\n" ANSWERS,
	  "error: 'cap' must read as: 1 per 7 days" },
	{ "table: x\ncourtesy: {after: 谢谢}\n" ANSWERS, "2:19: error: 'after' must be a list [ , ], not a text" },
	/* defaults need nothing */
	{ "table: x\nabout:\n" ANSWERS, "" },
};

START_TEST(mistakes)
{
	const char *told;

	parse(cases[_i].text);
	told = printed();
	if (!*cases[_i].told)
		ck_assert_str_eq(told, "");
	ck_assert_msg(strstr(told, cases[_i].told) != NULL, "%s\ntold: %s", cases[_i].text, told);
	ck_assert_int_eq(problems.errors > 0, *cases[_i].told != '\0');
}
END_TEST

START_TEST(long_replies)
{
	struct buf text = { 0 };

	for (unsigned segments = 4; segments <= 9; segments++) {
		text.len = 0;
		buf_z(&text, HEAD "  a:\n    say: [YE]\n    about: y\n    risk: query\n    sql: SELECT 1\n"
		      "    reply:\n      ok:\n        en: ok\n        zh: {{name}}");
		text.len -= strlen("{{name}}");
		buf_z(&text, "\"{{name}}");
		for (unsigned i = 0; i < segments * 67; i++)
			buf_z(&text, "余");
		buf_z(&text, "\"\n    examples: [{text: YE}]\n" ANSWERS);
		parse(buf_cstr(&text));
		ck_assert_uint_eq(problems.n, segments > 4);
		ck_assert_uint_eq(problems.errors, segments > 8);
		if (problems.n)
			ck_assert_uint_eq(problems.list[0].place.line, 12);
	}
	ck_assert_msg(strstr(printed(), "x.yaml:12:13: error: too long: without any value it has 9 segments"),
		      "%s", printed());
	buf_free(&text);
}
END_TEST

START_TEST(several_files)
{
	const struct source source[] = {
		{ "a.yaml", STR("table: a\nports: [\"10086\"]\ncommands:\n  c:\n    say: [YE]\n    about: y\n"
				REST ANSWERS "courtesy: {before: [请]}\n") },
		{ "b.yaml", STR("table: b\nports: [\"10010\", \"10086\"]\ncommands:\n  c:\n    say: [YE]\n"
				"    about: y\n" REST "answers: {error: {zh: 错, en: no}}\n"
				"courtesy: {after: [吧]}\n") },
		{ "sub/a.yaml", STR("table: a\n") },
		{ "c.yaml", STR("table: c\nscope: {province: js}\nports: [\"10086\"]\ncommands:\n  c:\n"
				"    say: [YE]\n    about: y\n" REST) },
		{ "d.yaml", STR("table: d\n\tx\n") },
	};

	tables = tables_parse(source, 5, &problems);
	ck_assert_str_eq(printed(),
		"b.yaml:5:11: error: wording 'YE' is claimed by a.c too, as 'YE' in a.yaml:5:11 (remove one of"
		" them, or make one longer)\n"
		"b.yaml:11:11: error: answer 'error' is given in a.yaml:13:3 too (keep one)\n"
		"b.yaml:12:1: error: 'courtesy' is given in a.yaml too (keep one)\n"
		"d.yaml:2:1: error: not valid YAML: found a tab character that violates indentation while"
		" scanning a plain scalar (indent with blanks)\n"
		"sub/a.yaml:1:8: error: table 'a' is given twice (rename one file)\n");
}
END_TEST

static const char good[] =
	"table: services\n"
	"about: Services\n"
	"scope: {province: js}\n"
	"ports: [\"10086\"]\n"
	"commands:\n"
	"  service_on:\n"
	"    about: Turn a service on\n"
	"    say: [\"KT {code}\"]\n"
	"    args:\n"
	"      code: {is: service, pattern: '[A-Z]+'}\n"
	"      card: {is: digits, secret: true}\n"
	"      name: {is: word}\n"
	"    match: ['(?<code>\\w+) (?<card>\\d+) (?<name>\\w+)']\n"
	"    risk: charge\n"
	"    sql: |\n"
	"      SELECT outcome, name, price FROM hall_api.on(:msisdn, :code, :card::text, :msisdn, :name);\n"
	"    reply:\n"
	"      ok: {zh: \"{{name}}{{price|yuan}}元{{code}}\", en: \"{{name}} {{msisdn}}\"}\n"
	"      already: {zh: \"{{#rows}}{{name}}{{/rows}}\", en: \"{{port}} {{now|date}}\"}\n"
	"    usage: {zh: \"发KT {{port}}\", en: \"send KT\"}\n"
	"    tip: services\n"
	"    limits: {timeout: 500ms, rows: 3}\n"
	"    examples:\n"
	"      - {text: KT CAILING, from: \"13800138000\", to: \"1008601\", expect: ok, says: x}\n"
	"      - {text: KT, expect: usage}\n"
	"      - {text: nothing at all here, expect: unknown}\n"
	"tips:\n"
	"  app: {for: [services, bills], text: {zh: \"用{{port}}\", en: use}, cap: 2 per 30 days, weight: 5,"
	" control: 10%}\n"
	ANSWERS;

static void parse_good(void)
{
	struct source source = { "services.yaml", str_z(good) };

	tables_unref(&tables);
	problems = (struct problems){ .arena = arena };
	tables = tables_parse(&source, 1, &problems);
	ck_assert_str_eq(printed(), "");
}

START_TEST(good_tables)
{
	parse_good();
	ck_assert_uint_eq(tables->ncommands, 1);
	const struct command *c = tables->command[0];

	ck_assert_str_eq(c->id, "services.service_on");
	ck_assert_str_eq(c->table, "services");
	ck_assert_str_eq(c->name, "service_on");
	ck_assert_str_eq(c->about, "Turn a service on");
	ck_assert_int_eq(c->risk, RISK_CHARGE);
	ck_assert(str_eqz(c->province, "js"));
	ck_assert_uint_eq(c->nargs, 3);
	ck_assert_str_eq(c->arg[0].kind->name, "service");
	ck_assert(c->arg[0].kind->vocabulary && !c->arg[0].secret && c->arg[1].secret);
	ck_assert_ptr_nonnull(c->arg[0].pattern_code);
	ck_assert_uint_eq(c->arg[1].place.line, 11);
	ck_assert_str_eq(c->sql_numbered,
			 "SELECT outcome, name, price FROM hall_api.on($1, $2, $3::text, $1, $4)");
	ck_assert_uint_eq(c->nparams, 4);
	ck_assert_int_eq(c->param[0].source, PARAM_MSISDN);
	ck_assert_int_eq(c->param[2].source, PARAM_ARG);
	ck_assert_uint_eq(c->param[2].arg, 1);
	ck_assert_str_eq(c->param[3].name, "name");
	ck_assert_uint_eq(c->timeout_ms, 500);
	ck_assert_uint_eq(c->rows, 3);
	ck_assert_str_eq(c->tip, "services");
	ck_assert_uint_eq(c->place.line, 6);
	ck_assert_uint_eq(c->noutcomes, 2);
	ck_assert_ptr_eq(command_outcome(c, STR("already")), &c->outcome[1]);
	ck_assert_ptr_null(command_outcome(c, STR("other")));
	ck_assert_uint_eq(tables->nexamples, 3);
	ck_assert_str_eq(tables->example[0].to, "1008601");
	ck_assert_str_eq(tables->example[0].says, "x");
	ck_assert_ptr_eq(tables->example[2].command, c);
	ck_assert_uint_eq(tables->ntips, 1);
	ck_assert_uint_eq(tables->tip[0]->nfor, 2);
	ck_assert_uint_eq(tables->tip[0]->cap, 2);
	ck_assert_uint_eq(tables->tip[0]->cap_days, 30);
	ck_assert_uint_eq(tables->tip[0]->weight, 5);
	ck_assert_uint_eq(tables->tip[0]->control, 10);
	ck_assert_ptr_nonnull(tables->tip[0]->text.template[LANG_EN]);
	ck_assert_ptr_nonnull(tables_answer(tables, "unknown", LANG_ZH));
	ck_assert_ptr_null(tables_answer(tables, "other", LANG_ZH));
	struct tables *other = tables_ref(tables);
	tables_unref(&other);
	ck_assert_uint_eq(tables->ncommands, 1);
}
END_TEST

static struct str cell(void *arg, unsigned row, unsigned column)
{
	const char **list = arg;

	(void)row;
	return str_z(list[column]);
}

static const char *rendered(const struct template *template, const char **values)
{
	struct template_data data = { .rows = 1, .get = cell, .arg = values, .lang = "zh" };
	struct buf out = { 0 };

	ck_assert_ptr_nonnull(template);
	template_render(template, &data, &out);
	const char *text = arena_z(arena, buf_get(&out));
	buf_free(&out);
	return text;
}

static void bind(unsigned ncolumns, const char **column, unsigned noutcomes, const char **outcome)
{
	struct binding binding = { "services.service_on", "hall_cmd.f_0123", ncolumns, column, noutcomes,
				   outcome };

	tables_bind(tables, &binding, 1, &problems);
}

START_TEST(binds)
{
	const char *column[] = { "outcome", "name", "pri\"ce", "price" }, *outcome[] = { "ok", "already" };
	/* by position: columns, arguments, msisdn, now, port */
	const char *values[] = { "ok", "彩铃", "?", "5.00", "CAILING", "secret", "shadowed",
				 "13800138000", "2026-11-22 16:30:00+08", "10086" };

	parse_good();
	bind(4, column, 2, outcome);
	ck_assert_str_eq(printed(), "");
	const struct command *c = tables->command[0];
	ck_assert_str_eq(c->function, "hall_cmd.f_0123");
	ck_assert_str_eq(c->statement, "SELECT \"outcome\", \"name\", \"pri\"\"ce\", \"price\""
			 " FROM hall_cmd.f_0123($1, $2, $3, $4) LIMIT 3");
	ck_assert_int_eq(c->outcome_column, 0);
	ck_assert_uint_eq(c->ncolumns, 4);
	ck_assert_str_eq(rendered(c->outcome[0].text.template[LANG_ZH], values), "彩铃5元CAILING");
	ck_assert_str_eq(rendered(c->outcome[0].text.template[LANG_EN], values), "彩铃 13800138000");
	ck_assert_str_eq(rendered(c->outcome[1].text.template[LANG_ZH], values), "彩铃");
	ck_assert_str_eq(rendered(c->outcome[1].text.template[LANG_EN], values), "10086 2026-11-22");
	ck_assert_str_eq(rendered(c->usage.template[LANG_ZH], values), "发KT 10086");
}
END_TEST

START_TEST(bind_refuses)
{
	const char *plain[] = { "name", "price" }, *column[] = { "outcome", "nam", "price" };
	const char *outcome[] = { "ok", "alredy", "poor" };

	parse_good();
	bind(3, column, 3, outcome);
	ck_assert_str_eq(printed(),
		"services.yaml:6:3: error: services.service_on: no reply for the outcome 'alredy', which the"
		" SQL can give (add it to reply)\n"
		"services.yaml:6:3: error: services.service_on: no reply for the outcome 'poor', which the SQL"
		" can give (add it to reply)\n"
		"services.yaml:19:7: error: the outcome 'already' cannot come from the SQL (did you mean"
		" 'alredy'?)\n");
	/* 'name' is the argument now; without it there is no such name */
	parse_good();
	bind(2, plain, 0, NULL);
	ck_assert_str_eq(printed(),
		"services.yaml:6:3: error: services.service_on: no reply for the outcome 'none', which no row"
		" means (add it to reply)\n"
		"services.yaml:19:7: error: the outcome 'already' cannot come from the SQL (it gives: ok,"
		" none)\n");
	ck_assert_int_eq(tables->command[0]->outcome_column, -1);
	parse_good();
	bind(1, column, 2, (const char *[]){ "ok", "already" });
	ck_assert_msg(strstr(printed(), "services.yaml:18:27: error: unknown name \"price\": use one of"
			     " outcome, code, name, msisdn, now, port\n"), "%s", printed());
}
END_TEST

START_TEST(bind_needs_all)
{
	parse_good();
	tables_bind(tables, NULL, 0, &problems);
	ck_assert_str_eq(printed(), "services.yaml:6:3: error: services.service_on has no function in the"
			 " database (check and apply the tables again)\n");
}
END_TEST

/* A secret never gets into a reply, unless a column of that name is meant. */
START_TEST(bind_keeps_secrets)
{
	static const char text[] = HEAD "  a:\n    say: ['CZ {card}']\n    args: {card: {is: digits, secret: true}}\n"
		"    about: y\n    risk: money\n    sql: SELECT f(:card)\n"
		"    reply:\n      ok: {zh: \"卡{{card}}\", en: ok}\n      none: {zh: 无, en: none}\n"
		"    examples: [{text: CZ 1}]\n" ANSWERS;
	const char *column[] = { "card" }, *values[] = { "column", "secret" };
	struct binding binding = { "x.a", "hall_cmd.f", 0, column, 0, NULL };

	parse(text);
	ck_assert_str_eq(printed(), "");
	tables_bind(tables, &binding, 1, &problems);
	ck_assert_str_eq(printed(), "x.yaml:11:20: error: unknown name \"card\": use one of msisdn, now, port\n");
	parse(text);
	binding.ncolumns = 1;
	tables_bind(tables, &binding, 1, &problems);
	ck_assert_str_eq(printed(), "");
	ck_assert_str_eq(rendered(tables->command[0]->outcome[0].text.template[LANG_ZH], values), "卡column");
}
END_TEST

/* The SQL's parameters. */
static const struct { const char *sql, *numbered, *names, *wrong; } sqls[] = {
	{ "SELECT 1", "SELECT 1", "", NULL },
	{ "SELECT :a, :b, :a;", "SELECT $1, $2, $1", "a b", NULL },
	{ "SELECT :a::int, x::text , :b\n; -- end", "SELECT $1::int, x::text , $2", "a b", NULL },
	{ "SELECT ':a', \":b\", ':c''s :d', :e", "SELECT ':a', \":b\", ':c''s :d', $1", "e", NULL },
	{ "SELECT E'\\':a', :b", "SELECT E'\\':a', $1", "b", NULL },
	{ "SELECT fe'\\', :b", "SELECT fe'\\', $1", "b", NULL },
	{ "SELECT $$:a$$, $x$ :b $$ $x$, :c", "SELECT $$:a$$, $x$ :b $$ $x$, $1", "c", NULL },
	{ "SELECT a$b$, :c, d$b$", "SELECT a$b$, $1, d$b$", "c", NULL },
	{ "SELECT 1 -- :a\n, :b", "SELECT 1 -- :a\n, $1", "b", NULL },
	{ "SELECT 1 /* :a /* :b */ :c */, :d", "SELECT 1 /* :a /* :b */ :c */, $1", "d", NULL },
	{ "SELECT a[1:2], a[:n], f(x := :y)", "SELECT a[1:2], a[$1], f(x := $2)", "n y", NULL },
	{ "-- what\n/* it */ with x as (select 1) SELECT :a", "-- what\n/* it */ with x as (select 1) SELECT $1",
	  "a", NULL },
	{ "SELECT 1;;", "SELECT 1", "", "one ; is enough" },
	{ "SELECT 1; DROP TABLE x", "SELECT 1", "", "one SELECT is wanted" },
	{ "SELECT ';'", "SELECT ';'", "", NULL },
	{ "UPDATE x SET y = :a", "UPDATE x SET y = $1", "a", "must be one SELECT" },
	{ "selects :a", "selects $1", "a", "must be one SELECT" },
	{ "", "", "", "must be one SELECT" },
	{ "SELECT $1", "SELECT $1", "", "$n is not for tables" },
	{ "SELECT 'a", "SELECT 'a", "", "is not closed" },
	{ "SELECT \"a", "SELECT \"a", "", "is not closed" },
	{ "SELECT $x$ a", "SELECT $x$ a", "", "is not closed" },
	{ "SELECT 1 /* a", "SELECT 1 /* a", "", "is not closed" },
	{ "SELECT :中", "SELECT $1", "中", NULL },
};

START_TEST(sql)
{
	struct sql_params params;
	const char *names = "";

	sql_params(arena, str_z(sqls[_i].sql), &params);
	for (unsigned i = 0; i < params.n; i++)
		names = arena_printf(arena, "%s%s%s", names, i ? " " : "", params.param[i].name.ptr).ptr;
	ck_assert_str_eq(params.numbered, sqls[_i].numbered);
	ck_assert_str_eq(names, sqls[_i].names);
	if (!sqls[_i].wrong)
		ck_assert_msg(!params.wrong, "%s: %s", sqls[_i].sql, params.wrong);
	else
		ck_assert_msg(params.wrong && strstr(params.wrong, sqls[_i].wrong), "%s", params.wrong);
}
END_TEST

START_TEST(sql_limit)
{
	struct sql_params params;

	sql_params(arena, STR("SELECT :a1,:a2,:a3,:a4,:a5,:a6,:a7,:a8,:a9,:b1,:b2,:b3,:b4,:b5,:b6,:b7"), &params);
	ck_assert_uint_eq(params.n, 16);
	ck_assert(!params.too_many);
	sql_params(arena, STR("SELECT :a1,:a2,:a3,:a4,:a5,:a6,:a7,:a8,:a9,:b1,:b2,:b3,:b4,:b5,:b6,:b7,:c"),
		   &params);
	ck_assert_uint_eq(params.n, 16);
	ck_assert(params.too_many);
}
END_TEST

static const struct { const char *source, *names; } templates[] = {
	{ "", "" },
	{ "plain { text }", "" },
	{ "{{a}} {{ b }}{{a|yuan}}{{c|or:x}}", "a b c" },
	{ "{{#rows}}{{.n}}{{x}}{{^last}},{{/last}}{{/rows}}{{#y}}{{/y}}{{^z}}{{/z}}", "x y z" },
	{ "{{! {{a}} }}{{b}}", "b" },
	{ "{{a {{b}}", "b" },
	{ "{{a}} {{b", "a" },
	{ "{{}}{{#}}", "" },
};

START_TEST(names_of_templates)
{
	unsigned n;
	const char **list = template_names(arena, str_z(templates[_i].source), &n), *names = "";

	for (unsigned i = 0; i < n; i++)
		names = arena_printf(arena, "%s%s%s", names, i ? " " : "", list[i]).ptr;
	ck_assert_str_eq(names, templates[_i].names);
}
END_TEST

static void put(const char *dir, const char *name, const char *text)
{
	FILE *file = fopen(arena_printf(arena, "%s/%s", dir, name).ptr, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(folder)
{
	char dir[] = "/tmp/tables_test.XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(dir));
	tables = tables_parse_dir(dir, &problems);
	ck_assert_msg(strstr(printed(), "no *.yaml file is in the folder"), "%s", printed());
	tables_unref(&tables);
	put(dir, "x.yaml", HEAD "  a:\n    say: [YE]\n    about: y\n" REST);
	put(dir, "answers.yaml", "table: answers\n" ANSWERS);
	put(dir, "README", "no table");
	put(dir, ".hidden.yaml", "no table");
	problems = (struct problems){ .arena = arena };
	tables = tables_parse_dir(dir, &problems);
	ck_assert_str_eq(printed(), "");
	ck_assert_uint_eq(tables->ncommands, 1);
	ck_assert_uint_eq(tables->nanswers, 2);
	tables_unref(&tables);
	ck_assert_int_eq(mkdir(arena_printf(arena, "%s/z.yaml", dir).ptr, 0700), 0);
	tables = tables_parse_dir(dir, &problems);
	ck_assert_msg(strstr(printed(), "z.yaml:1:1: error: cannot be read: Is a directory"), "%s", printed());
	tables_unref(&tables);
	rmdir(arena_printf(arena, "%s/z.yaml", dir).ptr);
	for (unsigned i = 0; i < 4; i++)
		unlink(arena_printf(arena, "%s/%s", dir, (const char *[]){ "x.yaml", "answers.yaml", "README",
				    ".hidden.yaml" }[i]).ptr);
	ck_assert_int_eq(rmdir(dir), 0);
	problems = (struct problems){ .arena = arena };
	tables = tables_parse_dir(dir, &problems);
	ck_assert_msg(strstr(printed(), "cannot be read: No such file or directory"), "%s", printed());
}
END_TEST

START_TEST(languages)
{
	ck_assert_int_eq(lang_parse(STR("en")), LANG_EN);
	ck_assert_int_eq(lang_parse(STR("zh")), LANG_ZH);
	ck_assert_int_eq(lang_parse(STR("fr")), LANG_ZH);
	ck_assert_str_eq(lang_name(LANG_ZH), "zh");
	ck_assert_str_eq(risk_name(RISK_IDENTITY), "identity");
}
END_TEST

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

int main(void)
{
	Suite *suite = suite_create("tables");
	TCase *tc = tcase_create("tables");
	SRunner *sr = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 30);
	tcase_add_unchecked_fixture(tc, load, NULL);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, every_mistake_at_once);
	tcase_add_loop_test(tc, mistakes, 0, COUNT(cases));
	tcase_add_test(tc, long_replies);
	tcase_add_test(tc, several_files);
	tcase_add_test(tc, good_tables);
	tcase_add_test(tc, binds);
	tcase_add_test(tc, bind_refuses);
	tcase_add_test(tc, bind_needs_all);
	tcase_add_test(tc, bind_keeps_secrets);
	tcase_add_loop_test(tc, sql, 0, COUNT(sqls));
	tcase_add_test(tc, sql_limit);
	tcase_add_loop_test(tc, names_of_templates, 0, COUNT(templates));
	tcase_add_test(tc, folder);
	tcase_add_test(tc, languages);
	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	int failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
