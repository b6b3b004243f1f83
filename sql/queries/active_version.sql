SELECT id FROM hall.table_version WHERE state = 'active'
