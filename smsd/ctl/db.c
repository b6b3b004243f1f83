/* db - `smsctl db`: makes and upgrades the hall's database from the files of sql/, and makes the
 * key that seals.
 *
 * Each file is one transaction together with its row in hall_install.step, so whatever stops the
 * run, what is recorded is what is there, and the next run goes on from it.  Schema files are
 * applied once; roles.sql and the functions whenever their checksum is another; seed files with
 * --seed. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/seal.h"
#include "ctl/ctl.h"
#include "ctl/sqlfile.h"
#include "table/ask.h"

/* These stand here and not in sql/queries: the daemon prepares those, and never sees hall_install.
 * Only the owner may change what it says, everybody may see how the database stands. */
static const char *const bootstrap_sql[] = {
	"CREATE SCHEMA IF NOT EXISTS hall_install",
	"CREATE TABLE IF NOT EXISTS hall_install.step ("
	" name text COLLATE \"C\" CONSTRAINT step_pkey PRIMARY KEY,"
	" checksum text NOT NULL,"
	" applied_at timestamptz NOT NULL DEFAULT now(),"
	" applied_by text NOT NULL DEFAULT session_user)",
	"GRANT USAGE ON SCHEMA hall_install TO PUBLIC",
	"GRANT SELECT ON hall_install.step TO PUBLIC",
};
static const char record_sql[] =
	"INSERT INTO hall_install.step (name, checksum) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE"
	" SET checksum = excluded.checksum, applied_at = now(), applied_by = session_user";
static const char fit_sql[] =
	"SELECT current_setting('is_superuser') = 'on', session_user,"
	" current_setting('server_encoding'), current_database(),"
	" current_setting('server_version_num')::int >= 150000, current_setting('server_version')";
static const char there_sql[] = "SELECT to_regclass('hall_install.step') IS NOT NULL";
static const char steps_sql[] =
	"SELECT name, checksum, to_char(applied_at, 'YYYY-MM-DD HH24:MI:SSOF'), applied_by"
	" FROM hall_install.step ORDER BY name";
/* The key is "hall" in ASCII: smsd's own advisory locks are hashes of 64 bits. */
static const char lock_sql[] = "SELECT pg_advisory_lock(1751214188)";
static const char try_lock_sql[] = "SELECT pg_try_advisory_lock(1751214188)";

enum state { PENDING, APPLIED, CHANGED, EDITED, OPTIONAL, MISSING };
static const char *const state_name[] = {
	"pending", "applied", "changed", "edited", "optional", "missing",
};

struct step {			/* a row of hall_install.step */
	const char *name, *checksum, *at, *by;
	bool has_file;
};

struct install {
	PGconn *conn;
	struct arena *arena;
	const char *dir;
	struct sqlfile *file;
	unsigned nfiles;
	struct step *step;
	unsigned nsteps;
};

static struct step *step_of(const struct install *in, const char *name)
{
	for (unsigned i = 0; i < in->nsteps; i++)
		if (strcmp(in->step[i].name, name) == 0)
			return &in->step[i];
	return NULL;
}

static enum state state_of(const struct install *in, const struct sqlfile *file)
{
	const struct step *step = step_of(in, file->name);

	if (!step)
		return file->kind == SQLFILE_SEED ? OPTIONAL : PENDING;
	if (strcmp(step->checksum, file->checksum) == 0)
		return APPLIED;
	return file->kind == SQLFILE_SCHEMA ? EDITED : CHANGED;
}

/* A schema file that was applied but is not in the folder: the database is newer than we are. */
static bool is_missing(const struct step *step)
{
	return !step->has_file && strncmp(step->name, "schema/", 7) == 0;
}

static int load_steps(struct install *in, struct err *err)
{
	PGresult *res = ask_sql(in->conn, there_sql, 0, NULL, err);

	if (!res)
		return -1;
	bool there = *PQgetvalue(res, 0, 0) == 't';
	PQclear(res);
	in->nsteps = 0;
	if (!there)
		return 0;
	res = ask_sql(in->conn, steps_sql, 0, NULL, err);
	if (!res)
		return -1;
	in->nsteps = PQntuples(res);
	in->step = arena_alloc(in->arena, in->nsteps * sizeof(*in->step));
	for (unsigned i = 0; i < in->nsteps; i++)
		in->step[i] = (struct step){
			.name = arena_z(in->arena, str_z(PQgetvalue(res, i, 0))),
			.checksum = arena_z(in->arena, str_z(PQgetvalue(res, i, 1))),
			.at = arena_z(in->arena, str_z(PQgetvalue(res, i, 2))),
			.by = arena_z(in->arena, str_z(PQgetvalue(res, i, 3))),
		};
	PQclear(res);
	for (unsigned i = 0; i < in->nfiles; i++) {
		struct step *step = step_of(in, in->file[i].name);

		if (step)
			step->has_file = true;
	}
	return 0;
}

static void close_install(struct install *in)
{
	PQfinish(in->conn);
	arena_free(&in->arena);
}

/* dir NULL: wherever the hall's own is. */
static int open_install(struct install *in, const char *dir, struct err *err)
{
	*in = (struct install){ .arena = arena_new(), .dir = dir ? dir : ctl_datadir("sql") };
	if (!in->dir) {
		err_set(err, ERR_INPUT,
			"the folder sql/ is neither beside this program's nor in " DATADIR
			" (name it with --sql)");
	} else if (sqlfile_list(in->arena, in->dir, &in->file, &in->nfiles, err) == 0) {
		in->conn = ctl_connect(err);
		if (in->conn && load_steps(in, err) == 0)
			return 0;
	}
	close_install(in);
	return -1;
}

/* Where a file failed: PostgreSQL tells a character; else how many statements went well tells it. */
static int file_error(const struct sqlfile *file, const PGresult *res, unsigned done,
		      struct err *err)
{
	const char *at = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
	const char *hint = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT);
	unsigned line = at ? sqlfile_line(file->content, (unsigned)strtoul(at, NULL, 10)) :
			     sqlfile_statement_line(file->content, done);

	if (!text)
		return err_set(err, ERR_TEMP,
			       "%s:%u: the connection to PostgreSQL was lost (run it again)",
			       file->path, line);
	return err_set(err, ERR_PERM,
		       "%s:%u: SQLSTATE %s: %s%s%s%s%s "
		       "(nothing of this file was kept; mend it and run again)",
		       file->path, line, PQresultErrorField(res, PG_DIAG_SQLSTATE), text,
		       detail ? "; " : "", detail ? detail : "", hint ? "; hint: " : "",
		       hint ? hint : "");
}

/* All statements of a file, in the transaction that is open. */
static int run_file(PGconn *conn, const struct sqlfile *file, struct err *err)
{
	unsigned done = 0;
	int result = 0;
	PGresult *res;

	if (!PQsendQuery(conn, file->content))
		return err_set(err, ERR_TEMP, "%s", PQerrorMessage(conn));
	while ((res = PQgetResult(conn))) {
		switch (PQresultStatus(res)) {
		case PGRES_COMMAND_OK: case PGRES_TUPLES_OK: case PGRES_EMPTY_QUERY:
			done++;
			break;
		case PGRES_COPY_IN:
			PQputCopyEnd(conn, "COPY FROM STDIN does not work here (use INSERT)");
			break;
		default:
			if (result == 0)
				result = file_error(file, res, done, err);
		}
		PQclear(res);
		if (PQstatus(conn) == CONNECTION_BAD)
			break;
	}
	if (result == 0 && PQtransactionStatus(conn) != PQTRANS_INTRANS)
		return err_set(
			err, ERR_PERM,
			"%s ends its transaction itself "
			"(remove BEGIN, COMMIT and ROLLBACK: each file is one transaction already)",
			file->path);
	return result;
}

static int apply(struct install *in, const struct sqlfile *file, struct err *err)
{
	const char *param[] = { file->name, file->checksum };

	/* What a file before it set must not be felt here, nor a role that it took by the row that
	 * records it. */
	if (ask_do(in->conn, "RESET ALL", err) < 0 || ask_do(in->conn, "BEGIN", err) < 0)
		return -1;
	if (run_file(in->conn, file, err) < 0)
		return -1;
	if (ask_do(in->conn, "RESET ROLE", err) < 0)
		return -1;
	PGresult *res = ask_sql(in->conn, record_sql, 2, param, err);
	if (!res)
		return err_prefix(err, "%s", file->path);
	PQclear(res);
	if (ask_do(in->conn, "COMMIT", err) < 0)
		return err_prefix(err, "%s", file->path);
	printf("applied  %s\n", file->name);
	fflush(stdout);
	return 0;
}

static int fit(PGconn *conn, struct err *err)
{
	PGresult *res = ask_sql(conn, fit_sql, 0, NULL, err);
	int result = 0;

	if (!res)
		return -1;
	if (*PQgetvalue(res, 0, 4) != 't')
		result =
			err_set(err, ERR_PERM, "this is PostgreSQL %s (the hall needs 15 or newer)",
				PQgetvalue(res, 0, 5));
	else if (*PQgetvalue(res, 0, 0) != 't')
		result = err_set(err, ERR_PERM,
				 "\"%s\" is no superuser, and roles.sql must make roles "
				 "(run it as postgres: sudo -u postgres smsctl db install)",
				 PQgetvalue(res, 0, 1));
	else if (strcmp(PQgetvalue(res, 0, 2), "UTF8") != 0)
		result = err_set(err, ERR_PERM,
				 "the database %s has the encoding %s "
				 "(make another: createdb -T template0 -E UTF8 -l C.UTF-8 NAME)",
				 PQgetvalue(res, 0, 3), PQgetvalue(res, 0, 2));
	PQclear(res);
	return result;
}

/* Two runs at once would trip over each other: the second waits, and then finds the work done. */
static int lock(PGconn *conn, struct err *err)
{
	PGresult *res = ask_sql(conn, try_lock_sql, 0, NULL, err);

	if (!res)
		return -1;
	bool mine = *PQgetvalue(res, 0, 0) == 't';
	PQclear(res);
	if (mine)
		return 0;
	fputs("another smsctl db is at work on this database: waiting for it\n", stderr);
	res = ask_sql(conn, lock_sql, 0, NULL, err);
	PQclear(res);
	return res ? 0 : -1;
}

/* All that forbids to begin, on stderr; how many. */
static unsigned refusals(const struct install *in)
{
	unsigned n = 0;

	for (unsigned i = 0; i < in->nfiles; i++)
		if (state_of(in, &in->file[i]) == EDITED) {
			fprintf(stderr,
				"%s was edited after it was applied; put the change into a new file\n",
				in->file[i].path);
			n++;
		}
	for (unsigned i = 0; i < in->nsteps; i++)
		if (is_missing(&in->step[i])) {
			fprintf(stderr,
				"%s was applied to this database but is not in %s: "
				"the database is newer than this program; use the release that brought it\n",
				in->step[i].name, in->dir);
			n++;
		}
	return n;
}

static int install(struct install *in, bool seed, struct err *err)
{
	unsigned applied = 0;

	if (fit(in->conn, err) < 0 || lock(in->conn, err) < 0 || load_steps(in, err) < 0)
		return -1;
	unsigned refused = refusals(in);
	if (refused)
		return err_set(err, ERR_INPUT,
			       "nothing was changed: %u schema file%s must be put right first",
			       refused, refused == 1 ? "" : "s");
	for (unsigned i = 0; !in->nsteps && i < sizeof(bootstrap_sql) / sizeof(*bootstrap_sql); i++)
		if (ask_do(in->conn, bootstrap_sql[i], err) < 0)
			return -1;
	for (unsigned i = 0; i < in->nfiles; i++) {
		if (state_of(in, &in->file[i]) == APPLIED ||
		    (in->file[i].kind == SQLFILE_SEED && !seed))
			continue;
		if (apply(in, &in->file[i], err) < 0)
			return -1;
		applied++;
	}
	if (applied)
		printf("%u file%s applied to %s\n", applied, applied == 1 ? "" : "s",
		       PQdb(in->conn));
	else
		puts("nothing to do");
	return 0;
}

struct args {
	const char *dir, *word[2];
	unsigned nwords;
	bool seed, json;
};

static int install_main(const char *name, const struct args *args)
{
	struct install in;
	struct err err;

	if (open_install(&in, args->dir, &err) < 0)
		return ctl_fail(name, &err);
	int result = install(&in, args->seed, &err);
	close_install(&in);
	return result < 0 ? ctl_fail(name, &err) : CTL_DONE;
}

static int upgrade_main(const char *name, const struct args *args)
{
	struct install in;
	struct err err;

	if (open_install(&in, args->dir, &err) < 0)
		return ctl_fail(name, &err);
	int result = in.nsteps ?
			     install(&in, args->seed, &err) :
			     err_set(&err, ERR_INPUT,
				     "there is no hall in the database %s yet (smsctl db install)",
				     PQdb(in.conn));
	close_install(&in);
	return result < 0 ? ctl_fail(name, &err) : CTL_DONE;
}

static int status_main(const char *name, const struct args *args)
{
	static const struct ctl_column column[] = {
		{ "file" }, { "state" }, { "applied_at" }, { "applied_by" },
	};
	struct install in;
	struct err err;

	if (open_install(&in, args->dir, &err) < 0)
		return ctl_fail(name, &err);
	struct ctl_table *table = ctl_table_new(column, 4, args->json);
	for (unsigned i = 0; i < in.nfiles; i++) {
		const struct step *step = step_of(&in, in.file[i].name);

		ctl_table_row(table, (const char *const[]){ in.file[i].name,
							    state_name[state_of(&in, &in.file[i])],
							    step ? step->at : NULL,
							    step ? step->by : NULL });
	}
	for (unsigned i = 0; i < in.nsteps; i++)
		if (is_missing(&in.step[i]))
			ctl_table_row(table,
				      (const char *const[]){ in.step[i].name, state_name[MISSING],
							     in.step[i].at, in.step[i].by });
	ctl_table_print(&table, "", stdout);
	close_install(&in);
	return CTL_DONE;
}

int db_standing(PGconn *conn, const char *dir, struct db_standing *out_r, struct err *err)
{
	struct install in = { .arena = arena_new(), .conn = conn, .dir = dir };
	int result = sqlfile_list(in.arena, dir, &in.file, &in.nfiles, err);

	*out_r = (struct db_standing){ 0 };
	if (result == 0)
		result = load_steps(&in, err);
	for (unsigned i = 0; result == 0 && i < in.nfiles; i++) {
		enum state state = state_of(&in, &in.file[i]);

		out_r->pending += state == PENDING;
		out_r->changed += state == CHANGED && in.file[i].kind != SQLFILE_SEED;
		out_r->edited += state == EDITED;
	}
	for (unsigned i = 0; result == 0 && i < in.nsteps; i++)
		out_r->missing += is_missing(&in.step[i]);
	arena_free(&in.arena);
	return result;
}

/* The key is never shown: it goes from the generator into the file. */
static int make_key(const char *path, struct err *err)
{
	unsigned char key[SEAL_KEY];
	char hex[2 * SEAL_KEY + 2];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return err_set(err, ERR_INPUT,
			       "%s exists and stays as it is: what was sealed with it "
			       "could not be opened any more (move it away first if you mean it)",
			       path);
	if (fd < 0)
		return err_set(err, ERR_INPUT, "cannot make %s: %s", path, strerror(errno));
	randombytes_buf(key, sizeof(key));
	sodium_bin2hex(hex, sizeof(hex), key, sizeof(key));
	hex[2 * SEAL_KEY] = '\n';
	bool bad = write(fd, hex, 2 * SEAL_KEY + 1) != 2 * SEAL_KEY + 1 || fchmod(fd, 0600) < 0 ||
		   fsync(fd) < 0;
	int why = errno;
	bad |= close(fd) < 0;
	sodium_memzero(key, sizeof(key));
	sodium_memzero(hex, sizeof(hex));
	if (bad) {
		unlink(path);
		return err_set(err, ERR_PERM, "cannot write %s: %s", path, strerror(why));
	}
	return 0;
}

static int key_main(const char *name, const struct args *args)
{
	struct err err;

	if (sodium_init() < 0 || make_key(args->word[1], &err) < 0)
		return ctl_fail(name, &err);
	printf("made %s, readable by its owner only: smsd must be that owner (chown smsd %s); "
	       "keep a copy in a safe place\n", args->word[1], args->word[1]);
	return CTL_DONE;
}

static const struct {
	const char *name;
	unsigned words;		/* with its own */
	int (*run)(const char *name, const struct args *args);
} subcommands[] = {
	{ "install", 1, install_main },
	{ "upgrade", 1, upgrade_main },
	{ "status", 1, status_main },
	{ "key", 2, key_main },
};
enum { SUBCOMMANDS = sizeof(subcommands) / sizeof(*subcommands) };

static const struct argp_option options[] = {
	{ "sql", 's', "DIR", 0, "The folder of the SQL files, instead of the hall's own", 0 },
	{ "seed", 'S', NULL, 0, "install, upgrade: sample subscribers and services too", 0 },
	CTL_JSON_OPTION,
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 's':
		args->dir = arg;
		return 0;
	case 'S':
		args->seed = true;
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
	options, parse, "install\nupgrade\nstatus\nkey FILE",
	"Makes and upgrades the hall's database, and the key that seals parked texts.\v"
	"install and upgrade apply what is new or changed, each file in one transaction; running them "
	"again is harmless.  status lists every file as applied, pending, changed, edited (an applied "
	"schema file that is not what it was), optional (sample data) or missing.  key makes a file "
	"of 32 random octets in hex that only its owner may read.",
	NULL, NULL, NULL,
};

int db_main(int argc, char **argv)
{
	struct args args = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	for (unsigned i = 0; args.nwords && i < SUBCOMMANDS; i++)
		if (strcmp(args.word[0], subcommands[i].name) == 0 &&
		    args.nwords == subcommands[i].words)
			return subcommands[i].run(argv[0], &args);
	return ctl_usage(argv[0], &argp);
}
