/* conf - see conf.h.  One table of options says name, kind, place, default, bounds and meaning;
 * reading, checking, the list for the manual and the lint test all walk it. */
#include "base/conf.h"

#include <errno.h>
#include <stdlib.h>

#include "base/yaml.h"

enum kind { TEXT, NUMBER, SECONDS, CHOICE, LEVEL, PORTS, SECTION, GATEWAYS, TLS };

struct option {
	const char *name;
	enum kind kind;
	size_t offset;			/* in struct conf, or in struct conf_gateway */
	bool required;
	const char *fallback;		/* as one would write it; NULL: stays empty */
	long min, max;			/* NUMBER, SECONDS; PORTS and GATEWAYS: how many */
	const char *choices;		/* CHOICE: separated by | */
	const struct option *sub;	/* SECTION, GATEWAYS, TLS */
	const char *about;		/* one line; what to write, where it is required */
};

#define AT(member) offsetof(struct conf, member)
#define GW(member) offsetof(struct conf_gateway, member)

static const struct option tls_options[] = {
	{ "ca", TEXT, GW(tls_ca),
	  .about = "PEM file of the authority that must have signed the gateway's certificate" },
	{ "name", TEXT, GW(tls_name),
	  .about = "name that the gateway's certificate must carry; needs ca" },
	{ 0 },
};

static const struct option gateway_options[] = {
	{ "name", TEXT, GW(name), .fallback = "main", .about = "what logs and metrics call it" },
	{ "host", TEXT, GW(host), .fallback = "127.0.0.1",
	  .about = "where bearerbox listens for boxes" },
	{ "port", NUMBER, GW(port), .fallback = "13001", .min = 1, .max = 65535,
	  .about = "bearerbox's smsbox-port" },
	{ "boxc_id", TEXT, GW(boxc_id), .fallback = "smsd",
	  .about = "the smsbox-id in bearerbox's `group = smsbox-route`" },
	{ "bulk_boxc_id", TEXT, GW(bulk_boxc_id),
	  .about = "a second connection, for messages that no customer asked for, calls itself so; none unless given" },
	{ "tls", TLS, GW(tls), .fallback = "off", .sub = tls_options,
	  .about = "off, or a mapping: {} encrypts, ca and name also verify" },
	{ 0 },
};

static const struct option database_options[] = {
	{ "conninfo", TEXT, AT(db_conninfo), .required = true,
	  .about = "libpq connection string, as in: dbname=hall user=smsd host=/run/postgresql" },
	{ "connections", NUMBER, AT(db_connections), .fallback = "1", .min = 1, .max = 16,
	  .about = "batches under way at once; senders are hashed to connections" },
	{ "batch_max", NUMBER, AT(batch_max), .fallback = "128", .min = 1, .max = 1024,
	  .about = "texts that may share one transaction" },
	{ 0 },
};

static const struct option admin_options[] = {
	{ "listen", TEXT, AT(admin_listen), .fallback = "127.0.0.1",
	  .about = "address of /healthz, /readyz and /metrics" },
	{ "port", NUMBER, AT(admin_port), .fallback = "13004", .min = 0, .max = 65535,
	  .about = "its port; 0: none" },
	{ "api", CHOICE, AT(admin_api), .fallback = "on", .choices = "on|off",
	  .about = "whether /api/v1 is there too, for who has a token of `smsctl user add`" },
	{ 0 },
};

static const struct option limit_options[] = {
	{ "in_flight", NUMBER, AT(in_flight_max), .fallback = "100000", .min = 1, .max = 1000000,
	  .about = "texts taken and not yet acknowledged; past it the gateways keep the rest" },
	{ "unasked", NUMBER, AT(door_rate), .fallback = "50", .min = 1, .max = 10000,
	  .about = "SMS a second, by this smsd, that no customer asked for: reminders, blasts" },
	{ 0 },
};

static const struct option options[] = {
	{ "instance", TEXT, AT(instance), .required = true,
	  .about = "name of this smsd, unique among those of one database, as in: hall1" },
	{ "ports", PORTS, AT(port), .required = true, .min = 1, .max = CONF_PORTS_MAX,
	  .about = "our own short codes, as in: [\"10086\"]; never answered as senders" },
	{ "gateways", GATEWAYS, AT(gateway), .required = true, .min = 1, .max = CONF_GATEWAYS_MAX,
	  .sub = gateway_options, .about = "the bearerboxes to serve, as in: [{host: 127.0.0.1}]" },
	{ "database", SECTION, 0, .sub = database_options, .about = "the database, PostgreSQL" },
	{ "admin", SECTION, 0, .sub = admin_options, .about = "HTTP for probes and metrics" },
	{ "limits", SECTION, 0, .sub = limit_options, .about = "what bounds the work under way" },
	{ "seal_key_file", TEXT, AT(seal_key_file), .required = true,
	  .about = "32 octets in hex that seal parked texts; `smsctl db key FILE` makes one" },
	{ "reports", CHOICE, AT(report_for), .fallback = "changes", .choices = "none|changes|all",
	  .about = "which replies ask for a delivery report" },
	{ "drain", SECONDS, AT(drain_s), .fallback = "10s", .min = 0, .max = 3600,
	  .about = "how long SIGTERM lets it finish what is under way" },
	{ "retention_days", NUMBER, AT(retention_days), .fallback = "400", .min = 184, .max = 36500,
	  .about = "how long texts, answers and contacts are kept; the rules want 6 months at least" },
	{ "log_level", LEVEL, AT(log_level), .fallback = "info", .choices = "error|warn|info|debug",
	  .about = "how much is logged" },
	{ 0 },
};

struct reader {
	const char *file;
	FILE *errors;
	struct arena *arena;
	unsigned problems;
};

struct place {
	unsigned line, column;
};

static const char name_characters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

static void complain(struct reader *r, struct place at, const char *format, ...) PRINTF_LIKE(3, 4);
static void complain(struct reader *r, struct place at, const char *format, ...)
{
	va_list ap;

	r->problems++;
	fprintf(r->errors, "%s:%u:%u: error: ", r->file, at.line, at.column);
	va_start(ap, format);
	vfprintf(r->errors, format, ap);
	va_end(ap);
	fputc('\n', r->errors);
}

static void yaml_problem(void *arg, unsigned line, unsigned column, const char *text)
{
	complain(arg, (struct place){ line, column }, "%s", text);
}

static struct place place_of(const struct yaml_node *node)
{
	return (struct place){ node->line, node->column };
}

static struct place place_in(const struct yaml_node *node, size_t offset)
{
	struct place at;

	yaml_where(node, offset, &at.line, &at.column);
	return at;
}

/* hole is what stands between ${ and }, at is where it begins.  A variable that is set but empty
 * counts as missing where there is a default, as in the shell. */
static bool expand_hole(struct reader *r, struct place at, struct str hole, struct buf *out)
{
	size_t n = strspn(hole.ptr, name_characters);	/* a } follows the hole */
	struct str rest = str_n(hole.ptr + n, hole.len - n);
	const char *name = arena_z(r->arena, str_n(hole.ptr, n));
	const char *value = getenv(name);

	if (n == 0 || (*name >= '0' && *name <= '9') ||
	    (rest.len && !str_starts(rest, STR(":-")))) {
		complain(r, at, "\"${%.*s}\" is not understood (write ${NAME} or ${NAME:-default})",
			 STR_ARG(hole));
		return false;
	}
	if (value && (*value || !rest.len)) {
		buf_z(out, value);
	} else if (rest.len) {
		str_skip(&rest, 2);
		buf_str(out, rest);
	} else {
		complain(r, at, "the environment has no %s (set it, or write ${%s:-default})",
			 name, name);
		return false;
	}
	return true;
}

/* The value with each ${…} replaced; what comes from the environment is not searched again. */
static bool expand(struct reader *r, const struct yaml_node *node, struct str *out_r)
{
	struct str v = node->value;
	struct buf out = { 0 };
	bool ok = true;

	for (size_t i = 0; i < v.len; i++) {
		if (!str_starts(str_n(v.ptr + i, v.len - i), STR("${"))) {
			buf_char(&out, v.ptr[i]);
			continue;
		}
		const char *end = memchr(v.ptr + i, '}', v.len - i);
		if (!end) {
			complain(r, place_in(node, i), "\"${\" is never closed (add a })");
			ok = false;
			break;
		}
		struct str hole = str_n(v.ptr + i + 2, end - (v.ptr + i + 2));
		ok &= expand_hole(r, place_in(node, i), hole, &out);
		i = end - v.ptr;
	}
	*out_r = arena_str(r->arena, buf_get(&out));
	buf_free(&out);
	return ok;
}

/* Of a node that must hold one plain value. */
static bool scalar(struct reader *r, const char *what, const struct yaml_node *node,
		   struct str *out_r)
{
	if (node->kind != YAML_SCALAR) {
		complain(r, place_of(node), "\"%s\" is %s, not a single value", what,
			 yaml_kind_name(node->kind));
		return false;
	}
	if (node->plain && (str_eqz(node->value, "") || str_eqz(node->value, "~") ||
			    str_eqz(node->value, "null"))) {
		complain(r, place_of(node), "\"%s\" has no value (give it one, or remove the line)",
			 what);
		return false;
	}
	return expand(r, node, out_r);
}

static bool parse_number(struct str s, long *out_r)
{
	if (!str_digits(s) || s.len > 9)
		return false;
	*out_r = 0;
	for (size_t i = 0; i < s.len; i++)
		*out_r = *out_r * 10 + (s.ptr[i] - '0');
	return true;
}

/* 10s, 2m, 1h */
static bool parse_seconds(struct str s, long *out_r)
{
	static const struct { char unit; long seconds; } unit[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 },
	};

	for (unsigned i = 0; s.len && i < sizeof(unit) / sizeof(*unit); i++)
		if (s.ptr[s.len - 1] == unit[i].unit) {
			if (!parse_number(str_n(s.ptr, s.len - 1), out_r))
				return false;
			*out_r *= unit[i].seconds;
			return true;
		}
	return false;
}

static bool one_of(struct str value, const char *choices)
{
	for (const char *c = choices; c; c = strchr(c, '|'), c += c != NULL)
		if (str_eq(value, str_n(c, strcspn(c, "|"))))
			return true;
	return false;
}

/* Puts a value, written in the file or the default, into its place. */
static void store(struct reader *r, const struct option *o, struct place at, struct str value,
		  char *base)
{
	void *to = base + o->offset;
	long n = 0;

	switch (o->kind) {
	case TEXT:
		if (value.len)
			*(const char **)to = value.ptr;
		else if (o->required || o->fallback)
			complain(r, at, "\"%s\" is empty (%s)", o->name, o->about);
		break;
	case NUMBER:
		if (!parse_number(value, &n) || n < o->min || n > o->max)
			complain(r, at, "\"%s\" is \"%.*s\" (write a whole number from %ld to %ld)",
				 o->name, STR_ARG(value), o->min, o->max);
		*(int *)to = (int)n;
		break;
	case SECONDS:
		if (!parse_seconds(value, &n) || n < o->min || n > o->max)
			complain(r, at,
				 "\"%s\" is \"%.*s\" "
				 "(write a duration from %lds to %lds, as in 10s or 2m)",
				 o->name, STR_ARG(value), o->min, o->max);
		*(unsigned *)to = (unsigned)n;
		break;
	case CHOICE:
	case LEVEL:
		if (!one_of(value, o->choices))
			complain(r, at, "\"%s\" is \"%.*s\" (write one of %s)", o->name,
				 STR_ARG(value), o->choices);
		else if (o->kind == CHOICE)
			*(const char **)to = value.ptr;
		else
			*(enum log_level *)to = (enum log_level)log_level_parse(value);
		break;
	case TLS:
		if (!str_eqz(value, "off"))
			complain(r, at, "\"%s\" is \"%.*s\" (%s)", o->name, STR_ARG(value),
				 o->about);
		break;
	case PORTS: case SECTION: case GATEWAYS:
		break;
	}
}

static void unknown_key(struct reader *r, const struct option *table, const struct yaml_node *node)
{
	struct place at = { node->key_line, node->key_column };
	const char *near = NULL;
	unsigned best = 3;

	for (const struct option *o = table; o->name; o++) {
		unsigned d = str_distance(node->key, str_z(o->name), best);

		if (d < best) {
			best = d;
			near = o->name;
		}
	}
	if (near) {
		complain(r, at, "unknown key \"%.*s\" (did you mean \"%s\"?)", STR_ARG(node->key),
			 near);
		return;
	}
	struct buf known = { 0 };
	for (const struct option *o = table; o->name; o++)
		buf_printf(&known, "%s%s", known.len ? ", " : "", o->name);
	complain(r, at, "unknown key \"%.*s\" (here belong: %s)", STR_ARG(node->key),
		 buf_cstr(&known));
	buf_free(&known);
}

static void read_option(struct reader *r, const struct option *o, const struct yaml_node *node,
			struct place at, char *base);

/* node is NULL where the section was left out: its defaults count, at the place of its parent. */
static void read_section(struct reader *r, const struct option *table, const char *what,
			 const struct yaml_node *node, struct place at, char *base)
{
	if (node && node->kind != YAML_MAPPING) {
		complain(r, place_of(node), "\"%s\" is %s, not a mapping (write %s: {%s: …})", what,
			 yaml_kind_name(node->kind), what, table->name);
		return;
	}
	for (const struct yaml_node *c = node ? node->child : NULL; c; c = c->next) {
		const struct option *o = table;

		while (o->name && !str_eqz(c->key, o->name))
			o++;
		if (!o->name)
			unknown_key(r, table, c);
	}
	for (const struct option *o = table; o->name; o++)
		read_option(r, o, node ? yaml_get(node, o->name) : NULL, at, base);
}

/* Whether node is a list of o->min to o->max things. */
static bool list(struct reader *r, const struct option *o, const struct yaml_node *node)
{
	if (node->kind != YAML_SEQUENCE) {
		complain(r, place_of(node), "\"%s\" is %s, not a list (%s)", o->name,
			 yaml_kind_name(node->kind), o->about);
		return false;
	}
	if (node->n < o->min || node->n > o->max) {
		complain(r, place_of(node), "\"%s\" has %u entries (give %ld to %ld)", o->name,
			 node->n, o->min, o->max);
		return false;
	}
	return true;
}

static void read_ports(struct reader *r, const struct option *o, const struct yaml_node *node,
		       struct conf *conf)
{
	if (!list(r, o, node))
		return;
	for (const struct yaml_node *c = node->child; c; c = c->next) {
		struct str port;

		if (!scalar(r, o->name, c, &port))
			continue;
		if (!str_digits(port) || port.len > 20)
			complain(r, place_of(c),
				 "\"%.*s\" is no short code (write its digits, at most 20)",
				 STR_ARG(port));
		for (unsigned i = 0; i < conf->nports; i++)
			if (str_eqz(port, conf->port[i]))
				complain(r, place_of(c), "\"%s\" stands here twice (remove one)",
					 port.ptr);
		conf->port[conf->nports++] = port.ptr;
	}
}

static void check_gateway(struct reader *r, const struct yaml_node *node, const struct conf *conf,
			  const struct conf_gateway *g)
{
	for (const struct conf_gateway *other = conf->gateway; other < g; other++)
		if (g->name && other->name && strcmp(g->name, other->name) == 0)
			complain(r, place_of(node), "two gateways have the name \"%s\" "
				 "(give each a `name` of its own)", g->name);
	if (g->bulk_boxc_id && g->boxc_id && strcmp(g->bulk_boxc_id, g->boxc_id) == 0)
		complain(r, place_of(node), "bulk_boxc_id is boxc_id (give it a name of its own: bearerbox would "
			 "spread texts among the two connections)");
	if (g->tls_name && !g->tls_ca)
		complain(r, place_of(node), "tls has \"name\" but no \"ca\": "
			 "anybody could claim that name (add ca: the PEM file of the authority)");
}

static void read_gateways(struct reader *r, const struct option *o, const struct yaml_node *node,
			  struct conf *conf)
{
	if (!list(r, o, node))
		return;
	for (const struct yaml_node *c = node->child; c; c = c->next) {
		struct conf_gateway *g = &conf->gateway[conf->ngateways++];

		read_section(r, o->sub, o->name, c, place_of(c), (char *)g);
		check_gateway(r, c, conf, g);
	}
}

/* at: where to point when it is missing. */
static void read_option(struct reader *r, const struct option *o, const struct yaml_node *node,
			struct place at, char *base)
{
	struct str value = str_z(o->fallback);

	if (o->kind == SECTION) {
		read_section(r, o->sub, o->name, node, node ? place_of(node) : at, base);
	} else if (!node && o->required) {
		complain(r, at, "\"%s\" is missing (%s)", o->name, o->about);
	} else if (!node) {
		if (o->fallback)
			store(r, o, at, value, base);
	} else if (o->kind == PORTS) {
		read_ports(r, o, node, (struct conf *)base);
	} else if (o->kind == GATEWAYS) {
		read_gateways(r, o, node, (struct conf *)base);
	} else if (o->kind == TLS && node->kind == YAML_MAPPING) {
		*(bool *)(base + o->offset) = true;
		read_section(r, o->sub, o->name, node, place_of(node), base);
	} else if (scalar(r, o->name, node, &value)) {
		store(r, o, place_of(node), value, base);
	}
}

static int read_file(const char *file, struct buf *out, struct err *err)
{
	FILE *in = fopen(file, "re");
	size_t n = 1;

	if (!in)
		return err_set(err, ERR_INPUT,
			       "cannot read the configuration %s: %s (name another with --conf)",
			       file, strerror(errno));
	while (n > 0 && out->len <= YAML_SIZE_MAX) {
		buf_room(out, 8192);
		n = fread(out->ptr + out->len, 1, 8192, in);
		out->len += n;
	}
	bool bad = ferror(in);
	fclose(in);
	if (bad)
		return err_set(err, ERR_INPUT, "cannot read the configuration %s: %s", file,
			       strerror(errno));
	return 0;
}

int conf_read(const char *file, struct conf *out_r, FILE *errors, struct err *err)
{
	struct reader r = { .file = file, .errors = errors, .arena = arena_new() };
	struct buf content = { 0 };

	*out_r = (struct conf){ .arena = r.arena };
	if (read_file(file, &content, err) < 0) {
		buf_free(&content);
		conf_free(out_r);
		return -1;
	}
	struct yaml_node *root = yaml_parse(r.arena, buf_get(&content), yaml_problem, &r);
	buf_free(&content);
	if (root)
		read_section(&r, options, "the configuration", root, place_of(root), (char *)out_r);
	if (r.problems) {
		conf_free(out_r);
		return err_set(err, ERR_INPUT, "%u problem%s in %s (each is listed with its place)",
			       r.problems, r.problems == 1 ? "" : "s", file);
	}
	return 0;
}

void conf_free(struct conf *conf)
{
	arena_free(&conf->arena);
	*conf = (struct conf){ 0 };
}

static void print_type(const struct option *o, FILE *out)
{
	switch (o->kind) {
	case TEXT:
		fputs("text", out);
		break;
	case NUMBER:
		fprintf(out, "%ld..%ld", o->min, o->max);
		break;
	case SECONDS:
		fprintf(out, "%lds..%lds", o->min, o->max);
		break;
	case CHOICE:
	case LEVEL:
		fputs(o->choices, out);
		break;
	case PORTS:
	case GATEWAYS:
		fprintf(out, "list of %ld..%ld", o->min, o->max);
		break;
	case SECTION:
		fputs("mapping", out);
		break;
	case TLS:
		fputs("off or a mapping", out);
		break;
	}
}

static void print_options(const struct option *table, const char *prefix, FILE *out)
{
	for (const struct option *o = table; o->name; o++) {
		fprintf(out, "%s%s\t", prefix, o->name);
		print_type(o, out);
		const char *none = o->required ? "required" : "-";
		fprintf(out, "\t%s\t%s\n", o->fallback ? o->fallback : none, o->about);
		if (!o->sub)
			continue;
		char inner[128];
		snprintf(inner, sizeof(inner), "%s%s%s.", prefix, o->name,
			 o->kind == GATEWAYS ? "[]" : "");
		print_options(o->sub, inner, out);
	}
}

void conf_options(FILE *out)
{
	print_options(options, "", out);
}
