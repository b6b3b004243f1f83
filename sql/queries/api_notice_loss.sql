-- What we gave up is given up by the server too.
SET client_connection_check_interval = '1s'
