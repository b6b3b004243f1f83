/* conf_test - smsd.yaml: what is read, defaults, the environment, every kind of mistake with its place;
 * and conf_env(). */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"

static char dir[] = "/tmp/conf_test.XXXXXX";
static char file[64];		/* DIR/smsd.yaml */
static char *said;		/* what conf_read() printed */
static struct conf conf;
static struct err err;

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
}

static int read_conf(const char *text)
{
	size_t size;

	write_file(file, text);
	free(said);
	FILE *errors = open_memstream(&said, &size);
	int result = conf_read(file, &conf, errors, &err);
	fclose(errors);
	return result;
}

/* Whether a line says "FILE:place: error: text…". */
static bool complained(const char *place, const char *text)
{
	char *wanted;
	bool there;

	ck_assert_int_gt(asprintf(&wanted, "%s:%s: error: %s", file, place, text), 0);
	there = strstr(said, wanted) != NULL;
	if (!there)
		fprintf(stderr, "wanted: %s\nsaid: %s\n", wanted, said);
	free(wanted);
	return there;
}

static unsigned lines(void)
{
	unsigned n = 0;

	for (const char *p = said; *p; p++)
		n += *p == '\n';
	return n;
}

static void refused(const char *text, const char *place, const char *complaint)
{
	ck_assert_int_eq(read_conf(text), -1);
	ck_assert_int_eq(err.class, ERR_INPUT);
	ck_assert_ptr_null(conf.arena);
	ck_assert(complained(place, complaint));
	ck_assert_uint_eq(lines(), 1);
}

#define LEAST "instance: a\nports: [\"10086\"]\ngateways: [{}]\ndatabase: {conninfo: dbname=hall}\nseal_key_file: k\n"

START_TEST(least_takes_the_defaults)
{
	ck_assert_int_eq(read_conf(LEAST), 0);
	ck_assert_str_eq(said, "");
	ck_assert_str_eq(conf.instance, "a");
	ck_assert_uint_eq(conf.nports, 1);
	ck_assert_str_eq(conf.port[0], "10086");
	ck_assert_uint_eq(conf.ngateways, 1);
	ck_assert_str_eq(conf.gateway[0].name, "main");
	ck_assert_str_eq(conf.gateway[0].host, "127.0.0.1");
	ck_assert_int_eq(conf.gateway[0].port, 13001);
	ck_assert_str_eq(conf.gateway[0].boxc_id, "smsd");
	ck_assert(!conf.gateway[0].tls);
	ck_assert_ptr_null(conf.gateway[0].tls_ca);
	ck_assert_str_eq(conf.db_conninfo, "dbname=hall");
	ck_assert_uint_eq(conf.db_connections, 1);
	ck_assert_uint_eq(conf.batch_max, 128);
	ck_assert_uint_eq(conf.in_flight_max, 100000);
	ck_assert_str_eq(conf.admin_listen, "127.0.0.1");
	ck_assert_int_eq(conf.admin_port, 13004);
	ck_assert_str_eq(conf.seal_key_file, "k");
	ck_assert_str_eq(conf.report_for, "changes");
	ck_assert_uint_eq(conf.drain_s, 10);
	ck_assert_int_eq(conf.log_level, LOG_L_INFO);
	conf_free(&conf);
	ck_assert_ptr_null(conf.arena);
}
END_TEST

START_TEST(all_is_read)
{
	ck_assert_int_eq(read_conf(
		"instance: hall2\n"
		"ports: ['10086', 1008601]\n"
		"gateways:\n"
		"  - {name: east, host: 10.0.0.1, port: 1, boxc_id: box, tls: {ca: /ca.pem, name: gw}}\n"
		"  - {name: west, port: \"65535\", tls: off}\n"
		"  - {name: plain, tls: {}}\n"
		"database: {conninfo: 'dbname=x password=a#b', connections: 16, batch_max: 1024}\n"
		"admin: {listen: '::1', port: 0}\n"
		"limits: {in_flight: 5}\n"
		"seal_key_file: /etc/k\nreports: none\ndrain: 2m\nlog_level: debug\n"), 0);
	ck_assert_uint_eq(conf.nports, 2);
	ck_assert_str_eq(conf.port[1], "1008601");
	ck_assert_uint_eq(conf.ngateways, 3);
	ck_assert_str_eq(conf.gateway[0].name, "east");
	ck_assert_str_eq(conf.gateway[0].host, "10.0.0.1");
	ck_assert_str_eq(conf.gateway[0].boxc_id, "box");
	ck_assert(conf.gateway[0].tls);
	ck_assert_str_eq(conf.gateway[0].tls_ca, "/ca.pem");
	ck_assert_str_eq(conf.gateway[0].tls_name, "gw");
	ck_assert_int_eq(conf.gateway[1].port, 65535);
	ck_assert(!conf.gateway[1].tls);
	ck_assert(conf.gateway[2].tls);
	ck_assert_ptr_null(conf.gateway[2].tls_ca);
	ck_assert_str_eq(conf.db_conninfo, "dbname=x password=a#b");
	ck_assert_uint_eq(conf.db_connections, 16);
	ck_assert_uint_eq(conf.batch_max, 1024);
	ck_assert_str_eq(conf.admin_listen, "::1");
	ck_assert_int_eq(conf.admin_port, 0);
	ck_assert_uint_eq(conf.in_flight_max, 5);
	ck_assert_str_eq(conf.report_for, "none");
	ck_assert_uint_eq(conf.drain_s, 120);
	ck_assert_int_eq(conf.log_level, LOG_L_DEBUG);
	conf_free(&conf);
}
END_TEST

START_TEST(environment_is_put_in)
{
	setenv("CONF_TEST_A", "in", 1);
	setenv("CONF_TEST_EMPTY", "", 1);
	setenv("CONF_TEST_SIGNS", "${CONF_TEST_A} #: [", 1);
	unsetenv("CONF_TEST_NONE");
	ck_assert_int_eq(read_conf("instance: a-${CONF_TEST_A}-${CONF_TEST_NONE:-b}-${CONF_TEST_EMPTY:-c}$d\n"
				   "ports: ['${CONF_TEST_NONE:-123}']\n"
				   "gateways: [{port: '${CONF_TEST_NONE:-7}', host: \"${CONF_TEST_NONE:-h:-x}\"}]\n"
				   "database: {conninfo: \"${CONF_TEST_SIGNS}\"}\nseal_key_file: k${CONF_TEST_EMPTY}\n"), 0);
	ck_assert_str_eq(conf.instance, "a-in-b-c$d");
	ck_assert_str_eq(conf.port[0], "123");
	ck_assert_int_eq(conf.gateway[0].port, 7);
	ck_assert_str_eq(conf.gateway[0].host, "h:-x");
	ck_assert_str_eq(conf.db_conninfo, "${CONF_TEST_A} #: [");
	ck_assert_str_eq(conf.seal_key_file, "k");
	conf_free(&conf);
}
END_TEST

START_TEST(environment_mistakes_have_their_place)
{
	unsetenv("CONF_TEST_NONE");
	refused(LEAST "log_level: x${CONF_TEST_NONE}\n", "6:13", "the environment has no CONF_TEST_NONE (");
	refused(LEAST "log_level: '${CONF_TEST_NONE'\n", "6:13", "\"${\" is never closed");
	refused(LEAST "log_level: \"${1}\"\n", "6:13", "\"${1}\" is not understood");
	refused(LEAST "log_level: \"${CONF_TEST_NONE:?no}\"\n", "6:13", "\"${CONF_TEST_NONE:?no}\" is not understood");
	refused(LEAST "log_level: \"${}\"\n", "6:13", "\"${}\" is not understood");
}
END_TEST

START_TEST(every_mistake_is_told_at_once)
{
	ck_assert_int_eq(read_conf("instanse: a\n"
				   "ports: [10086, abc, '10086', 123456789012345678901]\n"
				   "gateways:\n"
				   "  - {prot: 1, port: 65536}\n"
				   "  - {tls: {name: x}, nonsense: 1}\n"
				   "database: {connections: 0, batch_max: many}\n"
				   "admin: off\n"
				   "reports: some\n"
				   "drain: 10\n"
				   "log_level:\n"), -1);
	ck_assert(complained("1:1", "unknown key \"instanse\" (did you mean \"instance\"?)"));
	ck_assert(complained("1:1", "\"instance\" is missing (name of this smsd"));
	ck_assert(complained("1:1", "\"seal_key_file\" is missing ("));
	ck_assert(complained("2:16", "\"abc\" is no short code"));
	ck_assert(complained("2:21", "\"10086\" stands here twice"));
	ck_assert(complained("2:30", "\"123456789012345678901\" is no short code"));
	ck_assert(complained("4:6", "unknown key \"prot\" (did you mean \"port\"?)"));
	ck_assert(complained("4:21", "\"port\" is \"65536\" (write a whole number from 1 to 65535)"));
	ck_assert(complained("5:22", "unknown key \"nonsense\" (here belong: name, host, port, boxc_id, bulk_boxc_id, tls)"));
	ck_assert(complained("5:5", "tls has \"name\" but no \"ca\""));
	ck_assert(complained("5:5", "two gateways have the name \"main\""));
	ck_assert(complained("6:11", "\"conninfo\" is missing (libpq connection string"));
	ck_assert(complained("6:25", "\"connections\" is \"0\" (write a whole number from 1 to 16)"));
	ck_assert(complained("6:39", "\"batch_max\" is \"many\""));
	ck_assert(complained("7:8", "\"admin\" is a text, not a mapping (write admin: {listen: "));
	ck_assert(complained("8:10", "\"reports\" is \"some\" (write one of none|changes|all)"));
	ck_assert(complained("9:8", "\"drain\" is \"10\" (write a duration"));
	ck_assert(strstr(said, "\"log_level\" has no value"));
	ck_assert_uint_eq(lines(), 18);
	ck_assert_ptr_nonnull(strstr(err.text, "18 problems in "));
}
END_TEST

START_TEST(shapes_are_checked)
{
	refused("instance: a\nports: 10086\ngateways: [{}]\ndatabase: {conninfo: d}\nseal_key_file: k\n", "2:8",
		"\"ports\" is a text, not a list (");
	refused("instance: a\nports: []\ngateways: [{}]\ndatabase: {conninfo: d}\nseal_key_file: k\n", "2:8",
		"\"ports\" has 0 entries (give 1 to 64)");
	refused("instance: a\nports: [1]\ngateways: {host: h}\ndatabase: {conninfo: d}\nseal_key_file: k\n", "3:11",
		"\"gateways\" is a mapping, not a list (");
	refused("instance: a\nports: [1]\ngateways: [main]\ndatabase: {conninfo: d}\nseal_key_file: k\n", "3:12",
		"\"gateways\" is a text, not a mapping (");
	refused("instance: [a]\nports: [1]\ngateways: [{}]\ndatabase: {conninfo: d}\nseal_key_file: k\n", "1:11",
		"\"instance\" is a list, not a single value");
	refused("instance: ''\nports: [1]\ngateways: [{}]\ndatabase: {conninfo: d}\nseal_key_file: k\n", "1:11",
		"\"instance\" is empty (name of this smsd");
	refused(LEAST "drain: 2h\n", "6:8", "\"drain\" is \"2h\"");
	refused(LEAST "drain: -1s\n", "6:8", "\"drain\" is \"-1s\"");
	refused(LEAST "admin: {port: 99999999999999999999}\n", "6:15", "\"port\" is \"99999999999999999999\"");
	refused(LEAST "log_level: Info\n", "6:12", "\"log_level\" is \"Info\" (write one of error|warn|info|debug)");
	refused("- a\n", "1:1", "\"the configuration\" is a list, not a mapping");
}
END_TEST

START_TEST(too_many_gateways)
{
	char text[2048] = "instance: a\nports: [1]\ndatabase: {conninfo: d}\nseal_key_file: k\ngateways:\n";
	size_t n = strlen(text);

	for (int i = 0; i < CONF_GATEWAYS_MAX; i++)
		n += snprintf(text + n, sizeof(text) - n, "  - {name: g%d}\n", i);
	ck_assert_int_eq(read_conf(text), 0);
	ck_assert_uint_eq(conf.ngateways, CONF_GATEWAYS_MAX);
	conf_free(&conf);
	snprintf(text + n, sizeof(text) - n, "  - {name: more}\n");
	refused(text, "6:3", "\"gateways\" has 17 entries (give 1 to 16)");
}
END_TEST

START_TEST(what_is_no_yaml)
{
	ck_assert_int_eq(read_conf("instance: a\n  ports: [\n"), -1);
	ck_assert_ptr_nonnull(strstr(said, "smsd.yaml:2:"));
	ck_assert_int_eq(read_conf(""), -1);
	ck_assert(complained("1:1", "\"instance\" is missing"));
	unlink(file);
	ck_assert_int_eq(conf_read(file, &conf, stderr, &err), -1);
	ck_assert_int_eq(err.class, ERR_INPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "No such file"));
	ck_assert_int_eq(conf_read(dir, &conf, stderr, &err), -1);
	ck_assert_int_eq(err.class, ERR_INPUT);
}
END_TEST

START_TEST(options_are_listed)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	conf_options(out);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "instance\ttext\trequired\t"));
	ck_assert_ptr_nonnull(strstr(text, "\ngateways[].tls.ca\ttext\t-\t"));
	ck_assert_ptr_nonnull(strstr(text, "\ndatabase.connections\t1..16\t1\t"));
	ck_assert_ptr_nonnull(strstr(text, "\ndrain\t0s..3600s\t10s\t"));
	ck_assert_ptr_nonnull(strstr(text, "\nlog_level\terror|warn|info|debug\tinfo\t"));
	free(text);
}
END_TEST

static void value_is(const char *name, const char *value)
{
	ck_assert_ptr_nonnull(getenv(name));
	ck_assert_str_eq(getenv(name), value);
	unsetenv(name);
}

START_TEST(env_file)
{
	setenv("E_KEPT", "before", 1);
	setenv("SMSHALL_ENV", file, 1);
	write_file(file,
		   "# a comment\n\n"
		   "E_PLAIN=a\n"
		   "  export E_SPACES='a  b # c'  # a comment\n"
		   "E_DOUBLE=\"a \\\"b\\\" \\$c \\n\"\n"
		   "E_JOINED=a'b'\"c\"\\ d e\n"
		   "E_EMPTY=\n"
		   "E_KEPT=after\n"
		   "E_CR=x\r\n"
		   "1E=x\nnonsense\nE_OPEN='x\n"
		   "E_LAST=z");
	conf_env("smsctl");
	value_is("E_PLAIN", "a");
	value_is("E_SPACES", "a  b # c");
	value_is("E_DOUBLE", "a \"b\" $c \\n");
	value_is("E_JOINED", "abc d");
	value_is("E_EMPTY", "");
	value_is("E_KEPT", "before");
	value_is("E_CR", "x");
	value_is("E_LAST", "z");
	ck_assert_ptr_null(getenv("1E"));
	ck_assert_ptr_null(getenv("E_OPEN"));
}
END_TEST

START_TEST(env_file_in_the_working_folder)
{
	unsetenv("SMSHALL_ENV");
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(mkdir("var", 0755), 0);
	write_file("var/env", "E_HERE=1\n");
	conf_env("smsctl");
	value_is("E_HERE", "1");
	if (geteuid() == 0) {
		/* Somebody else's, found by chance, must not decide which database is meant. */
		ck_assert_int_eq(chown("var/env", 12345, 12345), 0);
		conf_env("smsctl");
		ck_assert_ptr_null(getenv("E_HERE"));
	}
	unlink("var/env");
	rmdir("var");
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("conf");
	Suite *suite = suite_create("conf");

	if (!mkdtemp(dir))
		return 1;
	snprintf(file, sizeof(file), "%s/smsd.yaml", dir);
	log_level_set(LOG_L_ERROR);
	tcase_add_test(tc, least_takes_the_defaults);
	tcase_add_test(tc, all_is_read);
	tcase_add_test(tc, environment_is_put_in);
	tcase_add_test(tc, environment_mistakes_have_their_place);
	tcase_add_test(tc, every_mistake_is_told_at_once);
	tcase_add_test(tc, shapes_are_checked);
	tcase_add_test(tc, too_many_gateways);
	tcase_add_test(tc, what_is_no_yaml);
	tcase_add_test(tc, options_are_listed);
	tcase_add_test(tc, env_file);
	tcase_add_test(tc, env_file_in_the_working_folder);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	unlink(file);
	rmdir(dir);
	free(said);
	return failed ? 1 : 0;
}
