/* smsctl - the control program: one table of commands, each a function of smsd/ctl/.
 * Exit status: 0 done, 1 refused or failed, 2 usage. */
#include <argp.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/conf.h"
#include "base/str.h"
#include "ctl/ctl.h"

#ifndef VERSION
#define VERSION "1.0"
#endif

static const struct command {
	const char *name, *usage, *about;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "audit", "[--since 24h]", "whether the books add up", audit_main },
	{ "blast", "new|preview|submit|approve|start|report|...", "one message to many", blast_main },
	{ "db", "install|upgrade|status|key FILE", "the database's schema; the key that seals",
	  db_main },
	{ "doctor", "[--conf FILE]", "what is wrong here, and the remedy", doctor_main },
	{ "evidence", "NUMBER [--order ID]", "what was asked before a charge, and answered",
	  evidence_main },
	{ "parked", "list|show ID|retry ID|drop ID", "texts that wait for a person", parked_main },
	{ "phone", "NUMBER [TEXT...]", "a handset on the simulated SMSC", phone_main },
	{ "remind", "list|try NAME", "reminders: when they run, what one would do", remind_main },
	{ "steer", "report|channels|staff", "what leading customers to e-channels brings", steer_main },
	{ "tables", "check|diff|apply|history|rollback|export|alias", "the command tables",
	  tables_main },
	{ "trace", "MSISDN [--since 24h]", "what happened with a subscriber", trace_main },
	{ "try", "NUMBER TEXT", "what a text would do, and why, doing nothing", try_main },
	{ "understand", "[FILE]", "how many of a file of texts are understood", understand_main },
	{ "unmatched", "[--since 24h] [--limit 50]", "texts that no command answered",
	  unmatched_main },
	{ "user", "add|list|revoke|rotate", "who may use the HTTP API, and for what", user_main },
};
enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static void usage(FILE *out)
{
	fputs("usage: smsctl COMMAND ...\n\n", out);
	for (unsigned i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s  %-46s  %s\n", commands[i].name, commands[i].usage,
			commands[i].about);
	fputs("\n  smsctl help COMMAND      its options\n"
	      "  smsctl help smsd.yaml    the options of the daemon's configuration\n"
	      "  smsctl --version\n\n"
	      "The hall that is meant: PGHOST, PGDATABASE, ... in the environment, else in the file that\n"
	      "SMSHALL_ENV names, var/env beside the checkout's build folder, or /etc/smshall/env.\n",
	      out);
}

static const struct command *find(const char *name)
{
	const struct command *near = NULL;
	unsigned best = 3;

	for (unsigned i = 0; i < COMMANDS; i++) {
		unsigned d = str_distance(str_z(name), str_z(commands[i].name), best);

		if (d == 0)
			return &commands[i];
		if (d < best) {
			best = d;
			near = &commands[i];
		}
	}
	if (near)
		fprintf(stderr, "smsctl: there is no command \"%s\" (did you mean \"%s\"?)\n", name,
			near->name);
	else
		fprintf(stderr, "smsctl: there is no command \"%s\" (smsctl help lists them)\n",
			name);
	return NULL;
}

/* The command sees itself as "smsctl NAME", for its messages. */
static int run(const char *name, int argc, char **argv)
{
	const struct command *command = find(name);
	char whole[64];

	if (!command)
		return CTL_USAGE;
	snprintf(whole, sizeof(whole), "smsctl %s", command->name);
	argv[0] = whole;
	return command->run(argc, argv);
}

static int help(int argc, char **argv)
{
	static char option[] = "--help";
	char *ask[] = { NULL, option, NULL };

	if (argc < 2) {
		usage(stdout);
		return CTL_DONE;
	}
	if (strcmp(argv[1], "smsd.yaml") == 0) {
		conf_options(stdout);
		return CTL_DONE;
	}
	return run(argv[1], 2, ask);
}

/* Chinese must come out whole even where nobody set a locale. */
static void locale_utf8(void)
{
	setlocale(LC_ALL, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

int main(int argc, char **argv)
{
	locale_utf8();
	argp_err_exit_status = CTL_USAGE;
	if (argc < 2) {
		usage(stderr);
		return CTL_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("smsctl " VERSION);
		return CTL_DONE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)
		return help(argc - 1, argv + 1);
	conf_env(argv[0]);
	return run(argv[1], argc - 1, argv + 1);
}
