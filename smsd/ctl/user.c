/* user - `smsctl user`: who may use smsd's HTTP API, and for what.  A token is made here from 32 random octets and shown
 * once; the database keeps its hash. */
#include <argp.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ctl/ctl.h"
#include "table/ask.h"

enum { SECRET = 32, DAYS = 365, DAYS_MAX = 3660 };

static const char *const role[] = { "channel", "author", "approver", "viewer", "admin" };
enum { ROLES = sizeof(role) / sizeof(*role) };

static const struct ctl_column list_column[] = {
	{ "id", CTL_NUMBER }, { "owner" }, { "roles" }, { "state" }, { "expires_at" }, { "last_used_at" },
	{ "made_by", CTL_TEXT, CTL_JSON_ONLY }, { "made_at", CTL_TEXT, CTL_JSON_ONLY },
	{ "revoked_by", CTL_TEXT, CTL_JSON_ONLY }, { "revoked_at", CTL_TEXT, CTL_JSON_ONLY }, { "note" },
};
enum { LIST_COLUMNS = sizeof(list_column) / sizeof(*list_column) };

static const struct ctl_column made_column[] = {
	{ "id", CTL_NUMBER }, { "owner" }, { "roles" }, { "expires_at" }, { "token" },
};
enum { MADE_COLUMNS = sizeof(made_column) / sizeof(*made_column) };

struct args {
	const char *word[2];	/* the subcommand, an owner or id */
	unsigned nwords;
	const char *roles, *note, *days;
	bool all, json;
};

struct secret {
	char text[sodium_base64_ENCODED_LEN(SECRET, sodium_base64_VARIANT_URLSAFE_NO_PADDING) + 8];
	char hash[2 * crypto_hash_sha256_BYTES + 1];	/* hex */
};

static void make_secret(struct secret *secret)
{
	unsigned char random[SECRET], hash[crypto_hash_sha256_BYTES];
	size_t n = (size_t)snprintf(secret->text, sizeof(secret->text), "hall_");

	randombytes_buf(random, sizeof(random));
	sodium_bin2base64(secret->text + n, sizeof(secret->text) - n, random, sizeof(random),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	crypto_hash_sha256(hash, (const unsigned char *)secret->text, strlen(secret->text));
	sodium_bin2hex(secret->hash, sizeof(secret->hash), hash, sizeof(hash));
}

static int bad_role(struct str name, struct err *err)
{
	return err_set(err, ERR_INPUT, "\"%.*s\" is no role (channel, author, approver, viewer or admin; several with commas)",
		       STR_ARG(name));
}

/* As an array for the database. */
static int parse_roles(struct arena *arena, const char *text, const char **array_r, struct err *err)
{
	const char *name[ROLES];
	unsigned n = 0;

	for (struct str rest = str_z(text); n == 0 || rest.len;) {
		const char *comma = rest.len ? memchr(rest.ptr, ',', rest.len) : NULL;
		struct str one = str_n(rest.ptr, comma ? (size_t)(comma - rest.ptr) : rest.len);
		unsigned i = 0;

		while (i < ROLES && !str_eqz(one, role[i]))
			i++;
		if (i == ROLES || n == ROLES)
			return bad_role(one, err);
		name[n++] = role[i];
		str_skip(&rest, one.len + (comma != NULL));
	}
	*array_r = ask_array(arena, name, n);
	return 0;
}

static int parse_days(const struct args *args, struct err *err)
{
	char *end;
	long days = args->days ? strtol(args->days, &end, 10) : DAYS;

	if (args->days && (*end || end == args->days || days < 1 || days > DAYS_MAX))
		return err_set(err, ERR_INPUT, "--days is \"%s\" (write a whole number from 1 to %d)", args->days, DAYS_MAX);
	return (int)days;
}

static void print_made(const PGresult *res, const char *owner, const char *roles, const struct secret *secret, bool json)
{
	const char *cell[MADE_COLUMNS] = { PQgetvalue(res, 0, 1), owner, roles, PQgetvalue(res, 0, 2), secret->text };

	ctl_print_record(made_column, MADE_COLUMNS, cell, json, stdout);
	if (!json)
		puts("The token is shown this once: keep it where its user alone can read it.");
}

static int add(PGconn *conn, const struct args *args, struct err *err)
{
	struct arena *arena = arena_new();
	const char *roles = NULL;
	struct secret secret;
	char number[12];
	int days = parse_days(args, err), result = -1;

	if (days > 0 && parse_roles(arena, args->roles, &roles, err) == 0) {
		make_secret(&secret);
		snprintf(number, sizeof(number), "%d", days);
		PGresult *res = ask(conn, Q_CTL_TOKEN_ADD, 6,
				    (const char *const[]){ args->word[1], roles, secret.hash, number, args->note, ctl_who() }, err);
		if (res && strcmp(PQgetvalue(res, 0, 0), "ok") != 0)
			err_set(err, ERR_INPUT, "%s has a token already, until %s "
				"(smsctl user rotate %s gives another in its place; revoke ends it)", args->word[1],
				PQgetvalue(res, 0, 2), args->word[1]);
		else if (res)
			print_made(res, args->word[1], args->roles, &secret, args->json), result = 0;
		PQclear(res);
	}
	arena_free(&arena);
	return result;
}

static int unknown(const char *which, struct err *err)
{
	return err_set(err, ERR_INPUT, "nobody with the name or id %s has a token (smsctl user list)", which);
}

static int rotate(PGconn *conn, const struct args *args, struct err *err)
{
	int days = parse_days(args, err), result = -1;
	struct secret secret;
	char number[12];

	if (days < 0)
		return -1;
	make_secret(&secret);
	snprintf(number, sizeof(number), "%d", days);
	PGresult *res = ask(conn, Q_CTL_TOKEN_ROTATE, 4, (const char *const[]){ args->word[1], secret.hash, number, ctl_who() }, err);
	if (res && strcmp(PQgetvalue(res, 0, 0), "ok") != 0)
		unknown(args->word[1], err);
	else if (res)
		print_made(res, PQgetvalue(res, 0, 3), PQgetvalue(res, 0, 4), &secret, args->json), result = 0;
	PQclear(res);
	return result;
}

static int revoke(PGconn *conn, const struct args *args, struct err *err)
{
	PGresult *res = ask(conn, Q_CTL_TOKEN_REVOKE, 2, (const char *const[]){ args->word[1], ctl_who() }, err);
	int result = res ? 0 : -1;

	if (res && strcmp(PQgetvalue(res, 0, 0), "unknown") == 0)
		result = unknown(args->word[1], err);
	else if (res && strcmp(PQgetvalue(res, 0, 0), "already") == 0)
		result = err_set(err, ERR_INPUT, "token %s of %s is revoked already", PQgetvalue(res, 0, 1), PQgetvalue(res, 0, 2));
	else if (res)
		printf("revoked token %s of %s: it counts no more\n", PQgetvalue(res, 0, 1), PQgetvalue(res, 0, 2));
	PQclear(res);
	return result;
}

static int list(PGconn *conn, const struct args *args, struct err *err)
{
	const char *all = args->all ? "t" : "f";
	PGresult *res = ask(conn, Q_CTL_TOKEN_LIST, 1, &all, err);

	if (!res)
		return -1;
	struct ctl_table *table = ctl_table_new(list_column, LIST_COLUMNS, args->json);
	ctl_table_result(table, res);
	ctl_table_print(&table, args->all ? "nobody ever had a token" : "nobody has a token (smsctl user add NAME --role ROLE)",
			stdout);
	PQclear(res);
	return 0;
}

static const struct {
	const char *name;
	bool wants_owner, wants_role;
	int (*run)(PGconn *conn, const struct args *args, struct err *err);
} subcommands[] = {
	{ "add", true, true, add },
	{ "list", false, false, list },
	{ "revoke", true, false, revoke },
	{ "rotate", true, false, rotate },
};
enum { SUBCOMMANDS = sizeof(subcommands) / sizeof(*subcommands) };

static const struct argp_option options[] = {
	{ "role", 'r', "ROLE,...", 0, "add: channel, author, approver, viewer or admin", 0 },
	{ "days", 'd', "N", 0, "add, rotate: how long the token counts (default 365)", 0 },
	{ "note", 'n', "TEXT", 0, "add: what it is for", 0 },
	{ "all", 'a', NULL, 0, "list: the expired and revoked too", 0 },
	CTL_JSON_OPTION,
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 'r':
		args->roles = arg;
		return 0;
	case 'd':
		args->days = arg;
		return 0;
	case 'n':
		args->note = arg;
		return 0;
	case 'a':
		args->all = true;
		return 0;
	case 'j':
		args->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->nwords >= 2)
			argp_error(state, "\"%s\" is one word too many", arg);
		args->word[args->nwords++] = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	options, parse, "add NAME --role ROLE[,ROLE...]\nlist\nrevoke NAME|ID\nrotate NAME|ID",
	"Who may use smsd's HTTP API (/api/v1), and for what.\v"
	"channel reports triggers and contacts; author, approver and viewer are of blasts; admin may all.  "
	"A token is shown once, when it is made; the database keeps its hash.  rotate revokes the old one at the same moment.",
	NULL, NULL, NULL,
};

static int find(const struct args *args)
{
	for (unsigned i = 0; args->nwords && i < SUBCOMMANDS; i++)
		if (strcmp(args->word[0], subcommands[i].name) == 0 && (args->nwords == 2) == subcommands[i].wants_owner &&
		    (args->roles != NULL) == subcommands[i].wants_role)
			return (int)i;
	return -1;
}

int user_main(int argc, char **argv)
{
	struct args args = { 0 };
	struct err err;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	int which = find(&args);
	if (which < 0)
		return ctl_usage(argv[0], &argp);
	if (sodium_init() < 0)
		return ctl_fail(argv[0], (err_set(&err, ERR_PERM, "libsodium does not start"), &err));
	PGconn *conn = ctl_connect(&err);
	int result = conn ? subcommands[which].run(conn, &args, &err) : -1;
	return ctl_finish(argv[0], conn, result, &err);
}
