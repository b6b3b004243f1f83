-- The server and the database, as the daemon needs them.
SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_database(),
       current_setting('server_encoding'), d.datcollate, d.datctype, pg_is_in_recovery(),
       current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
       pg_size_bytes(current_setting('shared_buffers')) / 1048576, pg_size_bytes(current_setting('max_wal_size')) / 1048576
FROM pg_database AS d WHERE d.datname = current_database()
