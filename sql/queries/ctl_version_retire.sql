UPDATE hall.table_version SET state = 'retired', retired_at = now() WHERE state = 'active'
