/* tables_dir - tables from a folder of *.yaml files. */
#pragma once
#include "table/tables.h"

/* As tables_parse(), of all *.yaml in the folder by name; what cannot be read is a problem. */
struct tables *tables_parse_dir(const char *dir, struct problems *problems);
