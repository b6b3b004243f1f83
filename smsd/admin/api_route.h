/* api_route - the API as one table: what can be asked, by whom, with what, and which statement does it.  Dispatch, checks
 * and the description that the API gives of itself all walk it. */
#pragma once
#include "admin/api_body.h"
#include "queries.h"

enum api_method { API_GET, API_POST, API_PATCH, API_METHODS };
enum { ROLE_CHANNEL = 1, ROLE_AUTHOR = 2, ROLE_APPROVER = 4, ROLE_VIEWER = 8, ROLE_ADMIN = 16 };	/* admin may all */
enum { ROUTE_VALUES = 2 };	/* {…} in a path */

enum api_does {
	DOES_QUERY,
	DOES_DESCRIBE,		/* needs no token, asks no database */
	DOES_UPLOAD,		/* a list of recipients, CSV or JSON */
	DOES_SUBMIT,		/* its texts are compiled first */
	DOES_PREVIEW,		/* messages are rendered, and their segments counted */
	DOES_TEST,		/* messages are rendered, to be sent to staff */
	DOES_EDIT,		/* its texts are compiled first, where people are on its list */
};

struct route {
	enum api_method method;
	const char *path;
	unsigned roles;
	enum api_does does;
	enum query query;	/* answers with one row: outcome, detail (JSON) */
	/* Where each parameter comes from: request token who action target body items, rate (the query's, or the door's), most
	 * (the query's, or enough), made (by the step before), port (of a test), path.0, body.NAME, query.NAME */
	const char *params;
	const struct api_field *body, *args;	/* of the JSON object; of the query string; NULL: there is none */
	const char *bulk;	/* the list that may stand in place of one object */
	size_t body_max;	/* octets */
	unsigned status;	/* when it went well */
	bool slow;		/* may take seconds: on a connection of its own */
	const char *about;
};

enum { BULK_MAX = 1000 };

/* NULL at the end. */
const struct route *route_at(unsigned i);

/* Finds path and method; value_r gets what stood for {…}, encoded.  NULL: route_methods says whether the path is known. */
const struct route *route_find(const char *path, enum api_method method, struct str value_r[ROUTE_VALUES]);

/* "GET, HEAD, POST, OPTIONS" of a path; false when there is no such path. */
bool route_methods(const char *path, char *out, size_t size);

const char *route_method_name(enum api_method method);

unsigned role_parse(struct str names);		/* separated by commas; what is none counts nothing */
void role_names(unsigned roles, const char *between, char *out, size_t size);

/* OpenAPI 3.0 of all of it. */
json_t *api_describe(void);
