/* sqlfile - see sqlfile.h. */
#include "ctl/sqlfile.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>

static const struct {
	enum sqlfile_kind kind;
	const char *pattern;
} parts[] = {
	{ SQLFILE_ROLES, "roles.sql" },
	{ SQLFILE_SCHEMA, "schema/*.sql" },
	{ SQLFILE_FUNCTION, "functions/*.sql" },
	{ SQLFILE_SEED, "seed/*.sql" },
};
enum { PARTS = sizeof(parts) / sizeof(*parts) };

static int read_file(struct arena *arena, struct sqlfile *file, struct err *err)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	FILE *in = fopen(file->path, "re");
	struct buf content = { 0 };
	size_t n = 1;

	while (in && n > 0) {
		buf_room(&content, 65536);
		n = fread(content.ptr + content.len, 1, 65536, in);
		content.len += n;
	}
	bool bad = !in || ferror(in);
	int why = errno;
	if (in)
		fclose(in);
	if (!bad) {
		file->content = arena_z(arena, buf_get(&content));
		crypto_hash_sha256(hash, (const unsigned char *)file->content, content.len);
		sodium_bin2hex(file->checksum, sizeof(file->checksum), hash, sizeof(hash));
	}
	bool nul = !bad && memchr(file->content, '\0', content.len);
	buf_free(&content);
	if (bad)
		return err_set(err, ERR_INPUT, "cannot read %s: %s", file->path, strerror(why));
	if (nul)
		return err_set(err, ERR_INPUT, "%s is no text: it holds a NUL octet", file->path);
	return 0;
}

static bool wanted(const char *name)
{
	return strcmp(name, "seed/bench.sql") != 0;
}

static void add(struct arena *arena, const char *dir, enum sqlfile_kind kind, const glob_t *found,
		struct sqlfile *file, unsigned *n)
{
	for (size_t i = 0; i < found->gl_pathc; i++) {
		const char *path = found->gl_pathv[i];
		const char *name = path + strlen(dir) + 1;

		if (!wanted(name))
			continue;
		file[*n].kind = kind;
		file[*n].path = arena_z(arena, str_z(path));
		file[*n].name = file[*n].path + strlen(dir) + 1;
		++*n;
	}
}

/* Two developers who took the same number would get different databases. */
static int check(const char *dir, const struct sqlfile *file, unsigned n, struct err *err)
{
	unsigned schema = 0;

	for (unsigned i = 0; i < n; i++) {
		const char *name = file[i].name;
		size_t digits = strspn(name + strlen("schema/"), "0123456789") + strlen("schema/");

		if (file[i].kind != SQLFILE_SCHEMA)
			continue;
		schema++;
		if (digits == strlen("schema/"))
			return err_set(err, ERR_INPUT, "%s has no number (name it as 012-what.sql)",
				       file[i].path);
		if (i && file[i - 1].kind == SQLFILE_SCHEMA &&
		    strncmp(file[i - 1].name, name, digits) == 0)
			return err_set(
				err, ERR_INPUT,
				"%s and %s have the same number (give the newer one the next)",
				file[i - 1].path, file[i].path);
	}
	if (!schema)
		return err_set(err, ERR_INPUT,
			       "%s holds no schema/*.sql (name the folder with --sql)", dir);
	return 0;
}

int sqlfile_list(struct arena *arena, const char *dir, struct sqlfile **file_r, unsigned *n_r,
		 struct err *err)
{
	glob_t found[PARTS] = { 0 };
	size_t total = 0;

	for (unsigned i = 0; i < PARTS; i++) {
		if (glob(arena_printf(arena, "%s/%s", dir, parts[i].pattern).ptr, 0, NULL,
			 &found[i]) != 0)
			found[i].gl_pathc = 0;
		total += found[i].gl_pathc;
	}
	*file_r = arena_alloc(arena, total * sizeof(**file_r));
	*n_r = 0;
	for (unsigned i = 0; i < PARTS; i++) {
		add(arena, dir, parts[i].kind, &found[i], *file_r, n_r);
		globfree(&found[i]);
	}
	for (unsigned i = 0; i < *n_r; i++)
		if (read_file(arena, &(*file_r)[i], err) < 0)
			return -1;
	return check(dir, *file_r, *n_r, err);
}

unsigned sqlfile_line(const char *content, unsigned character)
{
	unsigned line = 1, n = 0;

	for (; *content; content++) {
		if (((unsigned char)*content & 0xc0) != 0x80 && ++n >= character)
			break;
		line += *content == '\n';
	}
	return line;
}

/* Behind the quoted thing that begins at p: 'a', "a", and E'a' where backslash hides a quote. */
static const char *skip_quoted(const char *p, bool backslash)
{
	char quote = *p++;

	while (*p && *p != quote)
		p += backslash && *p == '\\' && p[1] ? 2 : 1;
	return *p ? p + 1 : p;
}

/* Behind $tag$…$tag$; just behind the $ when it begins none. */
static const char *skip_dollar(const char *p)
{
	size_t n = 1 + strcspn(p + 1, "$ \t\n;'\"()");
	char tag[72];

	if (p[n] != '$' || n + 1 >= sizeof(tag) || isdigit((unsigned char)p[1]))
		return p + 1;
	snprintf(tag, sizeof(tag), "%.*s", (int)n + 1, p);
	const char *end = strstr(p + n + 1, tag);
	return end ? end + n + 1 : p + strlen(p);
}

/* Behind a comment, which may nest; p itself when there is none. */
static const char *skip_comment(const char *p)
{
	unsigned depth = 0;

	if (strncmp(p, "--", 2) == 0)
		return p + strcspn(p, "\n");
	while (*p && (depth || strncmp(p, "/*", 2) == 0)) {
		if (strncmp(p, "/*", 2) == 0)
			depth++, p += 2;
		else if (strncmp(p, "*/", 2) == 0)
			depth--, p += 2;
		else
			p++;
		if (!depth)
			break;
	}
	return p;
}

/* Behind the ; that ends the statement at p. */
static const char *skip_statement(const char *p)
{
	const char *begin = p;

	while (*p && *p != ';') {
		const char *behind = skip_comment(p);

		if (behind != p)
			p = behind;
		else if (*p == '\'' || *p == '"')
			p = skip_quoted(p, p > begin && toupper((unsigned char)p[-1]) == 'E');
		else if (*p == '$')
			p = skip_dollar(p);
		else
			p++;
	}
	return *p ? p + 1 : p;
}

static const char *skip_blank(const char *p)
{
	for (;;) {
		const char *behind =
			isspace((unsigned char)*p) || *p == ';' ? p + 1 : skip_comment(p);

		if (behind == p)
			return p;
		p = behind;
	}
}

unsigned sqlfile_statement_line(const char *content, unsigned done)
{
	const char *p = skip_blank(content);
	unsigned line = 1;

	for (; done && *p; done--)
		p = skip_blank(skip_statement(p));
	for (const char *q = content; q < p; q++)
		line += *q == '\n';
	return line;
}
