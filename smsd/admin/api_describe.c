/* api_describe - api_describe() of api_route.h: the route table as OpenAPI 3.0, for programs and people. */
#include <stdio.h>

#include "admin/api_route.h"

static json_t *schema_of(const struct api_field *fields);

static void put(json_t *object, const char *key, const char *value)
{
	json_object_set_new(object, key, json_string(value));
}

static void put_int(json_t *object, const char *key, long value)
{
	json_object_set_new(object, key, json_integer(value));
}

static json_t *choices_of(const char *choices)
{
	json_t *list = json_array();

	for (const char *p = choices; p && *p;) {
		size_t n = strcspn(p, "|");

		json_array_append_new(list, json_stringn(p, n));
		p += n + (p[n] == '|');
	}
	return list;
}

static json_t *field_schema(const struct api_field *f)
{
	static const char *const type[] = {
		[API_TEXT] = "string", [API_NAME] = "string", [API_INT] = "integer", [API_NUMBER] = "number", [API_BOOL] = "boolean",
		[API_TIME] = "string", [API_MSISDN] = "string", [API_OBJECT] = "object", [API_LIST] = "array",
		[API_MAP] = "object",
	};
	json_t *schema = f->kind == API_OBJECT && f->sub ? schema_of(f->sub) : json_object();

	put(schema, "type", type[f->kind]);
	if (f->about)
		put(schema, "description", f->about);
	if (f->choices)
		json_object_set_new(schema, "enum", choices_of(f->choices));
	if (f->kind == API_TIME)
		put(schema, "format", "date-time");
	if (f->kind == API_NAME)
		put(schema, "pattern", "^[A-Za-z0-9._-]+$");
	if ((f->kind == API_TEXT || f->kind == API_NAME) && f->max) {
		put_int(schema, "minLength", f->min);
		put_int(schema, "maxLength", f->max);
	}
	if (f->kind == API_INT || f->kind == API_NUMBER) {
		put_int(schema, "minimum", f->min);
		put_int(schema, "maximum", f->max);
	}
	if (f->kind == API_LIST) {
		json_object_set_new(schema, "items", f->sub ? schema_of(f->sub) : json_pack("{s:s}", "type", "string"));
		put_int(schema, "minItems", f->min);
		put_int(schema, "maxItems", f->max);
	}
	if (f->kind == API_MAP)
		json_object_set_new(schema, "additionalProperties", json_pack("{s:s}", "type", "string"));
	return schema;
}

static json_t *schema_of(const struct api_field *fields)
{
	json_t *schema = json_pack("{s:s, s:b, s:{}}", "type", "object", "additionalProperties", 0, "properties");
	json_t *required = json_array();

	for (const struct api_field *f = fields; f->name; f++) {
		json_object_set_new(json_object_get(schema, "properties"), f->name, field_schema(f));
		if (f->required)
			json_array_append_new(required, json_string(f->name));
	}
	if (json_array_size(required))
		json_object_set(schema, "required", required);
	json_decref(required);
	return schema;
}

static json_t *body_schema(const struct route *route)
{
	json_t *one = schema_of(route->body);

	if (!route->bulk)
		return one;
	json_t *many = json_pack("{s:s, s:b, s:[s], s:{s:{s:s, s:O, s:i, s:i}, s:{s:s, s:s}}}", "type", "object",
				 "additionalProperties", 0, "required", route->bulk, "properties", route->bulk, "type", "array",
				 "items", one, "minItems", 1, "maxItems", (int)BULK_MAX, "atomic", "type", "boolean", "description",
				 "all or nothing; else the good ones are kept and the bad ones named");
	return json_pack("{s:[o, o]}", "oneOf", one, many);
}

static void add_parameter(json_t *list, const char *in, const char *name, size_t len, bool required, json_t *schema)
{
	json_array_append_new(list, json_pack("{s:s, s:s%, s:b, s:o}", "in", in, "name", name, len, "required", (int)required,
					      "schema", schema));
}

static json_t *parameters_of(const struct route *route)
{
	json_t *list = json_array();

	for (const char *p = strchr(route->path, '{'); p; p = strchr(p + 1, '{'))
		add_parameter(list, "path", p + 1, strcspn(p + 1, "}"), true, json_pack("{s:s}", "type", "string"));
	for (const struct api_field *f = route->args; f && f->name; f++)
		add_parameter(list, "query", f->name, strlen(f->name), f->required, field_schema(f));
	return list;
}

static void add_response(json_t *responses, unsigned status, const char *about, bool error)
{
	char code[8];
	json_t *response = json_pack("{s:s}", "description", about);

	snprintf(code, sizeof(code), "%u", status);
	if (error)
		json_object_set_new(response, "content",
				    json_pack("{s:{s:{s:s}}}", "application/json", "schema", "$ref", "#/components/schemas/error"));
	json_object_set_new(responses, code, response);
}

static json_t *responses_of(const struct route *route)
{
	json_t *responses = json_object();

	add_response(responses, route->status, "done", false);
	if (!route->roles)
		return responses;
	if (route->method != API_GET || route->args)
		add_response(responses, 400, "malformed: nothing was changed", true);
	add_response(responses, 401, "no token, or one that counts no more", true);
	add_response(responses, 403, "the token has another role", true);
	if (strchr(route->path, '{'))
		add_response(responses, 404, "there is no such thing", true);
	if (route->method != API_GET) {
		add_response(responses, 409, "it is in a state in which this cannot be done", true);
		add_response(responses, 411, "a body without its length", true);
		add_response(responses, 413, "too large", true);
		add_response(responses, 415, "of another content type", true);
	}
	add_response(responses, 429, "too many wrong tokens from this address: see Retry-After", true);
	add_response(responses, 503, "not now: see Retry-After", true);
	return responses;
}

static json_t *operation_of(const struct route *route)
{
	json_t *operation = json_pack("{s:s, s:o, s:o}", "summary", route->about, "parameters", parameters_of(route),
				      "responses", responses_of(route));

	if (route->roles) {
		char roles[80];

		role_names(route->roles | ROLE_ADMIN, " or ", roles, sizeof(roles));
		json_object_set_new(operation, "security", json_pack("[{s:[]}]", "token"));
		json_object_set_new(operation, "description", json_sprintf("needs the role %s", roles));
	}
	if (route->body) {
		json_t *content = json_pack("{s:{s:o}}", "application/json", "schema", body_schema(route));

		if (route->does == DOES_UPLOAD)
			json_object_set_new(content, "text/csv", json_pack("{s:{s:s}}", "schema", "type", "string"));
		json_object_set_new(operation, "requestBody", json_pack("{s:o}", "content", content));
	}
	return operation;
}

json_t *api_describe(void)
{
	json_t *paths = json_object();
	const struct route *route;

	for (unsigned i = 0; (route = route_at(i)) != NULL; i++) {
		static const char *const method[API_METHODS] = { "get", "post", "patch" };
		json_t *path = json_object_get(paths, route->path);

		if (!path) {
			path = json_object();
			json_object_set_new(paths, route->path, path);
		}
		json_object_set_new(path, method[route->method], operation_of(route));
	}
	return json_pack("{s:s, s:{s:s, s:s, s:s}, s:o, s:{s:{s:{s:s, s:s}}, s:{s:o}}}", "openapi", "3.0.3", "info", "title",
			 "SMS business hall", "version", "1", "description",
			 "Triggers and contacts of other channels, and blasts. Every answer has an X-Request-Id; every refusal is "
			 "{\"error\": {code, message, field, remedy}} and changes nothing.",
			 "paths", paths, "components", "securitySchemes", "token", "type", "http", "scheme", "bearer", "schemas",
			 "error",
			 json_pack("{s:s, s:{s:{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}}}}", "type", "object", "properties",
				   "error", "type", "object", "properties", "code", "type", "string", "message", "type", "string",
				   "field", "type", "string", "remedy", "type", "string"));
}
