-- A row a partitioned table: name, days made ahead, rows outside all days.
SELECT parent, days_ahead, stray_rows FROM hall.partition_status()
