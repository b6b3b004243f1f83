/* alias - `smsctl tables alias`: one more wording for a command, put into its file with an example.
 *
 * Only the two items are added; the trees before and after are compared to be sure.  The file is
 * replaced by a rename, and only after the whole folder, with the change, has passed the offline
 * check. */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/folder.h"
#include "ctl/insert.h"
#include "table/match.h"
#include "table/problems.h"
#include "table/schema.h"
#include "table/verify.h"
#include "table/wording.h"
#include "text/fold.h"

enum { OPT_DRY_RUN = 256, OPT_EXAMPLE };
enum { WORDS = 3 };

struct args {
	const char *word[WORDS];	/* DIR, COMMAND, TEXT */
	unsigned nwords;
	const char *example;
	bool dry;
};

struct alias {
	const struct args *args;
	struct arena *arena;
	struct source *source, *file;	/* file: one of source */
	unsigned n;
	struct tables *tables;		/* as they were */
	const struct command *command;
	const struct yaml_node *root, *node, *examples;
	const struct yaml_node *say;	/* NULL: only patterns so far */
	struct str example, applied;
	struct insertions ins;
};

/* ---- finding the command ---- */

static void print_problems(const struct alias *a, struct problems *problems)
{
	problems_sort(problems);
	for (unsigned i = 0; i < problems->n; i++) {
		const char **file = &problems->list[i].place.file;

		if (*file)
			*file = arena_printf(a->arena, "%s/%s", a->args->word[0], *file).ptr;
	}
	problems_print(stderr, problems);
}

/* Errors only: what was doubtful before is not this command's business. */
static struct tables *parse_all(const struct alias *a, unsigned *errors_r)
{
	struct problems all = { .arena = a->arena }, errors = { .arena = a->arena };
	struct tables *tables = tables_parse(a->source, a->n, &all);

	for (unsigned i = 0; i < all.n; i++)
		if (all.list[i].level == PROBLEM_ERROR)
			problem_add(&errors, PROBLEM_ERROR, all.list[i].place, "%s",
				    all.list[i].text);
	print_problems(a, &errors);
	*errors_r = errors.errors;
	return tables;
}

/* A misspelt name, or one without its table. */
static const char *near_command(const struct alias *a, const char *name)
{
	const struct tables *t = a->tables;
	const char **id = arena_alloc(a->arena, t->ncommands * sizeof(*id));

	for (unsigned i = 0; i < t->ncommands; i++) {
		id[i] = t->command[i]->id;
		if (strcmp(t->command[i]->name, name) == 0)
			return id[i];
	}
	return schema_near(str_z(name), id, t->ncommands);
}

static int find_command(struct alias *a, struct err *err)
{
	const char *name = a->args->word[1];

	for (unsigned i = 0; i < a->tables->ncommands && !a->command; i++)
		if (strcmp(a->tables->command[i]->id, name) == 0)
			a->command = a->tables->command[i];
	if (!a->command)
		return err_set(err, ERR_INPUT, "%s has no command '%s'%s", a->args->word[0], name,
			       schema_hint(a->arena, near_command(a, name),
					   "write table.command, as services.service_on"));
	for (unsigned i = 0; i < a->n; i++)
		if (strcmp(a->source[i].name, a->command->place.file) == 0)
			a->file = &a->source[i];
	return 0;
}

static int find_lists(struct alias *a, struct err *err)
{
	a->root = yaml_parse(a->arena, a->file->content, NULL, NULL);
	a->node = yaml_get(yaml_get(a->root, "commands"), a->command->name);
	a->say = yaml_get(a->node, "say");
	a->examples = yaml_get(a->node, "examples");
	if (a->node && a->examples && (a->say || yaml_get(a->node, "match")))
		return 0;
	return err_set(err, ERR_INPUT,
		       "%s/%s:%u: %s is led to by other commands and takes no wordings of its own "
		       "(give the wording to the command that leads to it)",
		       a->args->word[0], a->file->name, a->command->place.line, a->command->id);
}

/* ---- the wording ---- */

static void keep_error(void *arg, size_t offset, const char *text)
{
	err_set(arg, ERR_INPUT, "TEXT is no wording, at byte %zu: %s", offset + 1, text);
}

/* The arguments that all of the command's wordings name. */
static unsigned always_named(const struct alias *a)
{
	unsigned always = a->say && a->say->n && !yaml_get(a->node, "match") ? ~0u : 0;

	for (const struct yaml_node *s = a->say ? a->say->child : NULL; s; s = s->next) {
		struct skeleton *list;
		unsigned named = 0;
		struct err err;

		unsigned n = wording_expand(a->arena, s->value, a->command, keep_error, &err, &list,
					    &named);
		for (unsigned i = 0; i < n; i++)
			always &= list[i].args;
	}
	return always;
}

/* No error: the command may do without it, or ask (steps).  But "KTCL" for "KT CAILING" is one. */
static void warn_missing(const struct alias *a, unsigned named)
{
	unsigned missing = yaml_get(a->node, "steps") ? 0 : always_named(a) & ~named;

	for (unsigned i = 0; i < a->command->nargs; i++)
		if (missing & 1u << i)
			fprintf(stderr,
				"note: the wording has no {%s}, which every other wording of %s "
				"has: the command runs without it\n",
				a->command->arg[i].name, a->command->id);
}

/* The text of the example: what was given, TEXT itself, or one of the texts that it stands for. */
static int choose_example(struct alias *a, const struct skeleton *list, unsigned n, struct err *err)
{
	const char *text = a->args->word[2];

	a->example = str_z(a->args->example ? a->args->example : text);
	if (a->args->example || !strpbrk(text, "[](){}|"))
		return 0;
	for (unsigned i = 0; i < n; i++)
		if (skeleton_exact(&list[i])) {
			a->example = list[i].element[0].literal;
			return 0;
		}
	return err_set(err, ERR_INPUT, "the wording \"%s\" has arguments "
		       "(give --example TEXT, as a customer would write it)", text);
}

static int read_wording(struct alias *a, struct err *err)
{
	struct str text = str_z(a->args->word[2]);
	struct skeleton *list;
	unsigned named = 0;

	unsigned n = wording_expand(a->arena, text, a->command, keep_error, err, &list, &named);
	if (n == 0)
		return -1;
	if (choose_example(a, list, n, err) < 0)
		return -1;
	for (unsigned i = 0; i < n; i++)
		named &= list[i].args;
	warn_missing(a, named);
	return 0;
}

/* Who answers the example so far; true when the command does, by the very wording. */
static bool known_already(const struct alias *a)
{
	const struct example example = { .command = a->command };
	struct match_context context = {
		.port = verify_example_port(a->tables, &example),
		.province = a->command->province,
		.now = time(NULL),
		.asks = match_asks(a->example),
	};
	struct match match;

	match_text(a->tables, &context, a->arena, fold_text(a->arena, a->example), &match);
	if (match.kind != MATCH_COMMAND)
		return false;
	if (match.command != a->command)
		fprintf(stderr, "note: so far \"%.*s\" was answered by %s\n", STR_ARG(a->example),
			match.command->id);
	return match.command == a->command && strcmp(match.how, "exact") == 0;
}

/* ---- the file ---- */

static char style_of(const struct yaml_node *node)
{
	while (node && node->next)
		node = node->next;
	if (node && node->kind == YAML_MAPPING)
		node = yaml_get(node, "text");
	return node ? node->style : '"';
}

static int add_wording(struct alias *a, struct err *err)
{
	struct str text = str_z(a->args->word[2]);

	if (a->say)
		return insert_item(a->arena, a->file->content, a->say,
				   insert_quoted(a->arena, text, style_of(a->say->child)), &a->ins,
				   err);
	const struct yaml_node *about = yaml_get(a->node, "about");
	text = insert_quoted(a->arena, text, '"');
	insert_below(a->arena, a->file->content, about,
		     arena_printf(a->arena, "say: [%.*s]", STR_ARG(text)), &a->ins);
	return 0;
}

static int add_example(struct alias *a, struct err *err)
{
	struct str text = insert_quoted(a->arena, a->example, style_of(a->examples->child));

	return insert_item(a->arena, a->file->content, a->examples,
			   insert_mapping(a->arena, a->file->content, a->examples, "text", text),
			   &a->ins, err);
}

static bool same(const struct alias *a, const struct yaml_node *x, const struct yaml_node *y);

/* Of y one child more: the one at the end, or `say` where there was none. */
static bool same_children(const struct alias *a, const struct yaml_node *x,
			  const struct yaml_node *y)
{
	bool grown = x == a->examples || (x == a->say && a->say);
	bool gains = x == a->node && !a->say;
	const struct yaml_node *p = x->child, *q = y->child;

	for (; p && q; p = p->next, q = q->next) {
		if (gains && str_eqz(q->key, "say"))
			q = q->next;
		if (!q || !same(a, p, q))
			return false;
	}
	return !p && y->n == x->n + (grown || gains);
}

static bool same(const struct alias *a, const struct yaml_node *x, const struct yaml_node *y)
{
	return x->kind == y->kind && x->style == y->style && str_eq(x->key, y->key) &&
	       str_eq(x->value, y->value) && same_children(a, x, y);
}

static bool ends_with(const struct yaml_node *list, struct str text)
{
	const struct yaml_node *last = list ? list->child : NULL;

	while (last && last->next)
		last = last->next;
	if (last && last->kind == YAML_MAPPING)
		last = last->n == 1 ? yaml_get(last, "text") : NULL;
	return last && str_eq(last->value, text);
}

/* Nothing else may have changed. */
static int compare(const struct alias *a, struct err *err)
{
	const struct yaml_node *after = yaml_parse(a->arena, a->applied, NULL, NULL);
	const struct yaml_node *now = yaml_get(yaml_get(after, "commands"), a->command->name);

	if (after && same(a, a->root, after) &&
	    ends_with(yaml_get(now, "say"), str_z(a->args->word[2])) &&
	    ends_with(yaml_get(now, "examples"), a->example))
		return 0;
	return err_set(err, ERR_INPUT,
		       "%s/%s:%u: the lists of %s are written in a way that only a person can add "
		       "to (add the wording to say and an example to examples by hand)",
		       a->args->word[0], a->file->name, a->command->place.line, a->command->id);
}

static int edit(struct alias *a, struct err *err)
{
	if (add_wording(a, err) < 0 || add_example(a, err) < 0)
		return err_prefix(err, "%s/%s", a->args->word[0], a->file->name);
	a->applied = insert_apply(a->arena, a->file->content, &a->ins);
	return compare(a, err);
}

/* The folder with the change must be as good as it was. */
static int check(struct alias *a, struct err *err)
{
	struct str before = a->file->content;
	unsigned errors;

	a->file->content = a->applied;
	struct tables *tables = parse_all(a, &errors);
	tables_unref(&tables);
	a->file->content = before;
	if (errors)
		return err_set(err, ERR_INPUT,
			       "refused, %s/%s was not changed (the lines are those of the file "
			       "with the wording)", a->args->word[0], a->file->name);
	return 0;
}

static int write_all(int fd, struct str content)
{
	while (content.len) {
		ssize_t n = write(fd, content.ptr, content.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		str_skip(&content, n);
	}
	return fsync(fd);
}

/* A rename, so that nobody ever reads half a file; a link stays a link. */
static int replace(const struct alias *a, struct err *err)
{
	const char *path = arena_printf(a->arena, "%s/%s", a->args->word[0], a->file->name).ptr;
	char whole[PATH_MAX];
	struct stat st;

	if (!realpath(path, whole) || stat(whole, &st) != 0)
		return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
	char *temp = arena_z(a->arena, arena_printf(a->arena, "%s.XXXXXX", whole));
	int fd = mkstemp(temp);
	if (fd < 0)
		return err_set(err, ERR_INPUT, "%s: %s (may you write into the folder?)", temp,
			       strerror(errno));
	bool ok = write_all(fd, a->applied) == 0 && fchmod(fd, st.st_mode & 07777) == 0;
	if (ok && (st.st_uid != geteuid() || st.st_gid != getegid()))
		ok = fchown(fd, st.st_uid, st.st_gid) == 0;
	ok = close(fd) == 0 && ok && rename(temp, whole) == 0;
	if (ok)
		return 0;
	err_set(err, ERR_INPUT, "%s: %s (the file was not changed)", path, strerror(errno));
	unlink(temp);
	return -1;
}

static void print_change(const struct alias *a)
{
	const char *dir = a->args->word[0], *name = a->file->name;
	unsigned before = 0;

	for (unsigned i = 0; i < a->ins.n; i++) {
		struct str lines;
		unsigned line = insert_line(&a->ins, i, a->applied, &lines);

		if (line != before)
			printf("%s/%s:%u: %.*s\n", dir, name, line, STR_ARG(str_trim(lines)));
		before = line;
	}
	if (a->args->dry)
		printf("%s would understand it; nothing was changed (--dry-run)\n", a->command->id);
	else
		printf("%s understands it in %s (smsctl tables apply %s makes it live)\n",
		       a->command->id, dir, dir);
}

static int run(struct alias *a, struct err *err)
{
	unsigned errors;

	if (fold_init(err) < 0 ||
	    folder_read(a->args->word[0], a->arena, &a->source, &a->n, err) < 0)
		return -1;
	a->tables = parse_all(a, &errors);
	if (errors)
		return err_set(err, ERR_INPUT, "%s has errors already (mend them first: "
			       "smsctl tables check %s)", a->args->word[0], a->args->word[0]);
	if (find_command(a, err) < 0 || find_lists(a, err) < 0 || read_wording(a, err) < 0)
		return -1;
	if (known_already(a)) {
		printf("nothing to do: %s understands it already\n", a->command->id);
		return 0;
	}
	if (edit(a, err) < 0 || check(a, err) < 0 || (!a->args->dry && replace(a, err) < 0))
		return -1;
	print_change(a);
	return 0;
}

/* ---- the command line ---- */

static const struct argp_option options[] = {
	{ "dry-run", OPT_DRY_RUN, NULL, 0, "Only say what would be changed", 0 },
	{ "example", OPT_EXAMPLE, "TEXT", 0,
	  "The example, where the wording has arguments", 0 },
	{ 0 },
};

static bool one_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case OPT_DRY_RUN:
		args->dry = true;
		return 0;
	case OPT_EXAMPLE:
		args->example = arg;
		break;
	case ARGP_KEY_ARG:
		if (args->nwords == WORDS)
			argp_error(state, "\"%s\" is one word too many (quote the wording)", arg);
		args->word[args->nwords++] = arg;
		break;
	case ARGP_KEY_END:
		if (args->nwords < WORDS)
			argp_error(state, "%s is missing",
				   args->nwords == 2 ? "TEXT" : args->nwords ? "COMMAND" : "DIR");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (!fold_utf8_ok(str_z(arg)) || !one_line(arg))
		argp_error(state, "\"%s\" is no single line of UTF-8", arg);
	return 0;
}

static const struct argp argp = {
	options, parse, "DIR COMMAND TEXT",
	"One more wording for a command: TEXT goes into `say` of COMMAND (table.command) in its "
	"file in DIR, with an example, if the folder then passes `tables check --offline`.\v"
	"TEXT is what a customer writes, or a wording as commands/README.md tells: [ ] ( | ) "
	"{argument}.",
	NULL, NULL, NULL,
};

int alias_main(int argc, char **argv)
{
	static char name[] = "smsctl tables alias";
	struct args args = { 0 };
	struct alias alias = { .args = &args, .arena = arena_new() };
	struct err err = { 0 };

	argv[0] = name;
	argp_parse(&argp, argc, argv, 0, NULL, &args);
	int failed = run(&alias, &err);
	if (failed)
		ctl_fail(argv[0], &err);
	tables_unref(&alias.tables);
	arena_free(&alias.arena);
	return failed ? CTL_FAILED : CTL_DONE;
}
