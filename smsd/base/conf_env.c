/* conf_env - conf_env() of conf.h: shell assignments from a file into the environment. */
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"

static const char name_characters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

/* One shell word: 'as it is', "with \" escapes", or bare up to a space; they may follow each other.
 * False when a quote is never closed. */
static bool unquote(const char *p, struct buf *out)
{
	char quote = '\0';

	for (; *p; p++) {
		if (!quote && (*p == ' ' || *p == '\t'))
			break;
		if (*p == '\\' && quote != '\'' && p[1] && (!quote || strchr("\\\"$`", p[1])))
			buf_char(out, *++p);
		else if (quote ? *p == quote : *p == '\'' || *p == '"')
			quote = quote ? '\0' : *p;
		else
			buf_char(out, *p);
	}
	return !quote;
}

static void assign(const char *file, unsigned number, char *line)
{
	struct buf value = { 0 };

	line[strcspn(line, "\r\n")] = '\0';
	line += strspn(line, " \t");
	if (strncmp(line, "export ", 7) == 0)
		line += 7 + strspn(line + 7, " \t");
	size_t n = strspn(line, name_characters);
	if (*line == '\0' || *line == '#')
		return;
	if (n == 0 || (*line >= '0' && *line <= '9') || line[n] != '=' ||
	    !unquote(line + n + 1, &value)) {
		log_warn("env_line", "file=%s line=%u note=\"not NAME=value, left out\"", file,
			 number);
	} else {
		line[n] = '\0';
		setenv(line, buf_cstr(&value), 0);
	}
	buf_free(&value);
}

/* Whether the file was there.  One found by chance in the working folder counts only when it is our
 * own or root's: whoever writes it decides which database we talk to. */
static bool read_env(const char *file, bool by_chance)
{
	FILE *in = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;
	struct stat st;

	if (!in)
		return false;
	if (by_chance &&
	    (fstat(fileno(in), &st) < 0 || (st.st_uid != geteuid() && st.st_uid != 0))) {
		fclose(in);
		return false;
	}
	for (unsigned number = 1; getline(&line, &size, in) >= 0; number++)
		assign(file, number, line);
	free(line);
	fclose(in);
	return true;
}

void conf_env(const char *argv0)
{
	const char *told = getenv("SMSHALL_ENV");
	char self[PATH_MAX], beside[PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (told) {
		if (*told && !read_env(told, false))
			log_warn("env_file",
				 "file=%s note=\"SMSHALL_ENV names it, but it cannot be read\"",
				 told);
		return;
	}
	if (n > 0)
		self[n] = '\0';
	else
		snprintf(self, sizeof(self), "%s", argv0);
	snprintf(beside, sizeof(beside), "%s/../var/env", dirname(self));
	if (!read_env(beside, false) && !read_env("./var/env", true))
		read_env("/etc/smshall/env", false);
}
