/* many - see many.h. */
#include "flow/many.h"

#include <stdlib.h>
#include <string.h>

void many_begin(struct array *array, const struct command *command)
{
	for (unsigned k = 0; k < command->nparams; k++)
		array_begin(&array[k], ARRAY_TEXT);
}

void many_add(struct array *array, const struct command *command, const char *const *value)
{
	for (unsigned k = 0; k < command->nparams; k++)
		array_text(&array[k], value[k] ? str_z(value[k]) : (struct str){ 0 });
}

void many_params(struct array *array, const struct command *command, struct db_params *params)
{
	for (unsigned k = 0; k < command->nparams; k++)
		array_param(&array[k], params);
}

static bool copy_row(PGresult *to, const PGresult *from, int row)
{
	int n = PQntuples(to);

	for (int col = 0; col < PQnfields(from); col++) {
		bool null = PQgetisnull(from, row, col);

		if (!PQsetvalue(to, n, col, null ? NULL : PQgetvalue(from, row, col), null ? -1 : PQgetlength(from, row, col)))
			return false;
	}
	return true;
}

bool many_split(const PGresult *res, unsigned n, PGresult **part)
{
	int whose = PQnfields(res) - 1;

	memset(part, 0, n * sizeof(*part));
	for (unsigned i = 0; i < n; i++)
		if (!(part[i] = PQcopyResult(res, PG_COPYRES_ATTRS)))
			return false;
	for (int row = 0; row < PQntuples(res); row++) {
		unsigned long of = strtoul(PQgetvalue(res, row, whose), NULL, 10);

		if (of < 1 || of > n || !copy_row(part[of - 1], res, row))
			return false;
	}
	return true;
}
