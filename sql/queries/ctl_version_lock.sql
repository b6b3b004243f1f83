-- One change of the versions at a time; readers go on.
LOCK TABLE hall.table_version IN SHARE ROW EXCLUSIVE MODE
