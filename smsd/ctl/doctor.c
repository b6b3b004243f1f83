/* doctor - `smsctl doctor`: looks at everything that a hall needs and says what is wrong, a line a
 * finding, each with its remedy.  Changes nothing.  Exit status 1 when something failed; a warning
 * is no failure. */
#include <argp.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/seal.h"
#include "ctl/ctl.h"
#include "table/ask.h"

enum grade { OK, WARN, FAIL };
static const char *const grade_name[] = { "ok", "warn", "fail" };

enum {
	DAYS_AHEAD = 3,		/* of partitions */
	WAITING_MAX = 100000,	/* sms-incoming-queue-limit: what the spool must have room for */
	WAITING_OCTETS = 4096,	/* each a file */
	BODY_MAX = 1 << 20,
	HTTP_TIMEOUT_S = 5,
};

struct doctor {
	const char *conf_file, *sql_dir;
	bool json;
	const char *check;		/* the one that runs */
	struct ctl_table *table;	/* with json */
	unsigned count[FAIL + 1];
	struct conf conf;		/* arena NULL: it could not be read */
	PGconn *conn;			/* NULL: not reachable */
};

static const struct ctl_column column[] = { { "check" }, { "grade" }, { "text" } };

/* Shown at once, because a check may take its time; JSON comes whole at the end. */
static void found(struct doctor *d, enum grade grade, const char *format, ...) PRINTF_LIKE(3, 4);
static void found(struct doctor *d, enum grade grade, const char *format, ...)
{
	struct err line;
	va_list ap;

	va_start(ap, format);
	vsnprintf(line.text, sizeof(line.text), format, ap);
	va_end(ap);
	d->count[grade]++;
	if (d->json) {
		ctl_table_row(d->table,
			      (const char *const[]){ d->check, grade_name[grade], line.text });
		return;
	}
	printf("%-4s  %-13s  %s\n", grade_name[grade], d->check, line.text);
	fflush(stdout);
}

static void configuration(struct doctor *d)
{
	char *problems = NULL, *rest, *line;
	size_t size;
	struct err err;
	FILE *errors = open_memstream(&problems, &size);

	int result = conf_read(d->conf_file, &d->conf, errors, &err);
	fclose(errors);
	for (rest = problems; (line = strsep(&rest, "\n"));)
		if (*line)
			found(d, FAIL, "%s", line);
	free(problems);
	if (result < 0)
		found(d, FAIL, "%s", err.text);
	else
		found(d, OK, "%s: instance %s, %u gateway%s", d->conf_file, d->conf.instance,
		      d->conf.ngateways, d->conf.ngateways == 1 ? "" : "s");
}

static void seal_key(struct doctor *d)
{
	struct seal seal;
	struct err err;

	if (!d->conf.arena)
		return;
	if (access(d->conf.seal_key_file, F_OK) == 0 && access(d->conf.seal_key_file, R_OK) < 0)
		found(d, WARN, "%s cannot be read by this user (run it as the user of smsd)",
		      d->conf.seal_key_file);
	else if (seal_read_key(d->conf.seal_key_file, &seal, &err) < 0)
		found(d, FAIL, "%s", err.text);
	else
		found(d, OK, "%s", d->conf.seal_key_file);
}

static void database(struct doctor *d)
{
	struct err err;

	d->conn = ctl_connect(&err);
	if (!d->conn) {
		found(d, FAIL, "%s", err.text);
		return;
	}
	PGresult *res = ask(d->conn, Q_CTL_DOCTOR_SERVER, 0, NULL, &err);
	if (!res) {
		found(d, FAIL, "%s", err.text);
		return;
	}
	const char *name = PQgetvalue(res, 0, 2), *encoding = PQgetvalue(res, 0, 3);
	const char *collate = PQgetvalue(res, 0, 4), *ctype = PQgetvalue(res, 0, 5);
	found(d, OK, "%s at %s, PostgreSQL %s", name, PQhost(d->conn), PQgetvalue(res, 0, 1));
	if (ask_int(res, 0, 0) < 150000)
		found(d, FAIL, "PostgreSQL is too old (the hall needs 15 or newer)");
	if (strcmp(encoding, "UTF8") != 0)
		found(d, FAIL,
		      "%s has the encoding %s "
		      "(make another: createdb -T template0 -E UTF8 -l C.UTF-8 NAME)",
		      name, encoding);
	if (strcmp(collate, "C.UTF-8") != 0 || strcmp(ctype, "C.UTF-8") != 0)
		found(d, WARN, "%s sorts by %s and %s (C.UTF-8 is faster and never changes with "
		      "the system: createdb -T template0 -l C.UTF-8 NAME)", name, collate, ctype);
	if (*PQgetvalue(res, 0, 6) == 't')
		found(d, FAIL,
		      "this server is a standby (name the primary, or target_session_attrs=read-write)");
	PQclear(res);
}

/* The daemon's own way in.  Where it is let in by its system user, another one cannot try. */
static void conninfo(struct doctor *d)
{
	if (!d->conf.arena)
		return;
	PGconn *conn = PQconnectdb(d->conf.db_conninfo);
	const char *text = PQerrorMessage(conn);
	if (PQstatus(conn) == CONNECTION_OK)
		found(d, OK, "smsd gets in as %s", PQuser(conn));
	else
		found(d, WARN,
		      "%.*s (with database.conninfo as this user; if only smsd's user is let in: "
		      "sudo -u smsd smsctl doctor)",
		      (int)strcspn(text, "\n"), text);
	PQfinish(conn);
}

static void settings(struct doctor *d)
{
	unsigned warned = d->count[WARN];
	struct err err;

	if (!d->conn)
		return;
	PGresult *res = ask(d->conn, Q_CTL_DOCTOR_SERVER, 0, NULL, &err);
	if (!res) {
		found(d, FAIL, "%s", err.text);
		return;
	}
	int buffers = ask_int(res, 0, 10), wal = ask_int(res, 0, 11);
	long memory = sysconf(_SC_PHYS_PAGES) / 1024 * sysconf(_SC_PAGESIZE) / 1024;
	if (strcmp(PQgetvalue(res, 0, 7), "on") != 0)
		found(d, WARN,
		      "fsync is off: a power cut may lose the whole database (fsync = on)");
	if (strcmp(PQgetvalue(res, 0, 8), "on") != 0)
		found(d, WARN,
		      "full_page_writes is off: a power cut may spoil pages (full_page_writes = on)");
	if (strcmp(PQgetvalue(res, 0, 9), "off") == 0)
		found(d, WARN, "synchronous_commit is off: smsd switches it on for itself, "
		      "other writers may lose commits (synchronous_commit = on)");
	if (buffers < 1024 && buffers < memory / 8)
		found(d, WARN,
		      "shared_buffers is %d MB of %ld MB of memory (a quarter, at most 4 GB)",
		      buffers, memory);
	if (wal < 4096)
		found(d, WARN,
		      "max_wal_size is %d MB (4 to 16 GB: each checkpoint makes the next seconds "
		      "slow)",
		      wal);
	if (d->count[WARN] == warned)
		found(d, OK, "shared_buffers %d MB, max_wal_size %d MB", buffers, wal);
	PQclear(res);
}

static void roles(struct doctor *d)
{
	static const char *const wanted =
		"{smsd,hall_command,hall_ops,hall_campaign,hall_author,hall_approver,hall_viewer,hall_channel}";
	struct err err;

	if (!d->conn)
		return;
	PGresult *res = ask(d->conn, Q_CTL_DOCTOR_ROLES, 1, &wanted, &err);
	if (!res)
		found(d, FAIL, "%s", err.text);
	else if (*PQgetvalue(res, 0, 0))
		found(d, FAIL, "these are missing: %s (smsctl db upgrade)", PQgetvalue(res, 0, 0));
	else
		found(d, OK, "all there");
	PQclear(res);
}

static void schema(struct doctor *d)
{
	struct db_standing standing;
	struct err err;

	if (!d->conn)
		return;
	if (!d->sql_dir)
		found(d, FAIL, "the folder sql/ is neither beside this program's nor in " DATADIR
		      " (name it with --sql)");
	else if (db_standing(d->conn, d->sql_dir, &standing, &err) < 0)
		found(d, FAIL, "%s", err.text);
	else if (standing.edited || standing.missing)
		found(d, FAIL,
		      "%u applied schema file%s edited or missing (smsctl db status lists them)",
		      standing.edited + standing.missing,
		      standing.edited + standing.missing == 1 ? " is" : "s are");
	else if (standing.pending || standing.changed)
		found(d, FAIL, "%u file%s not applied (smsctl db install)",
		      standing.pending + standing.changed,
		      standing.pending + standing.changed == 1 ? " is" : "s are");
	else
		found(d, OK, "as in %s", d->sql_dir);
}

static void partitions(struct doctor *d)
{
	struct err err;
	unsigned good = 0;

	if (!d->conn)
		return;
	PGresult *res = ask(d->conn, Q_CTL_DOCTOR_PARTITIONS, 0, NULL, &err);
	if (!res) {
		found(d, FAIL, "%s (smsctl db install)", err.text);
		return;
	}
	for (int i = 0; i < PQntuples(res); i++) {
		const char *table = PQgetvalue(res, i, 0);
		bool far = ask_int(res, i, 1) >= DAYS_AHEAD,
		     stray = strcmp(PQgetvalue(res, i, 2), "0") != 0;

		if (!far)
			found(d, FAIL,
			      "hall.%s has partitions for %d more days (a running smsd makes them; "
			      "by hand: SELECT hall.partition_ahead())",
			      table, ask_int(res, i, 1));
		if (stray)
			found(d, WARN,
			      "%s rows of hall.%s lie outside all days, in hall.%s_default "
			      "(the clock of a gateway is wrong, or days were missing)",
			      PQgetvalue(res, i, 2), table, table);
		good += far && !stray;
	}
	if (good && good == (unsigned)PQntuples(res))
		found(d, OK, "made at least %d days ahead", DAYS_AHEAD);
	PQclear(res);
}

/* The command tables, and what waits for a person. */
static void hall(struct doctor *d)
{
	struct err err;

	if (!d->conn)
		return;
	PGresult *res = ask(d->conn, Q_CTL_DOCTOR_HALL, 0, NULL, &err);
	if (!res) {
		found(d, FAIL, "%s (smsctl db install)", err.text);
		return;
	}
	if (PQgetisnull(res, 0, 0))
		found(d, FAIL,
		      "no version of the command tables is active (smsctl tables apply commands/)");
	else
		found(d, OK, "version %s of the command tables is active", PQgetvalue(res, 0, 0));
	if (ask_int(res, 0, 1))
		found(d, WARN, "%s parked, the oldest since %s (smsctl parked list)",
		      PQgetvalue(res, 0, 1), PQgetvalue(res, 0, 2));
	else
		found(d, OK, "no text is parked");
	PQclear(res);
}

static size_t take_body(char *data, size_t size, size_t n, void *arg)
{
	struct buf *body = arg;

	if (body->len + size * n > BODY_MAX)
		return 0;
	buf_add(body, data, size * n);
	return size * n;
}

/* The status, 0 when there was no answer: then body says why. */
static long http_get(const char *url, struct buf *body)
{
	CURL *curl = curl_easy_init();
	char why[CURL_ERROR_SIZE] = "";
	long status = 0;

	if (!curl) {
		buf_z(body, "libcurl cannot start");
		return 0;
	}
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)HTTP_TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	CURLcode code = curl_easy_perform(curl);
	if (code == CURLE_OK) {
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	} else {
		body->len = 0;
		buf_z(body, *why ? why : curl_easy_strerror(code));
	}
	curl_easy_cleanup(curl);
	return status;
}

static void smsd(struct doctor *d)
{
	const char *told = getenv("SMSD_HTTP");
	struct buf url = { 0 }, body = { 0 };

	if (told && *told)
		buf_printf(&url, "%s/readyz", told);
	else if (d->conf.arena && d->conf.admin_port)
		buf_printf(&url,
			   strchr(d->conf.admin_listen, ':') ? "http://[%s]:%d/readyz" :
							       "http://%s:%d/readyz",
			   d->conf.admin_listen, d->conf.admin_port);
	if (!url.len) {
		found(d, WARN, "not asked: nothing says where it listens "
		      "(admin.port in smsd.yaml, or SMSD_HTTP)");
		return;
	}
	long status = http_get(buf_cstr(&url), &body);
	struct str text = buf_get(&body);
	while (text.len && text.ptr[text.len - 1] == '\n')
		text.len--;
	if (status == 200)
		found(d, OK, "ready: %.*s", STR_ARG(text));
	else if (status)
		found(d, FAIL, "%s answers %ld: %.*s (its log says more)", buf_cstr(&url), status,
		      STR_ARG(text));
	else
		found(d, FAIL,
		      "%s: %.*s (start it: systemctl start smsd; `make run` in a checkout)",
		      buf_cstr(&url), STR_ARG(text));
	buf_free(&url);
	buf_free(&body);
}

static void api(struct doctor *d)
{
	struct err err;

	if (!d->conf.arena || !d->conn)
		return;
	if (!d->conf.admin_port || strcmp(d->conf.admin_api, "on") != 0) {
		found(d, OK, "off");
		return;
	}
	PGresult *res = ask(d->conn, Q_CTL_DOCTOR_API, 0, NULL, &err);
	if (!res) {
		found(d, WARN, "%s (run it as hall_ops or a superuser)", err.text);
		return;
	}
	const char *soon = PQgetvalue(res, 0, 1), *over = PQgetvalue(res, 0, 2);
	found(d, OK, "%s token%s", PQgetvalue(res, 0, 0), strcmp(PQgetvalue(res, 0, 0), "1") == 0 ? "" : "s");
	if (*soon)
		found(d, WARN, "within 14 days the token ends of %s (smsctl user rotate)", soon);
	if (*over)
		found(d, WARN, "the token has ended of %s (smsctl user rotate, or revoke)", over);
	if (strncmp(d->conf.admin_listen, "127.", 4) != 0 && strcmp(d->conf.admin_listen, "::1") != 0)
		found(d, WARN, "tokens travel as they are to %s (listen on 127.0.0.1, with a proxy for TLS in front)",
		      d->conf.admin_listen);
	PQclear(res);
}

/* What stands between the next open and close, and rest goes behind it; ptr NULL: there is none. */
static struct str between(struct str *rest, const char *open, const char *close)
{
	const char *from = rest->len ? memmem(rest->ptr, rest->len, open, strlen(open)) : NULL;

	if (!from)
		return (struct str){ 0 };
	from += strlen(open);
	size_t left = rest->ptr + rest->len - from;
	const char *to = memmem(from, left, close, strlen(close));
	if (!to)
		return (struct str){ 0 };
	*rest = str_n(to, rest->ptr + rest->len - to);
	return str_n(from, to - from);
}

static struct str element(struct str in, const char *open, const char *close)
{
	return between(&in, open, close);
}

static void gateway_boxes(struct doctor *d, struct str xml)
{
	struct str boxes = element(xml, "<boxes>", "</boxes>"), box;
	unsigned ours = 0, bulk = 0, with_bulk = 0;

	for (unsigned i = 0; i < d->conf.ngateways; i++)
		with_bulk += d->conf.gateway[i].bulk_boxc_id != NULL;
	while ((box = between(&boxes, "<box>", "</box>")).ptr) {
		struct str id = element(box, "<id>", "</id>");
		bool main = false, second = false;

		for (unsigned i = 0; i < d->conf.ngateways; i++) {
			main |= str_eqz(id, d->conf.gateway[i].boxc_id);
			second |= d->conf.gateway[i].bulk_boxc_id && str_eqz(id, d->conf.gateway[i].bulk_boxc_id);
		}
		ours += main;
		bulk += second;
	}
	if (ours)
		found(d, OK, "%u smsd connected", ours);
	if (ours && with_bulk && bulk < ours)
		found(d, WARN, "%u of them by a second connection: reminders and blasts of the others wait "
		      "(does each smsd.yaml have the same bulk_boxc_id? its log says why it is down)", bulk);
	if (ours)
		return;
	if (d->conf.arena)
		found(d, FAIL, "no smsd is connected to bearerbox (is it running? "
		      "do gateways.port and boxc_id agree with smsbox-port and smsbox-route?)");
}

static void gateway_links(struct doctor *d, struct str xml)
{
	struct str smscs = element(xml, "<smscs>", "</smscs>"), smsc;

	while ((smsc = between(&smscs, "<smsc>", "</smsc>")).ptr) {
		struct str id = element(smsc, "<id>", "</id>"),
			   status = element(smsc, "<status>", "</status>");
		bool online = str_starts(status, STR("online"));

		found(d, online ? OK : FAIL, "link %.*s is %.*s%s", STR_ARG(id), STR_ARG(status),
		      online ? "" : " (bearerbox tries for ever; its log says why)");
	}
}

static void bearerbox(struct doctor *d)
{
	const char *url = getenv("BEARERBOX_STATUS");
	struct buf body = { 0 };

	if (!url || !*url) {
		found(d, WARN, "not asked: BEARERBOX_STATUS is not set "
		      "(http://127.0.0.1:13000/status.xml?password=…)");
		return;
	}
	long http = http_get(url, &body);
	struct str xml = buf_get(&body), status = element(xml, "<status>", "</status>");
	if (!http)
		found(d, FAIL, "%.*s (start it)", STR_ARG(xml));
	else if (!status.ptr)
		found(d, FAIL, "its status page gives no status "
		      "(is the status-password in BEARERBOX_STATUS right?)");
	else
		found(d, str_starts(status, STR("running")) ? OK : FAIL, "%.*s; stored %.*s",
		      STR_ARG(status), STR_ARG(element(xml, "<storesize>", "</storesize>")));
	if (http && status.ptr) {
		gateway_boxes(d, xml);
		gateway_links(d, xml);
	}
	buf_free(&body);
}

static void spool(struct doctor *d)
{
	const char *dir = getenv("BEARERBOX_SPOOL");
	struct statvfs fs;

	if (!dir || !*dir)
		dir = "/var/spool/kannel/smshall";
	if (statvfs(dir, &fs) < 0) {
		found(d, WARN, "%s: %s (BEARERBOX_SPOOL names bearerbox's store-location)", dir,
		      strerror(errno));
		return;
	}
	unsigned long long octets = (unsigned long long)fs.f_bavail * fs.f_frsize;
	unsigned long long room = octets / WAITING_OCTETS;
	/* some file systems have no fixed number of inodes */
	if (fs.f_files && fs.f_favail < room)
		room = fs.f_favail;
	if (room >= WAITING_MAX)
		found(d, OK, "%s has room for %llu waiting texts, %llu MB", dir, room,
		      octets >> 20);
	else
		found(d, room < WAITING_MAX / 10 ? FAIL : WARN,
		      "%s has room for %llu waiting texts, %llu MB "
		      "(bearerbox may have to keep %d: free some space or inodes)",
		      dir, room, octets >> 20, WAITING_MAX);
}

static const struct {
	const char *name;
	void (*run)(struct doctor *d);
} checks[] = {
	{ "configuration", configuration },
	{ "seal key", seal_key },
	{ "database", database },
	{ "conninfo", conninfo },
	{ "settings", settings },
	{ "roles", roles },
	{ "schema", schema },
	{ "partitions", partitions },
	{ "hall", hall },
	{ "smsd", smsd },
	{ "api", api },
	{ "bearerbox", bearerbox },
	{ "spool", spool },
};

static const struct argp_option options[] = {
	{ "conf", 'c', "FILE", 0, "smsd's configuration (default: SMSD_CONF, kannel-conf/smsd.yaml "
	  "of the checkout, /etc/smshall/smsd.yaml)", 0 },
	{ "sql", 's', "DIR", 0, "The folder of the SQL files, instead of the hall's own", 0 },
	CTL_JSON_OPTION,
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct doctor *d = state->input;

	switch (key) {
	case 'c':
		d->conf_file = arg;
		return 0;
	case 's':
		d->sql_dir = arg;
		return 0;
	case 'j':
		d->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "\"%s\" is one word too many", arg);
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	options, parse, NULL,
	"Looks at everything that a hall needs and says what is wrong, with the remedy.\v"
	"Asks smsd at SMSD_HTTP, else where its configuration says; bearerbox at BEARERBOX_STATUS; "
	"the spool is BEARERBOX_SPOOL.  Changes nothing.", NULL, NULL, NULL,
};

int doctor_main(int argc, char **argv)
{
	struct doctor d = { 0 };

	argp_parse(&argp, argc, argv, 0, NULL, &d);
	if (!d.conf_file)
		d.conf_file = ctl_conf_file();
	if (!d.sql_dir)
		d.sql_dir = ctl_datadir("sql");
	if (d.json)
		d.table = ctl_table_new(column, 3, true);
	for (unsigned i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		d.check = checks[i].name;
		checks[i].run(&d);
	}
	if (d.json)
		ctl_table_print(&d.table, "", stdout);
	else
		printf("%u failed, %u to be looked at\n", d.count[FAIL], d.count[WARN]);
	PQfinish(d.conn);
	conf_free(&d.conf);
	return d.count[FAIL] ? CTL_FAILED : CTL_DONE;
}
